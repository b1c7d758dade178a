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
  readLog,
  readLogs,
  type Snapshot,
  type Stretch,
} from '../log.ts';
import type { EventRegistry } from '../registry.ts';
import {
  decodeAnnouncement,
  type Part,
  pack,
  partsOf,
  type RoomNews,
  type Topic,
  unpack,
} from './announcement.ts';
import { epochBeacon, homeToldBy } from './epoch-beacon.ts';
import { lossIn, type Reached } from './losses.ts';
import { Replays } from './replays.ts';
import { AccountTail, RoomTail, type TailLog } from './tail.ts';

/** Fixed channels, subscribed at boot: a stream never waits for a SUBSCRIBE. */
const CHANNELS = 64;
const DEGRADED_CHECK_MS = 300;
const UNCOVERED_RETRY_MS = 250;
const COVER_PATIENCE_MS = 5_000;
const AGE_MS = 60_000;
/** Between two times that connections are made anew because another node is in another epoch. */
const DOUBT_MS = 10_000;
/** Between two beacons: a node tells the others its epoch. */
const EPOCH_BEACON_MS = 10_000;
/** Events that a head check reads at once. */
const CATCH_UP_LENGTH = 1_000;

export interface HubOptions {
  readonly sql: Sql;
  /** The way to other nodes; null where there are none. */
  readonly bus: Bus | null;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly headCheckMs: number;
  /** Begins a new epoch in the database, where it is still in that one. */
  readonly rotateEpoch: (seen: number) => Promise<void>;
  readonly registry: EventRegistry;
  /** Events stay in the rings for this long, and at most twice that; a minute unless told. */
  readonly ageMs?: number;
}

/** Where the node stands: every tail has read up to what `snapshot` saw of its room. */
export interface Mark {
  readonly snapshot: Snapshot;
  readonly generation: number;
}

/**
 * The log as one node follows it: a tail per room that somebody here watches, woken by announcements and, whatever
 * becomes of those, by the head check: one statement for all rooms every second.
 */
export class Hub {
  /** Names the data as long as its numbers continue; cursors carry it. Set by `start`. */
  epoch = 0;
  mark: Mark = { snapshot: { xmin: 0, xmax: 0, xip: [] }, generation: 0 };
  readonly options: HubOptions;
  readonly registry: EventRegistry;
  private readonly rooms = new Map<number, RoomTail>();
  private readonly accounts = new Map<number, AccountTail>();
  private readonly epochListeners = new Set<() => void>();
  private readonly replays = new Replays();
  private readonly doubtListeners = new Set<(reason: string) => void>();
  private doubtedAt = Number.NEGATIVE_INFINITY;
  private toldEpochAt = performance.now();
  /** Of the data: nodes with another database may use the same Redis. */
  private home = '';
  private readonly tailLog: TailLog;
  private checking: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private agedAt = performance.now();
  private isClosed = false;

  constructor(options: HubOptions) {
    this.options = options;
    this.registry = options.registry;
    this.tailLog = {
      registry: this.registry,
      read: (roomId, after) => this.readRoom(roomId, after, 'tail'),
      onFailure: (roomId, error) =>
        this.options.log.warn({ roomId, err: error.message }, 'a tail could not read its log'),
    };
  }

  async start(): Promise<void> {
    this.adopt(await readHeadsOf(this.options.sql, [], []));
    const { bus } = this.options;
    for (let channel = 0; channel < CHANNELS; channel++)
      bus?.subscribe(`parley:${channel}`, (text, epoch) => this.hear(text, epoch));
    bus?.onRecovered(() => this.checkSoon(Math.random() * 300));
    this.checkSoon(this.options.headCheckMs);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    for (const tail of [...this.rooms.values(), ...this.accounts.values()]) tail.close();
  }

  /** Called when the incarnation of the data changed under the node: no position from before holds. */
  onEpochChange(listener: () => void): () => void {
    this.epochListeners.add(listener);
    return () => this.epochListeners.delete(listener);
  }

