import type { Bus } from '../../platform/bus.ts';
import type { Sql } from '../../platform/db.ts';
import { refuse } from '../../platform/errors.ts';
import type { Log, Metrics } from '../../platform/telemetry.ts';
import type { RoomEvent } from '../kinds.ts';
import {
  durable,
  type Heads,
  parseSnapshot,
  readHeadsOf,
  readLogs,
  type Snapshot,
  type Stretch,
} from '../log.ts';
import type { EventRegistry } from '../registry.ts';
import type { AccountFollower } from './account-follower.ts';
import type { Announcer } from './announcer.ts';
import { DatabaseClock } from './database-clock.ts';
import type { Epoch } from './epoch.ts';
import type { Followers } from './followers.ts';
import { lossIn, type Reached } from './losses.ts';
import type { RoomFollower } from './room-follower.ts';

/** The interval while announcements are not known to arrive. */
const DEGRADED_POLL_MS = 300;
/** Nodes poll at different times after the bus has recovered. */
const RECOVERY_SPREAD_MS = 300;
const UNCOVERED_RETRY_MS = 250;
const COVER_PATIENCE_MS = 5_000;
const AGE_MS = 60_000;
/** Maximum of events that one poll reads for all rooms together. */
const CATCH_UP_LENGTH = 1_000;

export interface HeadPollOptions {
  readonly sql: Sql;
  readonly bus: Bus | null;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly registry: EventRegistry;
  readonly headCheckMs: number;
  /** Begins a new epoch, only if the database is still in epoch `seen`. */
  readonly rotateEpoch: (seen: number) => Promise<void>;
  /** Events stay in the buffers of recent events for this long, and at most twice that; a minute by default. */
  readonly ageMs?: number;
}

/** The position of the node: every follower has read the events that `snapshot` saw. */
export interface Watermark {
  readonly snapshot: Snapshot;
}

const NOTHING_SEEN: Snapshot = { xmin: 0, xmax: 0, xip: [] };

/**
 * Reads the heads of all followed rooms and accounts with one statement, every second, so a lost announcement costs a
 * second but no event. It also notices that the data was replaced or went back.
 */
export class HeadPoll {
  watermark: Watermark = { snapshot: NOTHING_SEEN };
  /** Each poll reads it. */
  readonly clock = new DatabaseClock();
  private readonly options: HeadPollOptions;
  private readonly epoch: Epoch;
  private readonly followers: Followers;
  private readonly announcer: Announcer;
  private checking: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private agedAt = performance.now();
  private isClosed = false;

  constructor(options: HeadPollOptions, epoch: Epoch, followers: Followers, announcer: Announcer) {
    this.options = options;
    this.epoch = epoch;
    this.followers = followers;
    this.announcer = announcer;
  }

  async start(): Promise<void> {
    this.adopt(await this.readHeads([], []));
    this.options.bus?.onRecovered(() => this.checkSoon(Math.random() * RECOVERY_SPREAD_MS));
    this.checkSoon(this.options.headCheckMs);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  checkSoon(delayMs: number): void {
    if (this.isClosed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      void this.check().finally(() => this.checkSoon(this.intervalMs * (0.8 + Math.random() * 0.4)));
    }, delayMs);
  }

  private get intervalMs(): number {
    const { bus, headCheckMs } = this.options;
    return (bus?.isHealthy ?? true) ? headCheckMs : Math.min(DEGRADED_POLL_MS, headCheckMs);
  }

  /** Polls once. Never rejects: the next poll repeats what failed. */
  check(): Promise<void> {
    const { metrics, log } = this.options;
    this.checking ??= this.checkOnce()
      .then(
        () => metrics.headChecks.inc({ result: 'ok' }),
        (error: Error) => {
          metrics.headChecks.inc({ result: 'failed' });
          log.warn({ err: error.message }, 'head poll failed');
        },
      )
      .finally(() => {
        this.checking = null;
      });
    return this.checking;
  }

