import { memo } from '../../platform/memo.ts';
import type { LogFollower } from '../follower/log-follower.ts';
import type { RoomFollower } from '../follower/room-follower.ts';
import type { AccountEvent, RoomEvent } from '../kinds.ts';
import { readAccountLog } from '../log.ts';
import { FollowedRights } from '../rights.ts';
import { InboxUnread } from '../unread.ts';
import type { OpenedRoom } from './inbox-opening.ts';
import { KnownRooms } from './known-rooms.ts';

/** A stream, as the rooms see it. */
export interface InboxStream {
  /** Events behind that number were appended to the follower of a room. */
  onAppended(roomId: number, before: number): void;
}

/** A room as the inbox streams of one person follow it. */
export interface SharedRoom {
  readonly follower: RoomFollower;
  readonly rights: FollowedRights;
  /** The first number that this member's inbox shows. */
  from: number;
  /** The follower's last number when the streams were last notified. Streams without a position of their own are there. */
  level: number;
  /** Streams that follow it. */
  users: number;
  readonly unlisten: () => void;
}

const setsOf = memo((_follower: LogFollower) => new Map<number, InboxRooms>());

/**
 * The rooms of one person as this node follows them, once for all of the person's inbox streams. A stream keeps a
 * position of its own only where it has something to take, so one more stream costs next to nothing.
 */
export class InboxRooms {
  readonly userId: number;
  private readonly logFollower: LogFollower;
  private readonly epoch: number;
  private readonly rooms = new Map<number, SharedRoom>();
  private readonly streams = new Set<InboxStream>();
  private readonly readings = new Map<string, Promise<readonly AccountEvent[]>>();
  private known: KnownRooms | null = null;
  /** Present once a stream has asked for it. */
  unread: InboxUnread | null = null;
  /** Rooms whose level may be elsewhere than the node's watermark says. */
  private readonly moved = new Set<number>();

  private constructor(logFollower: LogFollower, userId: number, epoch: number) {
    this.logFollower = logFollower;
    this.userId = userId;
    this.epoch = epoch;
  }

  /** The set of that person, with one more stream. The stream calls `leave` in the end. */
  static join(logFollower: LogFollower, userId: number, epoch: number, stream: InboxStream): InboxRooms {
    const sets = setsOf(logFollower);
    const known = sets.get(userId);
    const set = known?.epoch === epoch ? known : new InboxRooms(logFollower, userId, epoch);
    sets.set(userId, set);
    set.streams.add(stream);
    return set;
  }

  /** The stream has unfollowed its rooms before. */
  leave(stream: InboxStream, known: KnownRooms): void {
    known.users--;
    this.streams.delete(stream);
    const sets = setsOf(this.logFollower);
    if (this.streams.size === 0 && sets.get(this.userId) === this) sets.delete(this.userId);
  }

  // -- rooms ----------------------------------------------------------------------------------

  get(roomId: number): SharedRoom | undefined {
    return this.rooms.get(roomId);
  }

  get followers(): readonly RoomFollower[] {
    return [...this.rooms.values()].map(({ follower }) => follower);
  }

  /** One more stream follows the room; it calls `unfollow` in the end. */
  follow(opened: OpenedRoom): SharedRoom {
    const room = this.rooms.get(opened.roomId) ?? this.begin(opened);
    // Who was removed and came back has a later membership; a stream that lags behind sees no more of the earlier one.
    room.from = Math.max(room.from, opened.from);
    room.users++;
    room.follower.want(opened.head);
    if (this.offsetOf(room, room.level) !== 0) this.moved.add(opened.roomId);
    return room;
  }

  unfollow(roomId: number): void {
    const room = this.rooms.get(roomId);
    if (!room || --room.users > 0) return;
    room.unlisten();
    room.follower.release();
    this.rooms.delete(roomId);
    this.unread?.delete(roomId);
    this.moved.delete(roomId);
    this.logFollower.options.metrics.inboxRooms.dec();
  }

  private begin({ roomId, from, head, rights }: OpenedRoom): SharedRoom {
    const follower = this.logFollower.followRoom(roomId, head, this.epoch);
    const room: SharedRoom = {
      follower,
      rights: new FollowedRights(this.logFollower.registry, this.userId, { rights, head }),
      from,
      level: follower.last,
      users: 0,
      unlisten: follower.listen((events) => this.append(room, events)),
    };
    this.unread?.catchUp(follower);
    // What was appended since the rights were read.
    for (let roomSeq = head + 1; roomSeq <= follower.last; roomSeq++) {
      const event = follower.get(roomSeq);
      if (event) room.rights.apply(event);
    }
    this.rooms.set(roomId, room);
    this.logFollower.options.metrics.inboxRooms.inc();
    return room;
  }