  /** Called when the connections may lead to another server than those of other nodes, or than before. */
  onDoubt(listener: (reason: string) => void): void {
    this.doubtListeners.add(listener);
  }

  // -- following ------------------------------------------------------------------------------

  /**
   * Follows a room from a number at which the caller saw its head, in that epoch. The tail is closed where the epoch has
   * ended. Call `tail.release()` when done.
   */
  followRoom(roomId: number, head: number, epoch: number): RoomTail {
    if (epoch !== this.epoch) return RoomTail.closed(epoch, roomId, head, this.tailLog);
    let tail = this.rooms.get(roomId);
    if (!tail) {
      tail = new RoomTail(this.epoch, roomId, head, this.tailLog, () => {
        this.rooms.delete(roomId);
        this.options.metrics.tails.set(this.rooms.size);
      });
      this.rooms.set(roomId, tail);
      this.options.metrics.tails.set(this.rooms.size);
    }
    tail.retain();
    tail.want(head);
    return tail;
  }

  /** The same of a person's own log. */
  followAccount(userId: number, head: number, epoch: number): AccountTail {
    if (epoch !== this.epoch) return AccountTail.closed(userId, head);
    let tail = this.accounts.get(userId);
    if (!tail) {
      tail = new AccountTail(userId, head, () => this.accounts.delete(userId));
      this.accounts.set(userId, tail);
    }
    tail.retain();
    tail.want(head);
    return tail;
  }

  /** What is behind the ring, for a reader that comes back. */
  replay(roomId: number, after: number): Promise<readonly RoomEvent[]> {
    return this.replays.get(`${this.epoch} ${roomId} ${after}`, () => this.readRoom(roomId, after, 'replay'));
  }

  replayMany(stretches: readonly Stretch[]): Promise<readonly RoomEvent[]> {
    const key = stretches.map(({ roomId, after, last }) => `${roomId} ${after} ${last}`).join();
    return this.replays.get(`${this.epoch} ${key}`, () => {
      this.options.metrics.logReads.inc({ reason: 'replay' });
      return readLogs(this.options.sql, this.registry, stretches);
    });
  }

  private readRoom(roomId: number, after: number, reason: string): Promise<RoomEvent[]> {
    this.options.metrics.logReads.inc({ reason });
    return readLog(this.options.sql, this.registry, roomId, after);
  }

  // -- announcing -----------------------------------------------------------------------------

  /**
   * Tells all nodes what was just committed in a room. The events inside are believed only where they continue
   * exactly; without them (or with a gap) the log is read up to `head`.
   */
  announceRoom(roomId: number, head: number, events: readonly RoomEvent[] = []): void {
    this.announceRooms([{ roomId, head, events }]);
  }

  /** The same of what one commit did in several rooms: one message, sealed and sent once. */
  announceRooms(news: readonly RoomNews[]): void {
    for (const { roomId, head, events } of news) this.rooms.get(roomId)?.accept(events, head);
    this.publish('rooms', () => news.flatMap(partsOf));
  }

  /** Tells all nodes that these people's own logs have grown. */
  announceAccounts(userIds: readonly number[]): void {
    for (const userId of userIds) this.accounts.get(userId)?.check();
    this.publish('accounts', () => userIds.map((id) => ({ id, json: '' })));
  }

  private publish(topic: Topic, parts: () => readonly Part[]): void {
    const { bus } = this.options;
    if (!bus) return;
    for (const { id, text } of pack(topic, parts())) bus.publish(`parley:${id % CHANNELS}`, text, this.epoch);
  }

  /** A node whose connections still lead to a server that was replaced looks again when it hears this. */
  private tellEpoch(): void {
    this.toldEpochAt = performance.now();
    const { topic, parts } = epochBeacon(this.home);
    this.publish(topic, () => parts);
  }