  /**
   * Resolves when the watermark covers these followers, so that a position can refer to it.
   * @throws UnavailableError when the database is down for too long
   */
  async cover(followers: readonly RoomFollower[]): Promise<void> {
    const isOpen = (follower: RoomFollower) => follower.atWatermark === null && !follower.isClosed;
    if (!followers.some(isOpen)) return;
    await this.checking; // a poll that began before a room was followed does not cover it
    const deadline = performance.now() + COVER_PATIENCE_MS;
    for (let attempt = 0; followers.some(isOpen) && !this.isClosed; attempt++) {
      if (performance.now() > deadline) throw refuse('UNAVAILABLE');
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, UNCOVERED_RETRY_MS));
      await this.check();
    }
  }

  /**
   * Resolves when the node is in the epoch that a statement saw, which may be ahead of the poll.
   * @throws UnavailableError if it is in another one: the caller's statement is outdated, or the database is down
   */
  async enterEpoch(epoch: number): Promise<void> {
    if (epoch === this.epoch.current) return;
    await this.checking; // a poll that began before the statement may not have seen it
    await this.check();
    if (epoch !== this.epoch.current) throw refuse('UNAVAILABLE');
  }

  private async checkOnce(): Promise<void> {
    const rooms = [...this.followers.rooms.values()];
    const accounts = [...this.followers.accounts.values()];
    const before = this.reached(rooms, accounts);
    const heads = await this.readHeads(rooms, accounts);
    if (heads.epoch !== this.epoch.current) return this.changeEpoch(heads);
    const loss = lossIn(heads, before);
    if (loss) return this.endEpoch(loss);
    accounts.forEach((account, i) => account.want(heads.accounts[i] ?? 0));
    await this.catchUp(rooms, heads.rooms);
    await Promise.all(rooms.map((room, i) => room.reach(heads.rooms[i] ?? 0)));
    this.advance(rooms, heads);
    this.evictOld();
    this.announcer.announceEpochIfDue();
  }

  private async readHeads(
    rooms: readonly RoomFollower[],
    accounts: readonly AccountFollower[],
  ): Promise<Heads> {
    const asked = performance.now();
    const heads = await readHeadsOf(
      this.options.sql,
      rooms.map(({ roomId }) => roomId),
      accounts.map(({ userId }) => userId),
    );
    this.clock.adjust(heads.now.getTime(), asked, performance.now());
    return heads;
  }

  /** The heads that the node knows. */
  private reached(rooms: readonly RoomFollower[], accounts: readonly AccountFollower[]): Reached {
    return {
      rooms: rooms.map(({ roomId, last }) => ({ id: roomId, last })),
      accounts: accounts.map(({ userId, head }) => ({ id: userId, last: head })),
      xmax: this.watermark.snapshot.xmax,
    };
  }

  /** Updates the watermark and the bases of all rooms in one turn, because a cursor uses both. */
  private advance(rooms: readonly RoomFollower[], heads: Heads): void {
    rooms.forEach((room, i) => {
      room.atWatermark = heads.rooms[i] ?? 0;
    });
    this.watermark = this.watermarkAt(heads);
  }

  /** Reads all rooms whose announcements were lost at once; each follower reads what does not fit. */
  private async catchUp(rooms: readonly RoomFollower[], heads: readonly number[]): Promise<void> {
    const stretches = stretchesBehind(rooms, heads);
    if (stretches.length < 2) return;
    this.options.metrics.logReads.inc({ reason: 'head poll' });
    const events = await readLogs(this.options.sql, this.options.registry, stretches);
    const byRoom = new Map<number, RoomEvent[]>(stretches.map(({ roomId }) => [roomId, []]));
    for (const event of events) byRoom.get(event.roomId)?.push(event);
    for (const { roomId, last } of stretches)
      this.followers.rooms.get(roomId)?.accept(byRoom.get(roomId) ?? [], last);
  }

  private watermarkAt({ snapshot, stamp }: Heads): Watermark {
    return { snapshot: durable(parseSnapshot(snapshot), stamp) };
  }

  /** Only after a poll: while the log cannot be read, those buffers are all there is. */
  private evictOld(): void {
    if (performance.now() - this.agedAt < (this.options.ageMs ?? AGE_MS)) return;
    for (const room of this.followers.rooms.values()) room.evictOld();
    this.agedAt = performance.now();
  }

  private adopt(heads: Heads): void {
    this.epoch.adopt(heads);
    this.watermark = this.watermarkAt(heads);
  }

  /** Acknowledged events are lost, and their numbers will be assigned again: no position of this epoch is valid. */
  private async endEpoch(loss: string): Promise<void> {
    this.options.log.error({ loss }, 'the data went back: a new epoch begins');
    await this.options.rotateEpoch(this.epoch.current);
    return this.checkOnce();
  }

  /** The followers have other data. They are closed, so that their readers get nothing more. */
  private changeEpoch(heads: Heads): void {
    this.options.log.warn('the epoch of the data changed: all streams start over');
    this.adopt(heads);
    this.followers.clear();
    this.epoch.notifyChange();
    this.announcer.announceEpoch();
  }
}

function stretchesBehind(rooms: readonly RoomFollower[], heads: readonly number[]): Stretch[] {
  const stretches: Stretch[] = [];
  let total = 0;
  rooms.forEach(({ roomId, last: after }, i) => {
    const last = heads[i] ?? 0;
    if (last <= after || total + last - after > CATCH_UP_LENGTH) return;
    stretches.push({ roomId, after, last });
    total += last - after;
  });
  return stretches;
}
