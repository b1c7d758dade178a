import { type Sql, statement } from '../../platform/db.ts';
import { memo } from '../../platform/memo.ts';
import { type DecodedInbox, decodeInboxCursor, InvalidCursor, tagOf } from '../cursor.ts';
import type { LogFollower } from '../follower/log-follower.ts';
import type { RightsAt, StoredRights } from '../kinds.ts';
import { durable, parseSnapshot, readPositions, type Snapshot, saw } from '../log.ts';
import type { Phase } from './catch-up.ts';
import { type ControlItem, closed, resync } from './stream.ts';

/** Where an inbox begins. */
export interface InboxOpening {
  readonly epoch: number;
  readonly userId: number;
  /** Up to which the own log was delivered, and how far it went at the opening. */
  readonly accountSeq: number;
  readonly accountHead: number;
  /** The set of rooms as of `accountSeq`. */
  readonly known: readonly number[];
  /** Those of them that can be read now. */
  readonly rooms: readonly OpenedRoom[];
  readonly phases: readonly Phase[];
}

/** A room of an inbox: its first number for this member, and the last one that the member has. */
export interface OpenedRoom extends RightsAt {
  readonly roomId: number;
  readonly from: number;
  readonly position: number;
}

interface RoomNow extends RightsAt {
  readonly roomId: number;
  readonly from: number;
  readonly rights: StoredRights;
  /** The transaction that wrote last. */
  readonly stamp: number;
  /** The highest one that wrote: of two that wait for each other, the one with the lower number may write last. */
  readonly topStamp: number;
}

interface AccountChange {
  readonly accountSeq: number;
  readonly isGrant: boolean;
  readonly roomId: number;
}

interface Now {
  readonly epoch: number;
  readonly snapshot: Snapshot;
  readonly accountSeq: number;
  readonly oldestAccountSeq: number | null;
  readonly rooms: RoomNow[];
  /** What changed the set of rooms after the cursor. */
  readonly changes: AccountChange[];
}

/** Changes of the set of rooms that one opening undoes. Who missed more begins anew. */
export const MAX_CHANGES = 10_000;

// One statement, hence one snapshot: what it saw of a room is exactly up to the head beside it.
const openInbox = statement(`
  SELECT pg_current_snapshot()::text AS snapshot, current_epoch() AS epoch,
    coalesce((SELECT last_account_seq FROM account_heads WHERE user_id = $1::bigint), 0) AS "accountSeq",
    (SELECT min(account_seq) FROM account_events WHERE user_id = $1::bigint) AS "oldestAccountSeq",
    coalesce((SELECT json_agg(json_build_object('roomId', m.room_id, 'from', m.from_room_seq, 'head', h.last_room_seq, 'stamp', h.last_stamp, 'topStamp', h.top_stamp,
        'rights', json_build_object('role', m.role, 'permissions', m.permission_bits,
          'isArchived', h.state = 1, 'timeoutUntil', timeout_ms(m.timeout_until))) ORDER BY m.room_id)
      FROM memberships m JOIN room_heads h USING (room_id) WHERE m.user_id = $1::bigint AND NOT m.is_hidden), '[]') AS rooms,
    coalesce((SELECT json_agg(json_build_object('accountSeq', e.account_seq, 'isGrant', e.is_grant, 'roomId', e.room_id)
        ORDER BY e.account_seq)
      FROM (SELECT a.account_seq, a.kind = ANY ($3::smallint[]) AS is_grant, a.room_id FROM account_events a
        WHERE a.user_id = $1::bigint AND a.account_seq > $2::bigint AND a.kind = ANY ($3::smallint[] || $4::smallint[])
        ORDER BY a.account_seq LIMIT ${MAX_CHANGES + 1}) e), '[]') AS changes`);

/** A row as it comes. */
type AsText<Row extends { snapshot: Snapshot }> = Omit<Row, 'snapshot'> & { readonly snapshot: string };

const BEYOND_ALL = Number.MAX_SAFE_INTEGER;

async function readNow(logFollower: LogFollower, userId: number, accountSeq: number): Promise<Now> {
  const { registry } = logFollower;
  const numbers = (access: 'granted' | 'lost') =>
    registry.accountKinds.filter((kind) => kind.access === access).map(({ number }) => number);
  const values = [userId, accountSeq, numbers('granted'), numbers('lost')];
  const [row] = await logFollower.options.sql.rows<AsText<Now>>(openInbox, values);
  if (!row) throw new Error('the opening of an inbox returned nothing');
  return { ...row, snapshot: parseSnapshot(row.snapshot) };
}

/**
 * One reading of a person's rooms at a time. All who ask while it runs share the next one: a client that opens many
 * streams at once, or comes back with all of its windows, costs two statements.
 */
class SharedReads {
  private readonly logFollower: LogFollower;
  private readonly userId: number;
  private running: Promise<unknown> = Promise.resolve();
  private next: { from: number; readonly now: Promise<Now> } | null = null;

  constructor(logFollower: LogFollower, userId: number) {
    this.logFollower = logFollower;
    this.userId = userId;
  }

  /** What is true after it was called, with the changes of the own log behind that number. */
  async read(accountSeq: number): Promise<Now> {
    this.next ??= { from: accountSeq, now: this.running.then(() => this.begin()) };
    this.next.from = Math.min(this.next.from, accountSeq);
    const now = await this.next.now;
    return { ...now, changes: now.changes.filter((change) => change.accountSeq > accountSeq) };
  }

  private begin(): Promise<Now> {
    const from = this.next?.from ?? BEYOND_ALL;
    this.next = null;
    const now = readNow(this.logFollower, this.userId, from);
    this.running = now.catch(() => undefined);
    return now;
  }
}

