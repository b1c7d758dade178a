import { type Sql, statement } from '../platform/db.ts';
import {
  type AccountEvent,
  accountEventKinds,
  isMessageKind,
  type MessageRecord,
  type PersonRecord,
  type RoomEvent,
  roomEventKinds,
  type StoredRights,
} from './kinds.ts';

/** Events that one read of the log returns at most. */
export const PAGE_LENGTH = 200;

/** How the log finds what its events are about; the concepts that own it give it to the log. */
export interface Subjects {
  /** By (room, roomSeq). */
  messages(roomIds: number[], roomSeqs: number[]): Promise<Map<string, MessageRecord>>;
  people(ids: number[]): Promise<Map<number, PersonRecord>>;
}

export const messageKey = (roomId: number, roomSeq: number) => `${roomId}.${roomSeq}`;

type EventRow = Omit<RoomEvent, 'kind' | 'message' | 'people'> & { kind: keyof typeof roomEventKinds };

const readEvents = statement(`
  SELECT room_id AS "roomId", room_seq AS "roomSeq", kind, actor_id AS "actorId", subject, message_seq AS "messageSeq",
    created_at AS "createdAt", facts
  FROM room_events WHERE room_id = $1::bigint AND room_seq > $2::bigint ORDER BY room_seq LIMIT $3::int`);

/** Three statements for a page of any length: its rows, their messages, and the people that both name. */
async function withSubjects(rows: EventRow[], subjects: Subjects): Promise<RoomEvent[]> {
  const events = withMessages(rows, await messagesOf(rows, subjects));
  const ids = new Set(events.flatMap(namedIn));
  const people = ids.size ? await subjects.people([...ids]) : new Map<number, PersonRecord>();
  return events.map((event) => ({
    ...event,
    people: namedIn(event).flatMap((id) => people.get(id) ?? []),
  }));
}

async function messagesOf(rows: EventRow[], subjects: Subjects): Promise<Map<string, MessageRecord>> {
  const about = rows.filter((row) => isMessageKind(roomEventKinds[row.kind]) && row.subject !== null);
  if (about.length === 0) return new Map();
  return subjects.messages(
    about.map((row) => row.roomId),
    about.map((row) => row.subject as number),
  );
}

function withMessages(rows: EventRow[], messages: Map<string, MessageRecord>) {
  return rows.map((row) => {
    const kind = roomEventKinds[row.kind] ?? 'EventUnavailable';
    const message = isMessageKind(kind)
      ? (messages.get(messageKey(row.roomId, row.subject ?? 0)) ?? null)
      : null;
    // What can no longer be shown keeps its number, so that the log stays dense.
    const shown: RoomEvent['kind'] = isMessageKind(kind) && !message ? 'EventUnavailable' : kind;
    return { ...row, kind: shown, message };
  });
}

/** Actor, author, and the member that the event is about; each once. */
function namedIn({ kind, actorId, subject, message }: Omit<RoomEvent, 'people'>): number[] {
  const member = kind.startsWith('Member') ? subject : null;
  return [...new Set([actorId, message?.authorId ?? null, member])].filter((id) => id !== null);
}

/** The events of a room after a number, oldest first, at most `limit`. Three statements, whatever the limit. */
export async function readLog(
  sql: Sql,
  subjects: Subjects,
  roomId: number,
  after: number,
  limit = PAGE_LENGTH,
): Promise<RoomEvent[]> {
  return withSubjects(await sql.rows<EventRow>(readEvents, [roomId, after, limit]), subjects);
}

const readManyEvents = statement(`
  SELECT e.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS x(room_id, after, last, ord)
  CROSS JOIN LATERAL (
    SELECT room_id AS "roomId", room_seq AS "roomSeq", kind, actor_id AS "actorId", subject, message_seq AS "messageSeq",
      created_at AS "createdAt", facts
    FROM room_events r WHERE r.room_id = x.room_id AND r.room_seq > x.after AND r.room_seq <= x.last ORDER BY r.room_seq
  ) e ORDER BY x.ord, e."roomSeq"`);

/** A stretch of one room's log: after `after`, up to and including `last`. */
export interface Stretch {
  readonly roomId: number;
  readonly after: number;
  readonly last: number;
}

/** Stretches of several rooms' logs, in the order asked, in three statements; the caller bounds their sum. */
export async function readLogs(
  sql: Sql,
  subjects: Subjects,
  stretches: readonly Stretch[],
): Promise<RoomEvent[]> {
  const values = [
    stretches.map((s) => s.roomId),
    stretches.map((s) => s.after),
    stretches.map((s) => s.last),
  ];
  return withSubjects(await sql.rows<EventRow>(readManyEvents, values), subjects);
}

