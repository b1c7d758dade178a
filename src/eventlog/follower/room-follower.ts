import type { RoomEvent } from '../kinds.ts';
import type { EventRegistry } from '../registry.ts';
import { Follower } from './follower.ts';

// A subscriber further behind reads the log: a larger buffer would cost memory for every room of the node.
const MAX_RECENT = 256;

const backoffMs = (attempt: number) => Math.min(100 * 2 ** attempt, 5_000) * (0.5 + Math.random() / 2);

/** The parts of the node that a follower needs. */
export interface FollowerLog {
  readonly registry: EventRegistry;
  /** Reads the events after a number, oldest first. */
  read(roomId: number, after: number): Promise<RoomEvent[]>;
  onFailure(roomId: number, error: Error): void;
}

/**
 * One room as this node follows it. It advances by `last + 1` only. Subscribers are positions: they read from its
 * buffer of recent events, or from the log when they are behind it. It never waits for a subscriber.
 */
export class RoomFollower extends Follower {
  readonly roomId: number;
  /** The epoch of the followed data. */
  readonly epoch: number;
  /** The last number read. */
  last: number;
  /** The room's last number as of the node's watermark; null until a head poll covered it. */
  atWatermark: number | null = null;
  private readonly log: FollowerLog;
  /** The recent events buffer, up to `last`. */
  private recent: RoomEvent[] = [];
  /** The last number at the previous eviction. */
  private lastAtEviction: number;
  private wanted: number;
  private reading: Promise<void> | null = null;

  constructor(epoch: number, roomId: number, head: number, log: FollowerLog, onUnused: () => void) {
    super(onUnused);
    this.epoch = epoch;
    this.roomId = roomId;
    this.last = head;
    this.lastAtEviction = head;
    this.wanted = head;
    this.log = log;
  }

  /** A follower that is closed from the start, because its epoch has ended. */
  static closed(epoch: number, roomId: number, head: number, log: FollowerLog): RoomFollower {
    const follower = new RoomFollower(epoch, roomId, head, log, () => undefined);
    follower.isClosed = true;
    return follower;
  }

  /** The event of that number; null when it has not happened yet, undefined when it is no longer in the buffer. */
  get(roomSeq: number): RoomEvent | null | undefined {
    if (roomSeq > this.last) return null;
    return this.recent[roomSeq - this.last + this.recent.length - 1];
  }

  /** Takes events that continue exactly after the last one. Any others only say how far to read the log. */
  accept(events: readonly RoomEvent[], head: number): 'old' | 'accepted' | 'gap' {
    if (head <= this.last) return 'old';
    const next = events.filter((event) => event.roomSeq > this.last);
    const continues =
      next.length === head - this.last && next.every((event, i) => event.roomSeq === this.last + 1 + i);
    if (continues) {
      this.append(next);
      return 'accepted';
    }
    this.want(head);
    return 'gap';
  }

  /** Drops events that were in the buffer at the previous call: a node that runs for weeks follows many quiet rooms. */
  evictOld(): void {
    const kept = this.last - this.lastAtEviction;
    if (this.recent.length > kept) this.recent = kept > 0 ? this.recent.slice(-kept) : [];
    this.lastAtEviction = this.last;
  }

  /** Makes the follower read up to `head` in the background. */
  want(head: number): void {
    if (head > this.wanted) this.wanted = head;
    this.pump();
  }

  /**
   * Resolves when the follower has read up to `head`, or was closed.
   * @throws Error when the log does not reach a head that was read from the database
   */
  async reach(head: number): Promise<void> {
    this.want(head);
    while (this.reading) await this.reading;
    if (this.last < head && !this.isClosed)
      throw new Error(`the log of room ${this.roomId} ends before its head ${head}`);
  }

  private append(events: readonly RoomEvent[]): void {
    const before = this.last;
    for (const event of events) {
      if (event.roomSeq !== this.last + 1) continue; // an announcement brought it while the log was being read
      if (this.log.registry.erasesSubject(event)) this.forget(event);
      this.recent.push(event);
      this.last = event.roomSeq;
    }
    if (this.recent.length > MAX_RECENT) this.recent = this.recent.slice(-MAX_RECENT);
    this.wake(events.filter(({ roomSeq }) => roomSeq > before && roomSeq <= this.last));
  }

  /** Deleted text is not replayed: earlier events in the buffer get the tombstone, as they would from the log. */
  private forget(erasure: RoomEvent): void {
    const { registry } = this.log;
    this.recent = this.recent.map((event) =>
      registry.shareSubject(event, erasure) ? { ...event, record: erasure.record } : event,
    );
  }

  /** Runs one read at a time. The next read covers requests that come while it ends. */
  private pump(): void {
    if (this.reading || this.isClosed || this.wanted <= this.last) return;
    this.reading = this.read().then(() => {
      this.reading = null;
      this.pump();
    });
  }

  private async read(): Promise<void> {
    for (let attempt = 0; this.last < this.wanted && !this.isClosed; ) {
      try {
        const events = await this.log.read(this.roomId, this.last);
        const first = events[0]?.roomSeq ?? this.last + 1;
        // The announcement of a head that the log does not have yet came before its commit is visible, or is false.
        if (events.length === 0) this.wanted = this.last;
        if (first > this.last + 1)
          throw new Error(`the log of room ${this.roomId} has a hole after ${this.last}`);
        this.append(events);
        attempt = 0;
      } catch (error) {
        this.log.onFailure(this.roomId, error as Error);
        await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt++)));
      }
    }
  }
}
