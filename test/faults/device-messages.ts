/** What the run and a process with SDK clients tell each other. */

/** One SDK client with a storage of its own. */
export interface DeviceOptions {
  readonly name: string;
  readonly userId: string;
  /** Where it stores everything. */
  readonly file: string;
  /** Of all nodes; each request and each socket takes one of them, as behind a load balancer. */
  readonly urls: readonly string[];
  /** Seed of what it chooses. */
  readonly seed: number;
}

/**
 * At which moment a process kills itself:
 * - `stored`: its next commit with a position is on the disk, and nobody was told;
 * - `lost`: its next commit has begun, and never comes to the disk.
 */
export type Doom = 'stored' | 'lost';

export type Order =
  | { readonly do: 'open'; readonly device: DeviceOptions }
  | { readonly do: 'send'; readonly device: string; readonly roomId: string; readonly text: string }
  | { readonly do: 'react'; readonly device: string; readonly roomId: string; readonly emoji: string }
  /** Whoever asked with that number may go on. */
  | { readonly do: 'go on'; readonly ask: number }
  | { readonly do: 'die'; readonly at: Doom }
  /** The network has come back. */
  | { readonly do: 'reconnect' }
  | { readonly do: 'close'; readonly device: string };

/** What is on the disk of a device, in short. */
export interface DeviceState {
  readonly status: string;
  /** Why it is offline. */
  readonly error: string | null;
  /** The last number of each room, by its id. */
  readonly heads: Readonly<Record<string, number>>;
  /** Messages and reactions that are not in a timeline yet, without those that failed. */
  readonly waiting: number;
}

/** A message as `RoomHandle.messages` shows it. */
export interface ShownMessage {
  /** Null where it is in the outbox. */
  readonly id: string | null;
  readonly text: string | null;
  readonly version: number;
  readonly status: string;
}

export type Shown = Readonly<Record<string, readonly ShownMessage[]>>;

export type Report = { readonly device: string } & (
  | { readonly tell: 'state'; readonly state: DeviceState }
  /** A message is about to be sent, perhaps again. It waits for `go on`. */
  | {
      readonly tell: 'sending';
      readonly ask: number;
      readonly roomId: string;
      readonly key: string;
      readonly text: string;
    }
  /** What became of an attempt; `code` where it was refused or got no answer. */
  | {
      readonly tell: 'answered';
      readonly roomId: string;
      readonly key: string;
      readonly text: string;
      readonly isQuoting: boolean;
      readonly code: string | null;
      readonly roomSeq: number | null;
    }
  /** `send` has resolved: the SDK promises that the message is not lost any more. */
  | { readonly tell: 'accepted'; readonly roomId: string; readonly key: string }
  /** An item that does not follow what the device had. */
  | { readonly tell: 'misfit'; readonly kind: 'gap' | 'repeat'; readonly says: string }
  /** What an SDK client should not meet. */
  | { readonly tell: 'trouble'; readonly says: string }
  | { readonly tell: 'closed'; readonly shown: Shown }
);