const readHeads = statement(`
  SELECT pg_current_snapshot()::text AS snapshot, current_epoch() AS epoch, r.rooms, r.stamp,
    (SELECT coalesce(array_agg(coalesce(h.last_account_seq, 0) ORDER BY x.ord), '{}')
      FROM unnest($2::bigint[]) WITH ORDINALITY AS x(id, ord) LEFT JOIN account_heads h ON h.user_id = x.id) AS accounts
  FROM (SELECT coalesce(array_agg(coalesce(h.last_room_seq, 0) ORDER BY x.ord), '{}') AS rooms, coalesce(max(h.last_stamp), 0) AS stamp
    FROM unnest($1::bigint[]) WITH ORDINALITY AS x(id, ord) LEFT JOIN room_heads h ON h.room_id = x.id) r`);

export interface Heads {
  /** `pg_current_snapshot()` of the same statement: what it saw of a room is exactly up to the head beside it. */
  readonly snapshot: string;
  /** Names the data as long as its numbers continue. */
  readonly epoch: number;
  readonly rooms: number[];
  /** The last transaction that wrote to one of these rooms. */
  readonly stamp: number;
  readonly accounts: number[];
}

/** The last numbers of rooms and accounts (0 for unknown ones), in the order asked, with the snapshot they were read in. */
export async function readHeadsOf(sql: Sql, roomIds: number[], userIds: number[]): Promise<Heads> {
  const [row] = await sql.rows<Heads>(readHeads, [roomIds, userIds]);
  if (!row) throw new Error('the head check returned nothing');
  return row;
}

type AccountRow = Omit<AccountEvent, 'kind' | 'granted'> & {
  kind: keyof typeof accountEventKinds;
} & StoredRights & {
    isCurrent: boolean;
    head: number;
  };

const readAccount = statement(`
  SELECT e.user_id AS "userId", e.account_seq AS "accountSeq", e.kind, e.room_id AS "roomId", e.room_seq AS "roomSeq",
    e.created_at AS "createdAt", (e.kind = 1 AND m.from_room_seq = e.room_seq) IS TRUE AS "isCurrent",
    m.role, m.permission_bits AS permissions, timeout_ms(m.timeout_until) AS "timeoutUntil", h.state = 1 AS "isArchived",
    h.last_room_seq AS head
  FROM account_events e LEFT JOIN memberships m ON m.room_id = e.room_id AND m.user_id = e.user_id
    LEFT JOIN room_heads h ON h.room_id = e.room_id
  WHERE e.user_id = $1::bigint AND e.account_seq > $2::bigint ORDER BY e.account_seq LIMIT $3::int`);

/** A person's own events after a number, oldest first. */
export async function readAccountLog(
  sql: Sql,
  userId: number,
  after: number,
  limit = PAGE_LENGTH,
): Promise<AccountEvent[]> {
  const rows = await sql.rows<AccountRow>(readAccount, [userId, after, limit]);
  return rows.map(({ isCurrent, role, permissions, isArchived, timeoutUntil, head, kind, ...row }) => ({
    ...row,
    kind: accountEventKinds[kind],
    granted: isCurrent ? { rights: { role, permissions, isArchived, timeoutUntil }, head } : null,
  }));
}

const positionsAt = statement(
  `SELECT room_id AS "roomId", prefix FROM positions_at($1::bigint[], $2::bigint, $3::bigint, $4::bigint[])`,
);

export interface Snapshot {
  readonly xmin: number;
  readonly xmax: number;
  /** Transactions in flight between the two, ascending. */
  readonly xip: readonly number[];
}

/** Reads the text form of `pg_current_snapshot()`. */
export function parseSnapshot(text: string): Snapshot {
  const [xmin, xmax, xip] = text.split(':');
  return { xmin: Number(xmin), xmax: Number(xmax), xip: xip ? xip.split(',').map(Number) : [] };
}

/**
 * The same snapshot for rooms whose last writer was `stamp`, but one that outlives a crash of the server: after that,
 * numbers of transactions that were rolled back are given out again, and a position must not claim to have seen them.
 * A writer that can be seen is on disk, so its number is not.
 */
export function durable({ xmin, xmax, xip }: Snapshot, stamp: number): Snapshot {
  const end = Math.min(xmax, stamp + 1);
  return { xmin: Math.min(xmin, end), xmax: end, xip: xip.filter((xid) => xid < end) };
}

/** Whether a snapshot sees what a transaction wrote. */
export function saw(snapshot: Snapshot, xid: number): boolean {
  return xid < snapshot.xmin || (xid < snapshot.xmax && !snapshot.xip.includes(xid));
}

/** The last number of each room that a snapshot saw; null where the log no longer reaches back to it. */
export async function readPositions(
  sql: Sql,
  roomIds: number[],
  at: Snapshot,
): Promise<Map<number, number | null>> {
  if (roomIds.length === 0) return new Map();
  const rows = await sql.rows<{ roomId: number; prefix: number | null }>(positionsAt, [
    roomIds,
    at.xmin,
    at.xmax,
    at.xip,
  ]);
  return new Map(rows.map((row) => [row.roomId, row.prefix]));
}