  private hear(text: string, epoch: number): void {
    for (const outcome of this.take(text, epoch)) this.options.metrics.announcements.inc({ outcome });
  }

  // Many announcements are about rooms that nobody follows here: they are not parsed.
  private take(text: string, epoch: number): string[] {
    if (epoch !== this.epoch) {
      if (homeToldBy(text) === this.home) this.doubt();
      return ['other epoch'];
    }
    const tailsOf = (topic: Topic): ReadonlyMap<number, RoomTail | AccountTail> =>
      topic === 'rooms' ? this.rooms : this.accounts;
    const packet = unpack(text, (topic, id) => tailsOf(topic).has(id));
    if (!packet) return ['malformed'];
    if (packet.parts.length === 0) return ['not followed'];
    return packet.parts.map((part) => this.takePart(part, tailsOf(packet.topic).get(part.id)));
  }

  private takePart({ json }: Part, tail: RoomTail | AccountTail | undefined): string {
    if (!tail) return 'not followed'; // not any more
    if (tail instanceof AccountTail) {
      tail.check();
      return 'account';
    }
    const announcement = decodeAnnouncement(json, this.registry);
    return announcement ? tail.accept(announcement.events, announcement.head) : 'malformed';
  }

  // -- the head check -------------------------------------------------------------------------

