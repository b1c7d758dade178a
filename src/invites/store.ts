import type { Status } from '../platform/database-codes.ts';
import { callFunction, type Sql, type Statement, statement } from '../platform/db.ts';
import { deleteInBatches } from '../platform/purge.ts';

export interface InviteRow {
  readonly id: number;
  readonly roomId: number;
  readonly role: number;
  readonly createdBy: number;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly maxUses: number | null;
  readonly useCount: number;
  readonly isOpen: boolean;
}

const columns = `i.id, i.room_id AS "roomId", i.role, i.created_by AS "createdBy", i.created_at AS "createdAt", i.expires_at AS "expiresAt",
  i.max_uses AS "maxUses", i.use_count AS "useCount", invite_is_open(i) AS "isOpen"`;

const byId = statement(`SELECT ${columns} FROM invites i WHERE i.id = $1::bigint AND i.revoked_at IS NULL`);
const byCode = statement(`SELECT ${columns} FROM invites i WHERE i.code_hash = $1::bytea`);
const page = statement(`
  SELECT ${columns} FROM invites i WHERE i.room_id = $1::bigint AND i.id < $2::bigint AND i.revoked_at IS NULL ORDER BY i.id DESC LIMIT $3::int`);

/** Returns the invite, or null if it was revoked or does not exist. */
export const findInvite = (sql: Sql, id: number) => first<InviteRow>(sql, byId, [id]);

/** Returns the invite of a code, also if it has ended. */
export const findByCode = (sql: Sql, codeHash: Buffer) => first<InviteRow>(sql, byCode, [codeHash]);

/** Returns a page of the invites of a room that were not revoked, the newest first. */
export function listInvites(sql: Sql, roomId: number, before: number, limit: number): Promise<InviteRow[]> {
  return sql.rows(page, [roomId, before, limit]);
}

// -- changes -----------------------------------------------------------------------------------

export interface NewInvite {
  readonly codeHash: Buffer;
  readonly role: number;
  readonly expiresAt: Date | null;
  readonly maxUses: number | null;
}

const create = statement(
  'SELECT status, invite_id AS "inviteId" FROM create_invite($1::bigint, $2::bigint, $3::bytea, $4::smallint, $5::timestamptz, $6::int)',
);
const revoke = statement('SELECT status FROM revoke_invite($1::bigint, $2::bigint)');
const accept = statement(
  'SELECT status, room_seq AS "roomSeq" FROM accept_invite($1::int, $2::bigint, $3::bigint)',
);
const join =
  statement(`SELECT status, room_seq AS "roomSeq", user_id AS "userId", session_id AS "sessionId", created_at AS at
  FROM join_as_guest($1::bigint, $2::text, $3::text, $4::bytea, $5::int, $6::text, $7::text)`);

export const insertInvite = (sql: Sql, roomId: number, actorId: number, invite: NewInvite) =>
  callFunction<{ status: Status; inviteId: number }>(sql, create, [
    roomId,
    actorId,
    invite.codeHash,
    invite.role,
    invite.expiresAt,
    invite.maxUses,
  ]);

export const endInvite = (sql: Sql, id: number, actorId: number) =>
  callFunction<{ status: Status }>(sql, revoke, [id, actorId]);

export const useInvite = (sql: Sql, id: number, userId: number, maxRooms: number) =>
  callFunction<{ status: Status; roomSeq: number }>(sql, accept, [maxRooms, id, userId]);

export interface NewGuest {
  readonly username: string;
  readonly displayName: string;
  readonly refreshHash: Buffer;
  readonly days: number;
  readonly deviceName: string | null;
  readonly userAgent: string | null;
}

export interface GuestOutcome {
  readonly status: Status;
  readonly roomSeq: number;
  readonly userId: number;
  readonly sessionId: number;
  readonly at: Date;
}

export const insertGuest = (
  sql: Sql,
  inviteId: number,
  { username, displayName, refreshHash, days, deviceName, userAgent }: NewGuest,
) =>
  callFunction<GuestOutcome>(sql, join, [
    inviteId,
    username,
    displayName,
    refreshHash,
    days,
    deviceName,
    userAgent,
  ]);

const banned = statement('SELECT is_banned($1::bigint, $2::bigint) AS "isBanned"');

/** Whether a user may not join a room. */
export async function isBanned(sql: Sql, roomId: number, userId: number): Promise<boolean> {
  const row = await first<{ isBanned: boolean }>(sql, banned, [roomId, userId]);
  return row?.isBanned === true;
}

const ended = statement(`
  WITH gone AS (
    DELETE FROM invites WHERE id IN (
      SELECT i.id FROM invites i WHERE i.expires_at < $1::timestamptz OR i.revoked_at < $1::timestamptz LIMIT $2::int FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  ) SELECT count(*) AS deleted FROM gone`);

/** Deletes invites that expired or were revoked before a time. Returns how many. */
export const deleteEnded = (sql: Sql, before: Date) => deleteInBatches(sql, ended, before);

async function first<Row>(sql: Sql, text: Statement, values: unknown[]): Promise<Row | null> {
  const [row] = await sql.rows<Row>(text, values);
  return row ?? null;
}
