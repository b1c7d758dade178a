import type { Status } from '../platform/database-codes.ts';
import { type Sql, type Statement, statement } from '../platform/db.ts';

/** A message by its position in the log. */
export interface Place {
  readonly roomId: number;
  readonly roomSeq: number;
}

/** How an account was closed: the sessions that ended, and the last events of the rooms that the user left. */
export interface Closing {
  readonly status: Status;
  readonly sessionIds: readonly number[];
  readonly roomIds: readonly number[];
  readonly roomSeqs: readonly number[];
}

const closing = statement(`
  SELECT status, coalesce(session_ids, '{}') AS "sessionIds", coalesce(room_ids, '{}') AS "roomIds", coalesce(room_seqs, '{}') AS "roomSeqs"
  FROM close_account($1::bigint, $2::bigint, $3::boolean)`);

/** Closes an account in one transaction, which also adds the job for the rest. `actorId` is null for the command line. */
export async function closeAccount(
  sql: Sql,
  actorId: number | null,
  userId: number,
  erasesMessages: boolean,
): Promise<Closing> {
  const [row] = await sql.rows<Closing>(closing, [actorId, userId, erasesMessages]);
  if (!row) throw new Error('close_account returned nothing');
  return row;
}

const begun = statement(
  'SELECT EXISTS (SELECT FROM sessions WHERE id = $1::bigint AND created_at > now() - make_interval(mins => $2::int)) AS "isRecent"',
);

/** Whether the session began in the last minutes. */
export async function isRecentSession(sql: Sql, sessionId: number, minutes: number): Promise<boolean> {
  const [row] = await sql.rows<{ isRecent: boolean }>(begun, [sessionId, minutes]);
  return row?.isRecent ?? false;
}

/** What is left of an erasure. */
export interface ErasureRow {
  readonly erasesMessages: boolean;
  readonly hasRooms: boolean;
}

const erasure = statement(`
  SELECT erases_messages AS "erasesMessages", after_room_id IS NOT NULL AS "hasRooms" FROM erasures WHERE user_id = $1::bigint`);

export async function findErasure(sql: Sql, userId: number): Promise<ErasureRow | null> {
  const [row] = await sql.rows<ErasureRow>(erasure, [userId]);
  return row ?? null;
}

const leaving = statement(
  'SELECT room_id AS "roomId", room_seq AS "roomSeq" FROM leave_erased_rooms($1::bigint)',
);

/** Takes the user out of the next rooms, in one transaction. Returns their last events. */
export function leaveNextRooms(sql: Sql, userId: number): Promise<Place[]> {
  return sql.rows(leaving, [userId]);
}

const blocks = statement('SELECT lift_blocks($1::bigint) AS users');

/** Ends the next blocks that others made. Returns these users. */
export async function liftBlocks(sql: Sql, userId: number): Promise<readonly number[]> {
  const [row] = await sql.rows<{ users: readonly number[] }>(blocks, [userId]);
  return row?.users ?? [];
}

const nextRoom = statement(`
  SELECT h.room_id AS "roomId", h.state = 2 AS "isDeleted" FROM room_heads h
  WHERE h.room_id = (SELECT min(x.room_id) FROM (
      (SELECT l.room_id FROM access_losses l WHERE l.user_id = $1::bigint AND l.room_id > $2::bigint ORDER BY l.room_id LIMIT 1)
      UNION ALL (SELECT m.room_id FROM memberships m WHERE m.user_id = $1::bigint AND m.room_id > $2::bigint ORDER BY m.room_id LIMIT 1)
    ) x)`);

/** The next room by id that the user has been in; null after the last one. */
export async function findNextRoom(
  sql: Sql,
  userId: number,
  afterRoomId: number,
): Promise<{ readonly roomId: number; readonly isDeleted: boolean } | null> {
  const [row] = await sql.rows<{ roomId: number; isDeleted: boolean }>(nextRoom, [userId, afterRoomId]);
  return row ?? null;
}

const forgetting = statement('SELECT forget_member($1::bigint, $2::bigint)');

