import type { RoomFollower } from '../follower/room-follower.ts';
import type { Rights, RoomEvent, Unread, UnreadTotals } from '../kinds.ts';
import { type ControlItem, isLast, type StreamItem } from './items.ts';
import type { EphemeralSource, Source } from './source.ts';

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

  unreadIn(roomId: number): Unread | null {
    return this.source.unreadIn?.(roomId) ?? null;
  }

  unreadTotals(): UnreadTotals | null {
    return this.source.unreadTotals?.() ?? null;
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
