import type { RoomFollower } from '../follower/room-follower.ts';
import type { AccountEvent, EphemeralItem, Rights, RoomEvent } from '../kinds.ts';

export type ResyncReason = 'CURSOR_EXPIRED' | 'CURSOR_FOREIGN' | 'ACCESS_CHANGED';

export type CloseReason =
  | 'SERVER_DRAINING'
  | 'SLOW_CONSUMER'
  | 'OVERLOADED'
  | 'ACCESS_LOST'
  | 'SESSION_ENDED'
  | 'AUTH_EXPIRED'
  | 'NOT_FOUND'
  | 'INVALID_CURSOR'
  | 'LIMIT_REACHED'
  | 'INTERNAL';

/** What a stream says of itself. Data like the events, so that no client has to guess from a close code. */
export type ControlItem =
  | { readonly kind: 'StreamReady'; readonly cursor: string; readonly replayedCount: number }
  | { readonly kind: 'Heartbeat'; readonly cursor: string; readonly serverTime: Date }
  | { readonly kind: 'AuthExpiring'; readonly expiresAt: Date }
  | { readonly kind: 'ResyncRequired'; readonly resyncReason: ResyncReason }
  | {
      readonly kind: 'StreamClosed';
      readonly closeReason: CloseReason;
      readonly retryable: boolean;
      readonly retryAfterMs: number | null;
    };

export interface RoomItem {
  readonly kind: string;
  readonly cursor: string;
  readonly epoch: number;
  /** Whoever gets the event gets this item, with this cursor. */
  readonly isForAll?: true;
  readonly event: RoomEvent;
}

export interface AccountItem {
  readonly kind: string;
  readonly cursor: string;
  readonly event: AccountEvent;
}

/** What a log gives, and what a stream says of itself. */
export type SourceItem = RoomItem | AccountItem | ControlItem;
export type StreamItem = SourceItem | EphemeralItem;

const retryable: Record<CloseReason, boolean> = {
  SERVER_DRAINING: true,
  SLOW_CONSUMER: true,
  OVERLOADED: true,
  AUTH_EXPIRED: true,
  INTERNAL: true,
  ACCESS_LOST: false,
  SESSION_ENDED: false,
  NOT_FOUND: false,
  INVALID_CURSOR: false,
  LIMIT_REACHED: false,
};

export function closed(closeReason: CloseReason, retryAfterMs: number | null = null): ControlItem {
  return { kind: 'StreamClosed', closeReason, retryable: retryable[closeReason], retryAfterMs };
}

export function resync(resyncReason: ResyncReason): ControlItem {
  return { kind: 'ResyncRequired', resyncReason };
}

/** Where a stream's items come from: a position in a log, not a queue. */
export interface Source {
  /** The next item in order; null when there is none now (`onWake` tells when to look again). May be the last item. */
  take(): SourceItem | null;
  /** The position after the last item taken. */
  cursor(): string;
  /** Everything that had happened when the stream was opened has been taken. */
  readonly isCaughtUp: boolean;
  /** What its owner may do in a room that it shows, as of the last item taken or later; null elsewhere. */
  rightsIn(roomId: number): Rights | null;
  /**
   * Stops following the room by itself, where all that there is has been taken: whoever follows it in its place says by
   * `attach` how far that came. Null where there is no such room, or more to take.
   */
  detach?(): RoomFollower | null;
  attach?(roomSeq: number): void;
  /** Takes note of an event that changes rights, where the room is followed in its place. */
  applyRights?(event: RoomEvent): void;
  /** The stream's own listener, set by it. */
  onWake: () => void;
  /** What goes beside its items; the stream closes it. */
  readonly ephemeral?: EphemeralSource | null;
  close(): void;
}

/**
 * Ephemeral items of a stream. It holds no queue: `take` gives the current state, if that is not what was taken last. So
 * a slow client gets the latest, and costs no memory.
 */
export interface EphemeralSource {
  readonly hasNews: boolean;
  take(): EphemeralItem | null;
  /** The stream's own listener, set by it. */
  onWake: () => void;
  close(): void;
}

/** A stream that has nothing to give but the reason why. */
export class OneItem implements Source {
  onWake: () => void = () => undefined;
  readonly isCaughtUp = false;
  private readonly item: ControlItem;

  constructor(item: ControlItem) {
    this.item = item;
  }
  take(): SourceItem {
    return this.item;
  }
  cursor(): string {
    return '';
  }
  rightsIn(): null {
    return null;
  }
  close(): void {
    // holds nothing
  }
}

