import type { Status } from '../platform/database-codes.ts';
import { callFunction, type Sql, statement } from '../platform/db.ts';
import { deleteInBatches } from '../platform/purge.ts';

/** What a function of the write path did: see its file in prisma/functions for the statuses. */
export interface Outcome {
  readonly status: Status;
  /** The position in the room's log that covers the call. */
  readonly roomSeq: number;
}

// -- timeouts ----------------------------------------------------------------------------------

const timeOut = statement(
  'SELECT status, room_seq AS "roomSeq" FROM time_out_member($1::bigint, $2::bigint, $3::bigint, $4::timestamptz, $5::text)',
);

export interface NewTimeout {
  readonly userId: number;
  /** Null ends it. */
  readonly until: Date | null;
  readonly reason: string | null;
}

export const timeOutMember = (sql: Sql, roomId: number, actorId: number, timeout: NewTimeout) =>
  callFunction<Outcome>(sql, timeOut, [roomId, actorId, timeout.userId, timeout.until, timeout.reason]);

// -- bans --------------------------------------------------------------------------------------

export interface Ban {
  readonly userId: number;
  readonly bannedBy: number;
  readonly reason: string | null;
  readonly createdAt: Date;
  /** Null: for ever. */
  readonly expiresAt: Date | null;
}

const ban = statement(
  'SELECT status, room_seq AS "roomSeq" FROM ban_user($1::bigint, $2::bigint, $3::bigint, $4::timestamptz, $5::text)',
);
const unban = statement(
  'SELECT status, room_seq AS "roomSeq" FROM unban_user($1::bigint, $2::bigint, $3::bigint, $4::text)',
);

export type NewBan = Pick<Ban, 'userId' | 'reason' | 'expiresAt'>;

export const insertBan = (sql: Sql, roomId: number, actorId: number, { userId, expiresAt, reason }: NewBan) =>
  callFunction<Outcome>(sql, ban, [roomId, actorId, userId, expiresAt, reason]);

export const deleteBan = (
  sql: Sql,
  roomId: number,
  actorId: number,
  { userId, reason }: Pick<Ban, 'userId' | 'reason'>,
) => callFunction<Outcome>(sql, unban, [roomId, actorId, userId, reason]);

const banColumns = `b.user_id AS "userId", b.banned_by AS "bannedBy", b.reason, b.created_at AS "createdAt", b.expires_at AS "expiresAt"`;
const inForce = '(b.expires_at IS NULL OR b.expires_at > clock_timestamp())';

const oneBan = statement(
  `SELECT ${banColumns} FROM bans b WHERE b.room_id = $1::bigint AND b.user_id = $2::bigint AND ${inForce}`,
);
const pageOfBans = statement(`
  SELECT ${banColumns} FROM bans b WHERE b.room_id = $1::bigint AND ${inForce}
    AND (b.created_at, b.user_id) < ($2::timestamptz, $3::bigint)
  ORDER BY b.created_at DESC, b.user_id DESC LIMIT $4::int`);

/** Returns a ban that is in force, or null. */
export async function findBan(sql: Sql, roomId: number, userId: number): Promise<Ban | null> {
  const [row] = await sql.rows<Ban>(oneBan, [roomId, userId]);
  return row ?? null;
}

/** Returns a page of the bans that are in force, the newest first, before that one; null for the first page. */
export const listBans = (
  sql: Sql,
  roomId: number,
  before: Pick<Ban, 'createdAt' | 'userId'> | null,
  limit: number,
): Promise<Ban[]> =>
  sql.rows(pageOfBans, [roomId, before?.createdAt ?? 'infinity', before?.userId ?? 0, limit]);

// -- audit log ---------------------------------------------------------------------------------

/** By field, the values before and after; times in ms since 1970, roles as ranks, permissions as bits. */
export type StoredChanges = Readonly<
  Record<string, readonly [before: string | number | null, after: string | number | null]>
>;

export interface AuditEntry {
  readonly roomId: number;
  /** Dense from 1 in its room. */
  readonly auditSeq: number;
  readonly actorId: number;
  readonly action: string;
  /** A user, or the negative rank of a role. */
  readonly target: number | null;
  /** The roomSeq of a message, or the id of an invite. */
  readonly subject: number | null;
  readonly reason: string | null;
  readonly changes: StoredChanges | null;
  readonly createdAt: Date;
}

/** Which page of the audit log of a room. */
export interface AuditQuery {
  readonly roomId: number;
  /** Only entries below this number. */
  readonly before: number;
  /** Null: all. */
  readonly action: string | null;
  readonly actorId: number | null;
  readonly limit: number;
}

/** A statement for each combination of filters, so that each has the plan of its index. */
const auditPage = (filter: string) =>
  statement(`
    SELECT a.room_id AS "roomId", a.audit_seq AS "auditSeq", a.actor_id AS "actorId", a.action, a.target, a.subject, a.reason, a.changes,
      a.created_at AS "createdAt"
    FROM audit_log a WHERE a.room_id = $1::bigint AND a.audit_seq < $2::bigint ${filter} ORDER BY a.audit_seq DESC LIMIT $3::int`);
const auditPages = {
  all: auditPage(''),
  byAction: auditPage('AND a.action = $4::text'),
  byActor: auditPage('AND a.actor_id = $4::bigint'),
  byBoth: auditPage('AND a.action = $4::text AND a.actor_id = $5::bigint'),
};

/** Returns a page of the audit log of a room, the newest entry first. */
export function listAudit(
  sql: Sql,
  { roomId, before, action, actorId, limit }: AuditQuery,
): Promise<AuditEntry[]> {
  const common = [roomId, before, limit];
  if (action === null)
    return actorId === null
      ? sql.rows(auditPages.all, common)
      : sql.rows(auditPages.byActor, [...common, actorId]);
  return actorId === null
    ? sql.rows(auditPages.byAction, [...common, action])
    : sql.rows(auditPages.byBoth, [...common, action, actorId]);
}

// -- retention ---------------------------------------------------------------------------------

const endedTimeouts = statement(`
  WITH gone AS (
    DELETE FROM former_timeouts WHERE (room_id, user_id) IN (
      SELECT f.room_id, f.user_id FROM former_timeouts f WHERE f.until < $1::timestamptz LIMIT $2::int FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  ) SELECT count(*) AS deleted FROM gone`);

const endedBans = statement(`
  WITH gone AS (
    DELETE FROM bans WHERE (room_id, user_id) IN (
      SELECT b.room_id, b.user_id FROM bans b WHERE b.expires_at < $1::timestamptz LIMIT $2::int FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  ) SELECT count(*) AS deleted FROM gone`);

/** Deletes timeouts of former members that ended before a time. Returns how many. */
export const deleteEndedTimeouts = (sql: Sql, before: Date) => deleteInBatches(sql, endedTimeouts, before);

/** Deletes bans that expired before a time. Returns how many. */
export const deleteEndedBans = (sql: Sql, before: Date) => deleteInBatches(sql, endedBans, before);

const oldAudit = statement('SELECT trim_audit_log($1::timestamptz, $2::int) AS deleted');

/** Deletes entries of audit logs from before a time. Returns how many. */
export const deleteOldAudit = (sql: Sql, before: Date) => deleteInBatches(sql, oldAudit, before);
