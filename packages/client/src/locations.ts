import { Batch } from './batch.ts';
import type { Client } from './client.ts';
import {
  FollowLocationsDocument,
  type FollowLocationsSubscription,
  type LivePositionInput,
  type LocationInput,
  type LocationPartsFragment,
  LocationsOfDocument,
  MoveLocationDocument,
  ShareLocationDocument,
  StopLocationDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { newKey } from './keys.ts';
import { Cell, derive, type Observable } from './observable.ts';
import { RoomStream } from './room-stream.ts';

// An entry of its own: an application without locations does not load it.

/** Locations in one LiveLocationsChanged of the server at most. With so many, there may be more. */
export const FULL_SET = 50;

/** The location of a message. */
export type LocationInfo = LocationPartsFragment;
export type NewLocation = Omit<LocationInput, 'label'>;
export type NewPosition = LivePositionInput;

/** Of a message that shares a location. */
export interface LocationMessage {
  /**
   * For clients that show no locations, e.g. "My location". More people may read it than the location, so it should not have
   * the coordinates.
   */
  readonly text: string;
  readonly threadRootId?: string;
  readonly alsoSendToRoom?: boolean;
  /** To repeat it after `NETWORK`. */
  readonly idempotencyKey?: string;
}

/** A place with a name, which is also the text of its message by default. */
export type NamedLocation = NewLocation & { readonly label: string };

/**
 * Sends a message with a location, and returns its id.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function shareLocation(
  client: Client,
  roomId: string,
  ...[location, message = { text: (location as NamedLocation).label }]:
    | [NamedLocation, LocationMessage?]
    | [NewLocation, LocationMessage]
): Promise<string> {
  const input = { idempotencyKey: newKey(), ...message, roomId, location };
  return successOf((await client.request(ShareLocationDocument, { input })).sendMessage).message.id;
}

/**
 * Sends the position of a live location. At most once a second.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function moveLocation(client: Client, messageId: string, position: NewPosition): Promise<void> {
  const input = { messageId, position };
  successOf((await client.request(MoveLocationDocument, { input })).moveLiveLocation);
}

/**
 * Ends a live location for good. It may be repeated.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function stopLocation(client: Client, messageId: string): Promise<void> {
  successOf((await client.request(StopLocationDocument, { input: { messageId } })).stopLiveLocation);
}

/** Where a location is now: a live one where it was last. */
export const placeOf = ({ live, latitude, longitude }: LocationInfo) =>
  live?.position ?? { latitude, longitude };

/** Whether its author still shares it, by the clock of this device. */
export const isLive = ({ live }: LocationInfo, now = Date.now()): boolean =>
  Boolean(live && live.endedAt === null && Date.parse(live.endsAt) > now);

type Item = FollowLocationsSubscription['room'];
type MovingLocation = Extract<Item, { locations: unknown }>['locations'][number];

/** The locations of the messages of a room. */
export class RoomLocations {
  private readonly client: Client;
  private readonly stream: RoomStream<Item>;
  /** Null: the message has none. */
  private readonly known = new Cell<Readonly<Record<string, LocationInfo | null>>>({});
  private readonly shown = new Set<string>();
  private readonly batch = new Batch((ids) => this.read(ids));
  /** What was missing in a set, and was read because of that. */
  private readonly missing = new Set<string>();
  /** By message: the number of its last change by the stream. */
  private readonly changes = new Map<string, number>();
  private changeCount = 0;

  constructor(client: Client, roomId: string) {
    this.client = client;
    this.stream = new RoomStream(client, roomId, {
      document: FollowLocationsDocument,
      next: (item) => this.apply(item),
      begun: () => this.batch.addAgain([...this.shown]),
      ended: () => this.readAll(),
    });
  }

  /** Null if the message has none, and until it was read. */
  of(messageId: string): Observable<LocationInfo | null> {
    return derive(
      this.known,
      (known) => [known[messageId]],
      (location) => location ?? null,
    );
  }

  /** Reads the locations of messages that are shown, each once. */
  show(messageIds: readonly string[]): void {
    const known = this.known.getSnapshot();
    for (const id of messageIds) this.shown.add(id);
    this.batch.add(messageIds.filter((id) => !(id in known)));
  }

  close(): void {
    this.stream.close();
    this.batch.close();
  }

  private readAll(): void {
    this.known.set({});
    this.batch.addAgain([...this.shown]);
  }

  private apply(item: Item): void {
    if ('message' in item) this.change({ [item.message.id]: item.message.location });
    if ('locations' in item) this.changeLive(item.locations);
  }

  /** What was live and is not in the set has ended, perhaps before this began to follow. */
  private changeLive(locations: readonly MovingLocation[]): void {
    const live = new Map(locations.map(({ messageId, location }) => [messageId, location]));
    this.change(Object.fromEntries(live));
    for (const id of live.keys()) this.missing.delete(id);
    if (live.size >= FULL_SET) return;
    const isOver = ([id, location]: [string, LocationInfo | null]) =>
      location !== null && isLive(location) && !live.has(id) && !this.missing.has(id);
    const over = Object.entries(this.known.getSnapshot()).flatMap((entry) =>
      isOver(entry) ? [entry[0]] : [],
    );
    for (const id of over) this.missing.add(id);
    this.batch.addAgain(over);
  }

  private change(locations: Readonly<Record<string, LocationInfo | null>>): void {
    this.changeCount++;
    for (const id of Object.keys(locations)) this.changes.set(id, this.changeCount);
    this.put(locations);
  }

  private put(locations: Readonly<Record<string, LocationInfo | null>>): void {
    this.known.set({ ...this.known.getSnapshot(), ...locations });
  }

  /** Takes what is read, except where the stream has said something since it was asked: the answer may be older. */
  private async read(ids: string[]): Promise<void> {
    const asked = this.changeCount;
    const { nodes } = await this.client.request(LocationsOfDocument, { ids });
    const read = nodes.flatMap((node) =>
      node && 'location' in node ? [[node.id, node.location] as const] : [],
    );
    this.put(Object.fromEntries(read.filter(([id]) => (this.changes.get(id) ?? 0) <= asked)));
  }
}
