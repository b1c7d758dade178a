import { roomStates } from '../platform/database-codes.ts';
import { type Sql, statement } from '../platform/db.ts';
import type { AccountEvent, PersonRecord, RoomEvent, StoredRights } from './kinds.ts';
import {
  ACCOUNT_UNAVAILABLE,
  type EventRegistry,
  type RoomEventKind,
  type SubjectKey,
  type SubjectKind,
  subjectKey,
  UNAVAILABLE,
} from './registry.ts';

/** Maximum of events in one read of the log. */
export const PAGE_LENGTH = 200;

type EventRow = Omit<RoomEvent, 'kind' | 'record' | 'people'> & { readonly kind: number };

const readEvents = statement(`
  SELECT room_id AS "roomId", room_seq AS "roomSeq", kind, actor_id AS "actorId", subject, message_seq AS "messageSeq",
    created_at AS "createdAt", facts
  FROM room_events WHERE room_id = $1::bigint AND room_seq > $2::bigint ORDER BY room_seq LIMIT $3::int`);

/** Loads subjects and users: one statement for each kind of subject on a page of any length, and one for the users. */
async function withSubjects(
  sql: Sql,
  registry: EventRegistry,
  rows: readonly EventRow[],
): Promise<RoomEvent[]> {
  const events = await withRecords(sql, registry, rows);
  const named = events.map((event) => usersNamedIn(registry, event));
  const ids = new Set(named.flat());
  const people = ids.size > 0 ? await registry.people(sql, [...ids]) : [];
  const byId = new Map<number, PersonRecord>(people.map((person) => [person.id, person]));
  return events.map((event, i) => ({
    ...event,
    people: (named[i] as number[]).flatMap((id) => byId.get(id) ?? []),
  }));
}

/** Loads subjects, but no users: the caller loads those with all others that it shows. */
async function withRecords(
  sql: Sql,
  registry: EventRegistry,
  rows: readonly EventRow[],
): Promise<RoomEvent[]> {
  const records = await readRecords(sql, registry, rows);
  return rows.map((row) => ({ ...shown(registry, row, records), people: [] }));
}

type Records = ReadonlyMap<SubjectKind, ReadonlyMap<string, object>>;

async function readRecords(sql: Sql, registry: EventRegistry, rows: readonly EventRow[]): Promise<Records> {
  const keys = new Map<SubjectKind, SubjectKey[]>();
  for (const { kind, roomId, subject } of rows) {
    const subjectKind = registry.roomKind(kind)?.subject;
    if (!subjectKind || subject === null) continue;
    const known = keys.get(subjectKind);
    if (known) known.push({ roomId, subject });
    else keys.set(subjectKind, [{ roomId, subject }]);
  }
  const found = [...keys].map(async ([kind, wanted]) => [kind, await kind.load(sql, wanted)] as const);
  return new Map(await Promise.all(found));
}

/** An event that cannot be shown keeps its number, so that the log has no gap. */
function shown(registry: EventRegistry, row: EventRow, records: Records): Omit<RoomEvent, 'people'> {
  const kind = registry.roomKind(row.kind);
  const record = kind && recordOf(kind, row, records);
  if (!kind || record === undefined) return { ...row, kind: UNAVAILABLE, record: null };
  return { ...row, kind: kind.name, record };
}

/** Null if the kind reads none, undefined if the subject is gone. */
function recordOf({ subject }: RoomEventKind, row: EventRow, records: Records): object | null | undefined {
  if (!subject) return null;
  return records.get(subject)?.get(subjectKey({ roomId: row.roomId, subject: row.subject ?? 0 }));
}

/** Returns each user once. */
function usersNamedIn(registry: EventRegistry, event: Omit<RoomEvent, 'people'>): number[] {
  const kind = registry.roomKindNamed(event.kind);
  const inRecord = event.record && kind?.subject ? kind.subject.usersNamedIn(event.record) : [];
  const ids = [event.actorId, ...inRecord, ...(kind?.usersNamedIn?.(event) ?? [])];
  return [...new Set(ids)].filter((id) => id !== null);
}

