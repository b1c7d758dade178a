import type { Status } from '../platform/database-codes.ts';
import { type Sql, type Statement, statement } from '../platform/db.ts';
import { deleteInBatches } from '../platform/purge.ts';

/** A user who waits for an answer. */
export interface RequestRow {
  readonly roomId: number;
  readonly userId: number;
  readonly text: string;
  readonly createdAt: Date;
}

/** What a change did. */
export interface Outcome {
  readonly status: Status;
  readonly roomSeq: number;
}

/** What asking did. */
export interface Asked extends Outcome {
  /** How long the user has to wait before the next request for the room; null: not at all. */
  readonly retryAfterMs: number | null;
}

const call = (name: string, parameters: string, more = '') =>
  statement(`SELECT status, room_seq AS "roomSeq"${more} FROM ${name}(${parameters})`);
const request = call(
  'request_to_join',
  '$1::bigint, $2::bigint, $3::text',
  ', retry_after_ms AS "retryAfterMs"',
);
const cancel = call('cancel_join_request', '$1::bigint, $2::bigint');
const answer = call('answer_join_request', '$1::int, $2::bigint, $3::bigint, $4::bigint, $5::boolean');

export const insertRequest = (sql: Sql, roomId: number, userId: number, text: string) =>
  one<Asked>(sql, request, [roomId, userId, text]);

export const removeRequest = (sql: Sql, roomId: number, userId: number) => one(sql, cancel, [roomId, userId]);

export interface Answer {
  readonly roomId: number;
  readonly userId: number;
  readonly actorId: number;
  readonly isAccepted: boolean;
  /** Rooms that the user can be in. */
  readonly maxRooms: number;
}

export const answerRequest = (sql: Sql, { maxRooms, roomId, userId, actorId, isAccepted }: Answer) =>
  one(sql, answer, [maxRooms, roomId, userId, actorId, isAccepted]);

async function one<Row extends Outcome = Outcome>(
  sql: Sql,
  text: Statement,
  values: unknown[],
): Promise<Row> {
  const [row] = await sql.rows<Row>(text, values);
  if (!row) throw new Error('a function of the write path returned nothing');
  return row;
}

// -- reading -----------------------------------------------------------------------------------

const columns = 'j.room_id AS "roomId", j.user_id AS "userId", j.text, j.created_at AS "createdAt"';
const ofRoom = statement(`
  SELECT ${columns} FROM join_requests j WHERE j.room_id = $1::bigint AND j.user_id > $2::bigint ORDER BY j.user_id LIMIT $3::int`);
const ofUser = statement(`
  SELECT ${columns} FROM join_requests j WHERE j.user_id = $1::bigint ORDER BY j.created_at, j.room_id`);
const single = statement(`
  SELECT ${columns} FROM join_requests j WHERE j.room_id = $1::bigint AND j.user_id = $2::bigint`);

/** A page of the requests of a room, by user id. */
export function listRequests(sql: Sql, roomId: number, after: number, limit: number): Promise<RequestRow[]> {
  return sql.rows(ofRoom, [roomId, after, limit]);
}

/** All requests of a user, the oldest first; there are few. */
export function listOwnRequests(sql: Sql, userId: number): Promise<RequestRow[]> {
  return sql.rows(ofUser, [userId]);
}

export async function findRequest(sql: Sql, roomId: number, userId: number): Promise<RequestRow | null> {
  const [row] = await sql.rows<RequestRow>(single, [roomId, userId]);
  return row ?? null;
}

// -- retention ---------------------------------------------------------------------------------

const ended = statement(`
  WITH gone AS (
    DELETE FROM join_request_pauses WHERE (room_id, user_id) IN (
      SELECT p.room_id, p.user_id FROM join_request_pauses p WHERE p.until < $1::timestamptz LIMIT $2::int FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  ) SELECT count(*) AS deleted FROM gone`);

/** Deletes pauses that ended before a time. Returns how many. */
export const deleteEndedPauses = (sql: Sql, before: Date) => deleteInBatches(sql, ended, before);
