import type { Status } from '../platform/database-codes.ts';
import { callFunction, type Sql, type Statement, statement } from '../platform/db.ts';

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

// -- retention ---------------------------------------------------------------------------------

/** Rows that one statement deletes, so that none takes long. */
const ROWS_PER_CALL = 1_000;

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
export const deleteEndedTimeouts = (sql: Sql, before: Date) => deleteAll(sql, endedTimeouts, before);

/** Deletes bans that expired before a time. Returns how many. */
export const deleteEndedBans = (sql: Sql, before: Date) => deleteAll(sql, endedBans, before);

async function deleteAll(sql: Sql, batch: Statement, before: Date): Promise<number> {
  for (let total = 0; ; ) {
    const [row] = await sql.rows<{ deleted: number }>(batch, [before.toISOString(), ROWS_PER_CALL]);
    const deleted = Number(row?.deleted ?? 0);
    total += deleted;
    if (deleted < ROWS_PER_CALL) return total;
  }
}