/**
 * Reads the events of a room after a number, oldest first, at most `limit`. The number of statements does not depend on
 * it.
 */
export async function readLog(
  sql: Sql,
  registry: EventRegistry,
  roomId: number,
  after: number,
  limit = PAGE_LENGTH,
): Promise<RoomEvent[]> {
  return withSubjects(sql, registry, await sql.rows<EventRow>(readEvents, [roomId, after, limit]));
}

const readManyEvents = statement(`
  SELECT e.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS x(room_id, after, last, ord)
  CROSS JOIN LATERAL (
    SELECT room_id AS "roomId", room_seq AS "roomSeq", kind, actor_id AS "actorId", subject, message_seq AS "messageSeq",
      created_at AS "createdAt", facts
    FROM room_events r WHERE r.room_id = x.room_id AND r.room_seq > x.after AND r.room_seq <= x.last ORDER BY r.room_seq
  ) e ORDER BY x.ord, e."roomSeq"`);

/** A range of one room's log: after `after`, up to and including `last`. */
export interface Stretch {
  readonly roomId: number;
  readonly after: number;
  readonly last: number;
}

/** Reads ranges of several rooms' logs, in the order of the request; the caller limits their sum. */
export async function readLogs(
  sql: Sql,
  registry: EventRegistry,
  stretches: readonly Stretch[],
): Promise<RoomEvent[]> {
  return withSubjects(sql, registry, await readRows(sql, stretches));
}

/** The same without the users in the events. */
export async function readLogsWithoutPeople(
  sql: Sql,
  registry: EventRegistry,
  stretches: readonly Stretch[],
): Promise<RoomEvent[]> {
  return withRecords(sql, registry, await readRows(sql, stretches));
}

function readRows(sql: Sql, stretches: readonly Stretch[]): Promise<EventRow[]> {
  const values = [
    stretches.map((s) => s.roomId),
    stretches.map((s) => s.after),
    stretches.map((s) => s.last),
  ];
  return sql.rows<EventRow>(readManyEvents, values);
}

const readHeads = statement(`
  SELECT pg_current_snapshot()::text AS snapshot, current_epoch() AS epoch, clock_timestamp() AS now, incarnation_home(0) AS database, r.rooms, r.stamp,
    (SELECT coalesce(array_agg(coalesce(h.last_account_seq, 0) ORDER BY x.ord), '{}')
      FROM unnest($2::bigint[]) WITH ORDINALITY AS x(id, ord) LEFT JOIN account_heads h ON h.user_id = x.id) AS accounts
  FROM (SELECT coalesce(array_agg(coalesce(h.last_room_seq, 0) ORDER BY x.ord), '{}') AS rooms, coalesce(max(h.top_stamp), 0) AS stamp
    FROM unnest($1::bigint[]) WITH ORDINALITY AS x(id, ord) LEFT JOIN room_heads h ON h.room_id = x.id) r`);

export interface Heads {
  /** `pg_current_snapshot()` of the same statement: it saw each room exactly up to the head in this row. */
  readonly snapshot: string;
  /** Identifies the data as long as its numbers continue. */
  readonly epoch: number;
  /** By the clock of the database. */
  readonly now: Date;
  /** Names the cluster and the database: a promoted standby has those of its primary, a restored dump has others. */
  readonly database: string;
  readonly rooms: number[];
  /** The highest transaction that wrote to one of these rooms. */
  readonly stamp: number;
  readonly accounts: number[];
}

/**
 * Reads the last numbers of rooms and accounts (0 for unknown ones), in the order of the request, with their snapshot.
 */
export async function readHeadsOf(sql: Sql, roomIds: number[], userIds: number[]): Promise<Heads> {
  const [row] = await sql.rows<Heads>(readHeads, [roomIds, userIds]);
  if (!row) throw new Error('the head poll returned nothing');
  return row;
}