/** Erases what a room has of the user beside messages. */
export async function forgetMember(sql: Sql, roomId: number, userId: number): Promise<void> {
  await sql.rows(forgetting, [roomId, userId]);
}

/** A message of the user, also a deleted one. */
export interface OwnMessage {
  readonly roomSeq: number;
  readonly idempotencyKey: string;
  readonly isDeleted: boolean;
}

const ownMessages = statement(`
  SELECT m.room_seq AS "roomSeq", m.idempotency_key AS "idempotencyKey", m.text IS NULL AS "isDeleted" FROM messages m
  WHERE m.room_id = $1::bigint AND m.author_id = $2::bigint AND m.idempotency_key > $3::text ORDER BY m.idempotency_key LIMIT $4::int`);

/** The next messages of a user in a room, in the order of their keys: the index has no other one for authors. */
export function listOwnMessages(
  sql: Sql,
  roomId: number,
  userId: number,
  afterKey: string,
  limit: number,
): Promise<OwnMessage[]> {
  return sql.rows(ownMessages, [roomId, userId, afterKey, limit]);
}

const copies = statement(`
  SELECT f.room_id AS "roomId", f.room_seq AS "roomSeq" FROM unnest($2::bigint[]) AS x(room_seq)
  CROSS JOIN LATERAL (SELECT f.room_id, f.room_seq FROM forwards f
    WHERE f.origin_room_id = $1::bigint AND f.origin_room_seq = x.room_seq OFFSET 0) f
  ORDER BY f.room_id, f.room_seq LIMIT $3::int`);

/** Forwards of these messages. */
export function listForwards(
  sql: Sql,
  roomId: number,
  roomSeqs: readonly number[],
  limit: number,
): Promise<Place[]> {
  return sql.rows(copies, [roomId, roomSeqs, limit]);
}

const inDeletedRoom = statement('SELECT erase_in_deleted_room($1::bigint, $2::bigint[])');

export async function eraseInDeletedRoom(
  sql: Sql,
  roomId: number,
  roomSeqs: readonly number[],
): Promise<void> {
  await sql.rows(inDeletedRoom, [roomId, roomSeqs]);
}

const fingerprints = statement('SELECT erase_fingerprints($1::bigint, $2::bigint, $3::bigint[])');

/** Replaces the digests of the user's deleted messages. */
export async function eraseFingerprints(
  sql: Sql,
  roomId: number,
  userId: number,
  roomSeqs: readonly number[],
): Promise<void> {
  await sql.rows(fingerprints, [roomId, userId, roomSeqs]);
}

const mentions = statement('SELECT erase_mentions_of($1::bigint, $2::int) AS erased');
const reactions = statement('SELECT erase_reactions_of($1::bigint, $2::int) AS erased');

/** Removes mentions of the user, and the name from their texts. Returns how many. */
export const eraseMentions = (sql: Sql, userId: number, limit: number) =>
  erasedBy(sql, mentions, userId, limit);

/** Removes reactions of the user. Returns how many. */
export const eraseReactions = (sql: Sql, userId: number, limit: number) =>
  erasedBy(sql, reactions, userId, limit);

async function erasedBy(sql: Sql, by: Statement, userId: number, limit: number): Promise<number> {
  const [row] = await sql.rows<{ erased: number }>(by, [userId, limit]);
  return row?.erased ?? 0;
}

const titles = statement('SELECT erase_titles($1::bigint, $2::bigint[], $3::bigint) AS "roomSeq"');

/** Removes the titles of threads below these messages. Returns the last event of that, or null. */
export async function eraseTitles(
  sql: Sql,
  roomId: number,
  roomSeqs: readonly number[],
  userId: number,
): Promise<number | null> {
  const [row] = await sql.rows<{ roomSeq: number | null }>(titles, [roomId, roomSeqs, userId]);
  return row?.roomSeq ?? null;
}

const finish = statement('SELECT finish_erasure($1::bigint)');

export async function finishErasure(sql: Sql, userId: number): Promise<void> {
  await sql.rows(finish, [userId]);
}