export const isEvent = (item: StreamItem): item is RoomItem | AccountItem => 'event' in item;

export const isRoomItem = (item: StreamItem): item is RoomItem =>
  isEvent(item) && !('accountSeq' in item.event);

export const isEphemeral = (item: StreamItem): item is EphemeralItem => 'ephemeral' in item;

export const isLast = (item: StreamItem) =>
  !isEvent(item) && !isEphemeral(item) && (item.kind === 'ResyncRequired' || item.kind === 'StreamClosed');

/**
 * One subscription: backlog, `StreamReady`, then live, with control items between. It is pulled: nothing is taken from
 * the source before the item before it was sent, so a slow client costs a position and no memory.
 *
 * An async iterable for graphql-js, which hands it through; whoever delivers it calls `take`.
 */
export class Stream implements AsyncIterableIterator<StreamItem> {
  /** Called when `take` may give something again, and when the stream has ended. Set by whoever takes. */
  onWake: () => void = () => undefined;
  isEnded = false;
  private readonly source: Source;
  private readonly ephemeral: EphemeralSource | null;
  private readonly onEnd: () => void;
  private control: ControlItem[] = [];
  private heartbeatDue = false;
  private isReady = false;
  private replayed = 0;

  constructor(source: Source, onEnd: () => void = () => undefined) {
    this.source = source;
    this.onEnd = onEnd;
    this.ephemeral = source.ephemeral ?? null;
    source.onWake = () => this.onWake();
    if (this.ephemeral) this.ephemeral.onWake = () => this.onWake();
  }

  /** What follows is live: the backlog was taken. */
  get isLive(): boolean {
    return this.isReady;
  }

  /** The next item; null when there is none now, or none any more (`isEnded`). */
  take(): StreamItem | null {
    if (this.isEnded) return null;
    const item = this.takeNext();
    if (item && isLast(item)) this.end();
    return item;
  }

  rightsIn(roomId: number): Rights | null {
    return this.source.rightsIn(roomId);
  }

  /** The room that can be followed for it from now on, by somebody who hands on events that end nobody's access. Null where there is none. */
  detach(): RoomFollower | null {
    const isIdle = this.isReady && !this.isEnded && !this.heartbeatDue && !this.hasOwnNews;
    return isIdle ? (this.source.detach?.() ?? null) : null;
  }

  private get hasOwnNews(): boolean {
    return this.control.length > 0 || (this.ephemeral?.hasNews ?? false);
  }

  /** Takes over again, behind that number of the room. */
  attach(roomSeq: number): void {
    this.source.attach?.(roomSeq);
  }

  applyRights(event: RoomEvent): void {
    this.source.applyRights?.(event);
  }

  /** Sends a control item before anything else. One that ends the stream is its last item. */
  say(item: ControlItem): void {
    this.control.push(item);
    this.onWake();
  }

  /** Asks for a heartbeat as soon as nothing else is to be sent. */
  beat(): void {
    this.heartbeatDue = true;
    this.onWake();
  }

  end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.source.close();
    this.ephemeral?.close();
    this.onEnd();
    this.onWake();
  }

  private takeNext(): StreamItem | null {
    const said = this.control.shift();
    if (said) return said;
    if (!this.isReady && this.source.isCaughtUp) {
      this.isReady = true;
      return { kind: 'StreamReady', cursor: this.source.cursor(), replayedCount: this.replayed };
    }
    const item = this.source.take();
    if (item) {
      if (!this.isReady) this.replayed++;
      return item;
    }
    // Only behind all events that the node has: a user who lost access gets that event as the last one.
    const ephemeral = this.isReady ? this.ephemeral?.take() : null;
    if (ephemeral) return ephemeral;
    if (!this.heartbeatDue) return null;
    this.heartbeatDue = false;
    return { kind: 'Heartbeat', cursor: this.source.cursor(), serverTime: new Date() };
  }

  // -- as an async iterable ---------------------------------------------------------------------

  [Symbol.asyncIterator](): this {
    return this;
  }

  // By hand, because `return()` must end a pending `next()` at once; an async generator would wait for the next event
  // first, perhaps for ever.
  async next(): Promise<IteratorResult<StreamItem>> {
    for (;;) {
      const item = this.take();
      if (item) return { value: item, done: false };
      if (this.isEnded) return { value: undefined, done: true };
      await new Promise<void>((resolve) => {
        this.onWake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<StreamItem>> {
    this.end();
    return { value: undefined, done: true };
  }

  async throw(error: unknown): Promise<IteratorResult<StreamItem>> {
    this.end();
    throw error;
  }
}