type AccountRow = Omit<AccountEvent, 'kind' | 'access' | 'changesUnread' | 'changesRendered' | 'granted'> & {
  readonly kind: number;
} & StoredRights & {
    isCurrent: boolean;
    head: number;
  };

const readAccount = statement(`
  SELECT e.user_id AS "userId", e.account_seq AS "accountSeq", e.kind, coalesce(e.room_id, 0) AS "roomId",
    coalesce(e.room_seq, 0) AS "roomSeq", e.created_at AS "createdAt", (e.kind = ANY ($4::smallint[]) AND m.from_room_seq = e.room_seq) IS TRUE AS "isCurrent",
    m.role, m.permission_bits AS permissions, timeout_ms(m.timeout_until) AS "timeoutUntil", h.state = ${roomStates.ARCHIVED} AS "isArchived",
    h.last_room_seq AS head
  FROM account_events e LEFT JOIN memberships m ON m.room_id = e.room_id AND m.user_id = e.user_id
    LEFT JOIN room_heads h ON h.room_id = e.room_id
  WHERE e.user_id = $1::bigint AND e.account_seq > $2::bigint ORDER BY e.account_seq LIMIT $3::int`);

/** Reads a user's own events after a number, oldest first. Events of unknown kinds keep their numbers. */
export async function readAccountLog(
  sql: Sql,
  registry: EventRegistry,
  userId: number,
  after: number,
  limit = PAGE_LENGTH,
): Promise<AccountEvent[]> {
  const granting = registry.accountKinds.filter(({ access }) => access === 'granted');
  const numbers = granting.map(({ number }) => number);
  const rows = await sql.rows<AccountRow>(readAccount, [userId, after, limit, numbers]);
  return rows.map(({ isCurrent, role, permissions, isArchived, timeoutUntil, head, kind, ...row }) => ({
    ...row,
    kind: registry.accountKind(kind)?.name ?? ACCOUNT_UNAVAILABLE,
    access: registry.accountKind(kind)?.access ?? 'unchanged',
    changesUnread: registry.accountKind(kind)?.changesUnread ?? false,
    changesRendered: registry.accountKind(kind)?.changesRendered ?? false,
    granted: isCurrent ? { rights: { role, permissions, isArchived, timeoutUntil }, head } : null,
  }));
}

const positionsAt = statement(
  `SELECT room_id AS "roomId", prefix FROM positions_at($1::bigint[], $2::bigint, $3::bigint, $4::bigint[])`,
);

export interface Snapshot {
  readonly xmin: number;
  readonly xmax: number;
  /** Transactions that run between the two, ascending. */
  readonly xip: readonly number[];
}

/** Reads the text form of `pg_current_snapshot()`. */
export function parseSnapshot(text: string): Snapshot {
  const [xmin, xmax, xip] = text.split(':');
  return { xmin: Number(xmin), xmax: Number(xmax), xip: xip ? xip.split(',').map(Number) : [] };
}

/**
 * Returns the snapshot for rooms whose highest writer was `stamp`, so that it stays correct after a crash of the
 * server. Then the numbers of rolled-back transactions are assigned again, and a position must not claim to have seen
 * them. A visible writer is on disk, so its number is not assigned again.
 */
export function durable({ xmin, xmax, xip }: Snapshot, stamp: number): Snapshot {
  const end = Math.min(xmax, stamp + 1);
  return { xmin: Math.min(xmin, end), xmax: end, xip: xip.filter((xid) => xid < end) };
}

/** Whether a snapshot sees the writes of a transaction. */
export function saw(snapshot: Snapshot, xid: number): boolean {
  return xid < snapshot.xmin || (xid < snapshot.xmax && !snapshot.xip.includes(xid));
}

/** Returns the last number of each room that a snapshot saw; null if the log no longer reaches back to it. */
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