  private append(room: SharedRoom, events: readonly RoomEvent[]): void {
    if (room.follower.last === room.level) return;
    for (const event of events) this.apply(room, event);
    const before = room.level;
    room.level = room.follower.last;
    this.moved.add(room.follower.roomId);
    for (const stream of this.streams) stream.onAppended(room.follower.roomId, before);
  }

  private apply(room: SharedRoom, event: RoomEvent): void {
    room.rights.apply(event);
    if (!this.unread) return;
    if (room.rights.now) this.unread.apply(event);
    else this.unread.delete(event.roomId);
  }

  /**
   * Counts from now on what the user has not read. Resolves when the numbers of all rooms are there, as of that number of
   * the own log or later.
   */
  async countUnread(accountSeq: number): Promise<void> {
    const { sql, registry } = this.logFollower.options;
    this.unread ??= new InboxUnread({ sql, rules: registry.unread }, this.userId);
    const { unread } = this;
    const isKnown = (roomId: number) => unread.coveredSeq >= accountSeq && unread.get(roomId) !== null;
    await unread.load(this.followers.filter(({ roomId }) => !isKnown(roomId)));
    this.coverUnread(accountSeq);
  }

  /** A stream has taken its own log up to there, and what that changed is counted. */
  coverUnread(accountSeq: number): void {
    if (this.unread && this.unread.coveredSeq < accountSeq) this.unread.coveredSeq = accountSeq;
  }

  /** Unless a stream follows the room. */
  forgetUnread(roomId: number): void {
    if (!this.rooms.has(roomId)) this.unread?.delete(roomId);
  }

  /** Reads the numbers of rooms again, where the own log has changed them up to that number. */
  async recountUnread(roomIds: ReadonlySet<number>, accountSeq: number): Promise<void> {
    const followers = this.followers.filter(({ roomId }) => roomIds.has(roomId));
    await this.unread?.reload(followers, accountSeq);
  }

  // -- positions ------------------------------------------------------------------------------

  /** How far a position in a room is from where the node's watermark places this member. */
  offsetOf({ follower, from }: SharedRoom, position: number): number {
    return position - Math.max(follower.atWatermark ?? 0, from - 1);
  }

  /** The rooms whose level is elsewhere than the watermark says, and by how much. */
  *movedRooms(): Iterable<[roomId: number, offset: number]> {
    for (const roomId of this.moved) {
      const room = this.rooms.get(roomId);
      const offset = room ? this.offsetOf(room, room.level) : 0;
      // A head poll places a room anew only after its follower has moved, and then it is here again.
      if (offset === 0) this.moved.delete(roomId);
      else yield [roomId, offset];
    }
  }

  // -- the own log ----------------------------------------------------------------------------

  /**
   * The person's own log behind a number. Streams that ask for the same at once share one reading; whatever happened
   * after that began raises `hints`.
   */
  readAccount(after: number, hints: number): Promise<readonly AccountEvent[]> {
    const key = `${after} ${hints}`;
    const known = this.readings.get(key);
    if (known) return known;
    const reading = readAccountLog(
      this.logFollower.options.sql,
      this.logFollower.registry,
      this.userId,
      after,
    ).finally(() => this.readings.delete(key));
    this.readings.set(key, reading);
    return reading;
  }

  // -- the set of rooms -----------------------------------------------------------------------

  /** For a stream that begins there. */
  knownAt(accountSeq: number, ids: readonly number[]): KnownRooms {
    if (this.known?.accountSeq === accountSeq) return this.hold(this.known);
    return this.hold(new KnownRooms(accountSeq, ids));
  }

  /** For a stream that has taken one more event of the own log. */
  knownAfter(current: KnownRooms, event: AccountEvent): KnownRooms {
    const next = this.known?.accountSeq === event.accountSeq ? this.known : current.after(event);
    current.users--;
    return this.hold(next);
  }

  /** The furthest set is offered to others. */
  private hold(known: KnownRooms): KnownRooms {
    known.users++;
    if (!this.known || this.known.users === 0 || known.accountSeq > this.known.accountSeq) this.known = known;
    return known;
  }
}
