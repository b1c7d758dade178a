import type { Sql } from '../../platform/db.ts';
import { memo } from '../../platform/memo.ts';
import { InvalidCursor } from '../cursors/bytes.ts';
import { type DecodedInbox, decodeInboxCursor, tagOf } from '../cursors/inbox-cursor.ts';
import type { LogFollower } from '../follower/log-follower.ts';
import type { RightsAt } from '../kinds.ts';
import { durable, readPositions, type Snapshot, saw } from '../log.ts';
import type { Phase } from './catch-up.ts';
import { BEYOND_ALL, MAX_CHANGES, type Now, type RoomNow, readShared } from './inbox-state.ts';
import { type ControlItem, closed, resync } from './items.ts';

/** The start of an inbox. */
export interface InboxOpening {
  readonly epoch: number;
  readonly userId: number;
  /** The number up to which the own log was delivered, and its head at the opening. */
  readonly accountSeq: number;
  readonly accountHead: number;
  /** The set of rooms as of `accountSeq`. */
  readonly known: readonly number[];
  /** The known rooms that can be read now. */
  readonly rooms: readonly OpenedRoom[];
  readonly phases: readonly Phase[];
}

/** A room of an inbox: its first number for this member, and the last number that the member has. */
export interface OpenedRoom extends RightsAt {
  readonly roomId: number;
  readonly from: number;
  readonly position: number;
}

/**
 * Opens an inbox: at the current position without a cursor, otherwise exactly after the last item that the client
 * applied.
 * @returns the only item of the stream if continuity cannot be proven
 */
export async function openInboxAt(
  logFollower: LogFollower,
  userId: number,
  after: string | null,
): Promise<InboxOpening | ControlItem> {
  const sql = logFollower.options.sql;
  if (after === null) return fromNow(userId, await readShared(logFollower, userId, BEYOND_ALL));
  let cursor: DecodedInbox;
  try {
    cursor = decodeInboxCursor(after);
    if (cursor.userTag !== tagOf(userId)) return resync('CURSOR_FOREIGN');
    const now = await readShared(logFollower, userId, cursor.accountSeq);
    return cannotResume(cursor, now) ?? (await fromCursor(sql, userId, cursor, now));
  } catch (error) {
    if (error instanceof InvalidCursor) return closed('INVALID_CURSOR');
    throw error;
  }
}

/** The same objects for all callers that share a read. */
const atHeads = memo((rooms: readonly RoomNow[]) => ({
  known: rooms.map(({ roomId }) => roomId),
  rooms: rooms.map((room): OpenedRoom => ({ ...room, position: room.head })),
}));

function fromNow(userId: number, { epoch, accountSeq, rooms }: Now): InboxOpening {
  return { epoch, userId, accountSeq, accountHead: accountSeq, ...atHeads(rooms), phases: [] };
}

function isAhead(snapshot: Snapshot, now: Snapshot): boolean {
  return snapshot.xmax > now.xmax || snapshot.xmin > Math.min(snapshot.xmax, now.xmin);
}

/** Returns why the position cannot be used, or null. */
function cannotResume(cursor: DecodedInbox, now: Now): ControlItem | null {
  if (cursor.epoch !== now.epoch) return resync('CURSOR_FOREIGN');
  if (isAhead(cursor.snapshot, now.snapshot) || cursor.accountSeq > now.accountSeq)
    return resync('CURSOR_FOREIGN');
  if (cursor.catchUp && isAhead(cursor.catchUp.to, now.snapshot)) return resync('CURSOR_FOREIGN');
  if (now.changes.length > MAX_CHANGES) return resync('CURSOR_EXPIRED');
  if (now.oldestAccountSeq !== null && cursor.accountSeq < now.oldestAccountSeq - 1)
    return resync('CURSOR_EXPIRED');
  return null;
}

/** Computes the set of rooms at the cursor, by undoing later changes backwards. */
function knownAt(now: Now): Set<number> {
  const known = new Set(now.rooms.map(({ roomId }) => roomId));
  for (const { isGrant, roomId } of [...now.changes].reverse()) {
    if (isGrant) known.delete(roomId);
    else known.add(roomId);
  }
  return known;
}

/** Returns the positions of rooms in a snapshot; null if the log no longer reaches back to it. */
async function standings(
  sql: Sql,
  rooms: readonly RoomNow[],
  at: Snapshot,
): Promise<Map<number, number | null>> {
  const unseen = rooms.filter((room) => !saw(at, room.stamp)).map(({ roomId }) => roomId);
  const found = await readPositions(sql, unseen, at);
  return new Map(
    rooms.map(({ roomId, from, head, stamp }) => {
      const prefix = saw(at, stamp) ? head : (found.get(roomId) ?? null);
      return [roomId, prefix === null ? null : Math.max(prefix, from - 1)];
    }),
  );
}

async function fromCursor(
  sql: Sql,
  userId: number,
  cursor: DecodedInbox,
  now: Now,
): Promise<InboxOpening | ControlItem> {
  const known = knownAt(now);
  const rooms = now.rooms.filter(({ roomId }) => known.has(roomId));
  const lost = new Set(now.changes.filter(({ isGrant }) => !isGrant).map(({ roomId }) => roomId));
  if (rooms.some(({ roomId }) => lost.has(roomId))) return resync('ACCESS_CHANGED');

  const order = [...known].sort((a, b) => a - b);
  const moved = new Map(cursor.moved(order));
  const start = await standings(sql, rooms, cursor.snapshot);
  const target = cursor.catchUp ? await standings(sql, rooms, cursor.catchUp.to) : start;
  if ([...start.values(), ...target.values()].includes(null)) return resync('CURSOR_EXPIRED');

  const placed = rooms.map((room) => ({ ...room, position: place(room, cursor, moved, start, target) }));
  if (placed.some(({ position, from, head }) => position < from - 1 || position > head))
    return closed('INVALID_CURSOR');
  return {
    epoch: now.epoch,
    userId,
    accountSeq: cursor.accountSeq,
    accountHead: now.accountSeq,
    known: order,
    rooms: placed,
    phases: phasesOf(cursor, now, start as Map<number, number>, target as Map<number, number>),
  };
}

type Standings = ReadonlyMap<number, number | null>;

function place(
  { roomId }: RoomNow,
  cursor: DecodedInbox,
  moved: ReadonlyMap<number, number>,
  start: Standings,
  target: Standings,
): number {
  const { catchUp } = cursor;
  if (catchUp?.roomId === roomId) return (start.get(roomId) ?? 0) + catchUp.offset;
  const by = catchUp && roomId < catchUp.roomId ? target : start;
  return (by.get(roomId) ?? 0) + (moved.get(roomId) ?? 0);
}

/** A catch-up that was broken off is finished to its own target first: the cursor cannot name three snapshots. */
function phasesOf(
  cursor: DecodedInbox,
  now: Now,
  start: Map<number, number>,
  target: Map<number, number>,
): Phase[] {
  const present = new Map(now.rooms.map(({ roomId, head, from }) => [roomId, Math.max(head, from - 1)]));
  // Never before the cursor: it may have seen later writers, in rooms that the user has lost since.
  const { xmax } = cursor.catchUp?.to ?? cursor.snapshot;
  const to = durable(now.snapshot, Math.max(xmax - 1, ...now.rooms.map(({ topStamp }) => topStamp)));
  if (!cursor.catchUp) return [{ from: cursor.snapshot, to, start, target: present }];
  return [
    { from: cursor.snapshot, to: cursor.catchUp.to, start, target },
    { from: cursor.catchUp.to, to, start: target, target: present },
  ];
}
