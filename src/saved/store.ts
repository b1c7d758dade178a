import type { MessageKey } from '../graphql/ids.ts';
import type { Status } from '../platform/database-codes.ts';
import { callFunction, type Sql, statement } from '../platform/db.ts';

export interface SavedRow extends MessageKey {
  readonly userId: number;
  /** The number of the event in the user's own log: the order of the list. */
  readonly saveSeq: number;
  readonly savedAt: Date;
}

const save = statement(
  'SELECT status, account_seq AS "accountSeq" FROM save_message($1::bigint, $2::bigint, $3::bigint, $4::boolean)',
);

export interface SaveOutcome {
  readonly status: Status;
  readonly accountSeq: number;
}

export function setSaved(
  sql: Sql,
  userId: number,
  { roomId, roomSeq }: MessageKey,
  isSaved: boolean,
): Promise<SaveOutcome> {
  return callFunction<SaveOutcome>(sql, save, [userId, roomId, roomSeq, isSaved]);
}

const columns = `s.user_id AS "userId", s.room_id AS "roomId", s.room_seq AS "roomSeq", s.save_seq AS "saveSeq", s.saved_at AS "savedAt"`;

const page = statement(`
  SELECT ${columns} FROM saved_messages s WHERE s.user_id = $1::bigint AND s.save_seq < $2::bigint
  ORDER BY s.save_seq DESC LIMIT $3::int`);

/** A page of the saved messages of a user, the last saved first. */
export function listSavedRows(sql: Sql, userId: number, before: number, limit: number): Promise<SavedRow[]> {
  return sql.rows(page, [userId, before, limit]);
}

const own = statement(`
  SELECT ${columns} FROM unnest($2::bigint[], $3::bigint[]) AS x(room_id, room_seq)
  CROSS JOIN LATERAL (SELECT * FROM saved_messages s
    WHERE s.user_id = $1::bigint AND s.room_id = x.room_id AND s.room_seq = x.room_seq LIMIT 1) s`);

/** Those of the messages that the user has saved. */
export function findSaved(sql: Sql, userId: number, messages: readonly MessageKey[]): Promise<SavedRow[]> {
  return sql.rows(own, [
    userId,
    messages.map(({ roomId }) => roomId),
    messages.map(({ roomSeq }) => roomSeq),
  ]);
}

/** Of more users, only the number is known. */
export const MAX_KNOWN_SAVERS = 50;

/** The users who have saved each message; MAX_KNOWN_SAVERS and one more at most. */
export const saversOfMessages = statement(`
  SELECT x.room_id AS "roomId", x.room_seq AS "roomSeq", s.user_id AS "userId"
  FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, room_seq)
  CROSS JOIN LATERAL (SELECT s.user_id FROM saved_messages s
    WHERE s.room_id = x.room_id AND s.room_seq = x.room_seq LIMIT ${MAX_KNOWN_SAVERS + 1}) s`);

const erase = statement('SELECT erase_saved($1::int) AS erased');

/** Removes what erased users had saved, at most `limit`. Returns how many there were. */
export async function eraseSaved(sql: Sql, limit: number): Promise<number> {
  const [row] = await sql.rows<{ erased: number }>(erase, [limit]);
  return row?.erased ?? 0;
}