  private checkSoon(delayMs: number): void {
    if (this.isClosed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      void this.check().finally(() => {
        const every =
          (this.options.bus?.isHealthy ?? true)
            ? this.options.headCheckMs
            : Math.min(DEGRADED_CHECK_MS, this.options.headCheckMs);
        this.checkSoon(every * (0.8 + Math.random() * 0.4));
      });
    }, delayMs);
  }

  /** Reads all heads once. Never rejects: what fails now is tried again by the next check. */
  check(): Promise<void> {
    this.checking ??= this.checkOnce()
      .then(
        () => this.options.metrics.headChecks.inc({ result: 'ok' }),
        (error: Error) => {
          this.options.metrics.headChecks.inc({ result: 'failed' });
          this.options.log.warn({ err: error.message }, 'head check failed');
        },
      )
      .finally(() => {
        this.checking = null;
      });
    return this.checking;
  }

  private async checkOnce(): Promise<void> {
    const [tails, accounts] = [[...this.rooms.values()], [...this.accounts.values()]];
    const before = this.reached(tails, accounts);
    const heads = await readHeadsOf(
      this.options.sql,
      tails.map((tail) => tail.roomId),
      accounts.map((tail) => tail.userId),
    );
    if (heads.epoch !== this.epoch) return this.changeEpoch(heads);
    const loss = lossIn(heads, before);
    if (loss) return this.endEpoch(loss);
    accounts.forEach((tail, i) => tail.want(heads.accounts[i] ?? 0));
    await this.catchUp(tails, heads.rooms);
    await Promise.all(tails.map((tail, i) => tail.reach(heads.rooms[i] ?? 0)));
    // Only now does the snapshot say where the node stands.
    tails.forEach((tail, i) => {
      tail.base = heads.rooms[i] ?? 0;
    });
    this.mark = this.markAt(heads);
    this.age();
    if (performance.now() - this.toldEpochAt >= EPOCH_BEACON_MS) this.tellEpoch();
  }

  /** How far the node knows the data to go. */
  private reached(rooms: readonly RoomTail[], accounts: readonly AccountTail[]): Reached {
    return {
      rooms: rooms.map(({ roomId, last }) => ({ id: roomId, last })),
      accounts: accounts.map(({ userId, head }) => ({ id: userId, last: head })),
      xmax: this.mark.snapshot.xmax,
    };
  }

  private markAt({ snapshot, stamp }: Heads): Mark {
    return { snapshot: durable(parseSnapshot(snapshot), stamp), generation: this.mark.generation + 1 };
  }

  /** Only after a check: while the log cannot be read, the rings are all there is. */
  private age(): void {
    if (performance.now() - this.agedAt < (this.options.ageMs ?? AGE_MS)) return;
    for (const tail of this.rooms.values()) tail.age();
    this.agedAt = performance.now();
  }

  /** One read for all rooms whose news were lost; what does not fit into it, each tail reads for itself. */
  private async catchUp(tails: readonly RoomTail[], heads: readonly number[]): Promise<void> {
    const stretches: Stretch[] = [];
    let total = 0;
    tails.forEach(({ roomId, last: after }, i) => {
      const last = heads[i] ?? 0;
      if (last <= after || total + last - after > CATCH_UP_LENGTH) return;
      stretches.push({ roomId, after, last });
      total += last - after;
    });
    if (stretches.length < 2) return;
    this.options.metrics.logReads.inc({ reason: 'head check' });
    const events = await readLogs(this.options.sql, this.registry, stretches);
    const byRoom = new Map<number, RoomEvent[]>(stretches.map(({ roomId }) => [roomId, []]));
    for (const event of events) byRoom.get(event.roomId)?.push(event);
    for (const { roomId, last } of stretches) this.rooms.get(roomId)?.accept(byRoom.get(roomId) ?? [], last);
  }

  /**
   * Resolves once the mark covers these tails, so that a position can be told by it.
   * @throws UnavailableError when the database is away for long
   */
  async cover(tails: readonly RoomTail[]): Promise<void> {
    const isOpen = (tail: RoomTail) => tail.base === null && !tail.isClosed;
    if (!tails.some(isOpen)) return;
    await this.checking; // one that began before a tail was followed does not cover it
    const deadline = performance.now() + COVER_PATIENCE_MS;
    for (let attempt = 0; tails.some(isOpen) && !this.isClosed; attempt++) {
      if (performance.now() > deadline) throw refuse('UNAVAILABLE');
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, UNCOVERED_RETRY_MS));
      await this.check();
    }
  }

  // -- the epoch ------------------------------------------------------------------------------

  /**
   * Resolves once the node is in the epoch that a statement saw, which may be ahead of the head check.
   * @throws UnavailableError where it is in another one: the caller's statement is out of date, or the database away
   */
  async enterEpoch(epoch: number): Promise<void> {
    if (epoch === this.epoch) return;
    await this.checking; // one that began before the statement may not have seen it
    await this.check();
    if (epoch !== this.epoch) throw refuse('UNAVAILABLE');
  }

  private adopt(heads: Heads): void {
    this.epoch = heads.epoch;
    this.home = heads.home;
    this.mark = this.markAt(heads);
  }

  /**
   * Another node is in another epoch. Either this one has not looked yet, or its connections lead to a server that was
   * replaced: a primary that was not shut down when a standby took its place.
   */
  private doubt(): void {
    if (performance.now() - this.doubtedAt < DOUBT_MS) return;
    this.doubtedAt = performance.now();
    for (const listener of this.doubtListeners) listener('another node is in another epoch');
    this.checkSoon(0);
  }

  /** Acknowledged events are gone, and their numbers will be given out again: no position of this epoch holds. */
  private async endEpoch(loss: string): Promise<void> {
    this.options.log.error({ loss }, 'the data went back: a new epoch begins');
    await this.options.rotateEpoch(this.epoch);
    return this.checkOnce();
  }

  /** What the tails hold is of other data. They are closed, so that whoever still reads them gets nothing more. */
  private changeEpoch(heads: Heads): void {
    this.options.log.warn('the epoch of the data changed: every stream starts afresh');
    this.adopt(heads);
    const tails = [...this.rooms.values(), ...this.accounts.values()];
    this.rooms.clear();
    this.accounts.clear();
    for (const tail of tails) tail.close();
    for (const listener of this.epochListeners) listener();
    for (const listener of this.doubtListeners) listener('the epoch changed');
    this.tellEpoch();
  }
}
