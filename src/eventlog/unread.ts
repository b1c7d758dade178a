import type { Sql } from '../platform/db.ts';
import type { RoomFollower } from './follower/room-follower.ts';
import type { RoomEvent, Unread, UnreadTotals } from './kinds.ts';
import type { UnreadAt, UnreadRules } from './registry.ts';

export const isMuted = ({ mutedUntil }: Unread, now: number) => mutedUntil !== null && mutedUntil > now;

interface FollowedUnread {
  unread: Unread;
  /** Of the last event that is counted. */
  asOf: number;
  accountSeq: number;
}

/** Where the numbers come from. */
export interface UnreadLog {
  readonly sql: Sql;
  readonly rules: UnreadRules;
}

const NOTHING: Unread = {
  readSeq: 0,
  floor: 0,
  messages: 0,
  mentions: 0,
  mutedUntil: null,
  isPinned: false,
  isHidden: false,
  sharesReceipts: null,
  folder: null,
};

/**
 * What one user has not read, in all rooms that the user's inbox streams on this node follow: as it was read from the
 * database, then as the events of the rooms say. Marks of the user are events of the own log; they are read again.
 */
export class InboxUnread {
  private readonly log: UnreadLog;
  private readonly userId: number;
  private readonly rooms = new Map<number, FollowedUnread>();
  private readonly muted = new Set<number>();
  private sum: UnreadTotals = { messages: 0, mentions: 0, rooms: 0 };
  private loading: Promise<unknown> = Promise.resolve();
  /** Of the own log: what it changed up to there is in all numbers. */
  coveredSeq = 0;

  constructor(log: UnreadLog, userId: number) {
    this.log = log;
    this.userId = userId;
  }

  get(roomId: number): Unread | null {
    return this.rooms.get(roomId)?.unread ?? null;
  }

  /** Of all rooms that are not muted now. */
  get totals(): UnreadTotals {
    if (this.muted.size === 0) return this.sum;
    const now = Date.now();
    let totals = this.sum;
    for (const roomId of this.muted) {
      const unread = this.get(roomId) ?? NOTHING;
      if (isMuted(unread, now)) totals = added(totals, unread, -1);
    }
    return totals;
  }

  /** Counts the event, unless the numbers were read with it. */
  apply(event: RoomEvent): void {
    const room = this.rooms.get(event.roomId);
    if (!room || event.roomSeq <= room.asOf) return;
    room.asOf = event.roomSeq;
    this.put(event.roomId, room, this.log.rules.after(room.unread, event, this.userId));
  }

  /** Counts what the follower has read since the numbers were. */
  catchUp(follower: RoomFollower): void {
    const room = this.rooms.get(follower.roomId);
    if (room) this.replay(follower, room);
  }

  delete(roomId: number): void {
    const room = this.rooms.get(roomId);
    if (!room) return;
    this.put(roomId, room, NOTHING);
    this.rooms.delete(roomId);
  }

  /** Reads the numbers of these rooms, one call after the other, so that an earlier reading never replaces a later one. */
  load(followers: readonly RoomFollower[]): Promise<void> {
    return this.readNext(() => followers);
  }

  /** Reads those again that do not know the own log up to that number. */
  reload(followers: readonly RoomFollower[], accountSeq: number): Promise<void> {
    const isOld = ({ roomId }: RoomFollower) => (this.rooms.get(roomId)?.accountSeq ?? 0) < accountSeq;
    return this.readNext(() => followers.filter(isOld));
  }

  private readNext(followersNow: () => readonly RoomFollower[]): Promise<void> {
    const loaded = this.loading.then(() => this.read(followersNow()));
    this.loading = loaded.catch(() => undefined);
    return loaded;
  }

  private async read(followers: readonly RoomFollower[]): Promise<void> {
    let left = followers;
    while (left.length > 0) {
      const { sql, rules } = this.log;
      const roomIds = left.map(({ roomId }) => roomId);
      const found = new Map((await rules.load(sql, this.userId, roomIds)).map((each) => [each.roomId, each]));
      // The recent events buffer has the events since the statement. Rooms whose buffer has dropped one are read again.
      left = left.filter((follower) => !this.take(follower, found.get(follower.roomId)));
    }
  }

  private take(follower: RoomFollower, loaded: UnreadAt | undefined): boolean {
    if (!loaded) {
      this.delete(follower.roomId);
      return true;
    }
    const { roomId, head, accountSeq, ...unread } = loaded;
    const room = this.rooms.get(roomId) ?? { unread: NOTHING, asOf: 0, accountSeq: 0 };
    this.rooms.set(roomId, room);
    this.put(roomId, room, unread);
    Object.assign(room, { asOf: head, accountSeq });
    return this.replay(follower, room);
  }

  /** False where an event is not in memory any more. */
  private replay(follower: RoomFollower, room: FollowedUnread): boolean {
    for (let roomSeq = room.asOf + 1; roomSeq <= follower.last; roomSeq++) {
      const event = follower.get(roomSeq);
      if (!event) return follower.isClosed;
      this.apply(event);
    }
    return true;
  }

  private put(roomId: number, room: FollowedUnread, next: Unread): void {
    if (next === room.unread) return;
    this.sum = added(added(this.sum, room.unread, -1), next, 1);
    room.unread = next;
    if (next.mutedUntil === null) this.muted.delete(roomId);
    else this.muted.add(roomId);
  }
}

function added(totals: UnreadTotals, { messages, mentions }: Unread, times: 1 | -1): UnreadTotals {
  return {
    messages: totals.messages + times * messages,
    mentions: totals.mentions + times * mentions,
    rooms: totals.rooms + (messages > 0 ? times : 0),
  };
}