const readsOf = memo(
  (_follower: LogFollower) => new Map<number, { readonly reads: SharedReads; users: number }>(),
);

async function readShared(logFollower: LogFollower, userId: number, accountSeq: number): Promise<Now> {
  const all = readsOf(logFollower);
  const shared = all.get(userId) ?? { reads: new SharedReads(logFollower, userId), users: 0 };
  all.set(userId, shared);
  shared.users++;
  try {
    return await shared.reads.read(accountSeq);
  } finally {
    if (--shared.users === 0) all.delete(userId);
  }
}

/**
 * Where an inbox begins: at the present without a cursor, else exactly behind the last thing its holder applied.
 * @returns the only item of the stream where continuity cannot be proven
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
    return doubts(cursor, now) ?? (await fromCursor(sql, userId, cursor, now));
  } catch (error) {
    if (error instanceof InvalidCursor) return closed('INVALID_CURSOR');
    throw error;
  }
}

/** The same objects for all who share a reading. */
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

/** Why the position cannot be taken up, if so. */
function doubts(cursor: DecodedInbox, now: Now): ControlItem | null {
  if (cursor.epoch !== now.epoch) return resync('CURSOR_FOREIGN');
  if (isAhead(cursor.snapshot, now.snapshot) || cursor.accountSeq > now.accountSeq)
    return resync('CURSOR_FOREIGN');
  if (cursor.catchUp && isAhead(cursor.catchUp.to, now.snapshot)) return resync('CURSOR_FOREIGN');
  if (now.changes.length > MAX_CHANGES) return resync('CURSOR_EXPIRED');
  if (now.oldestAccountSeq !== null && cursor.accountSeq < now.oldestAccountSeq - 1)
    return resync('CURSOR_EXPIRED');
  return null;
}

/** The set of rooms at the cursor: what the own log has had since is undone, backwards. */
function knownAt(now: Now): Set<number> {
  const known = new Set(now.rooms.map(({ roomId }) => roomId));
  for (const { isGrant, roomId } of [...now.changes].reverse()) {
    if (isGrant) known.delete(roomId);
    else known.add(roomId);
  }
  return known;
}

/** Where a snapshot has rooms; null where the log no longer reaches back to it. */
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
  const mark = cursor.catchUp ? await standings(sql, rooms, cursor.catchUp.to) : start;
  if ([...start.values(), ...mark.values()].includes(null)) return resync('CURSOR_EXPIRED');

  const placed = rooms.map((room) => ({ ...room, position: place(room, cursor, moved, start, mark) }));
  if (placed.some(({ position, from, head }) => position < from - 1 || position > head))
    return closed('INVALID_CURSOR');
  return {
    epoch: now.epoch,
    userId,
    accountSeq: cursor.accountSeq,
    accountHead: now.accountSeq,
    known: order,
    rooms: placed,
    phases: phasesOf(cursor, now, start as Map<number, number>, mark as Map<number, number>),
  };
}

type Standings = ReadonlyMap<number, number | null>;

function place(
  { roomId }: RoomNow,
  cursor: DecodedInbox,
  moved: ReadonlyMap<number, number>,
  start: Standings,
  mark: Standings,
): number {
  const { catchUp } = cursor;
  if (catchUp?.roomId === roomId) return (start.get(roomId) ?? 0) + catchUp.offset;
  const by = catchUp && roomId < catchUp.roomId ? mark : start;
  return (by.get(roomId) ?? 0) + (moved.get(roomId) ?? 0);
}

/** A catch-up that was broken off is finished to its own mark first: the cursor cannot name three snapshots. */
function phasesOf(
  cursor: DecodedInbox,
  now: Now,
  start: Map<number, number>,
  mark: Map<number, number>,
): Phase[] {
  const present = new Map(now.rooms.map(({ roomId, head, from }) => [roomId, Math.max(head, from - 1)]));
  // Never behind the cursor: it may have seen later writers, in rooms that the account has lost since.
  const { xmax } = cursor.catchUp?.to ?? cursor.snapshot;
  const to = durable(now.snapshot, Math.max(xmax - 1, ...now.rooms.map(({ topStamp }) => topStamp)));
  if (!cursor.catchUp) return [{ from: cursor.snapshot, to, start, target: present }];
  return [
    { from: cursor.snapshot, to: cursor.catchUp.to, start, target: mark },
    { from: cursor.catchUp.to, to, start: mark, target: present },
  ];
}

/** The snapshot and the position in the own log, as one statement saw them: what a bootstrap query begins with. */
export interface Position {
  readonly epoch: number;
  readonly snapshot: Snapshot;
  readonly accountSeq: number;
}

const readPosition = statement(`
  SELECT pg_current_snapshot()::text AS snapshot, current_epoch() AS epoch,
    coalesce((SELECT last_account_seq FROM account_heads WHERE user_id = $1::bigint), 0) AS "accountSeq",
    coalesce((SELECT max(h.top_stamp) FROM memberships m JOIN room_heads h USING (room_id)
      WHERE m.user_id = $1::bigint AND NOT m.is_hidden), 0) AS stamp`);

export async function readPositionOf(sql: Sql, userId: number): Promise<Position> {
  const [row] = await sql.rows<AsText<Position> & { stamp: number }>(readPosition, [userId]);
  if (!row) throw new Error('the position of an account returned nothing');
  const { epoch, accountSeq, snapshot, stamp } = row;
  return { epoch, accountSeq, snapshot: durable(parseSnapshot(snapshot), stamp) };
}
