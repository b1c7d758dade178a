import type { Status } from '../platform/database-codes.ts';
import { type Sql, statement } from '../platform/db.ts';

/** A message by its position in the log. */
export interface Place {
  readonly roomId: number;
  readonly roomSeq: number;
}

export interface SavedRow extends Place {
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

export async function setSaved(
  sql: Sql,
  userId: number,
  { roomId, roomSeq }: Place,
  isSaved: boolean,
): Promise<SaveOutcome> {
  const [row] = await sql.rows<SaveOutcome>(save, [userId, roomId, roomSeq, isSaved]);
  if (!row) throw new Error('a function of the write path returned nothing');
  return row;
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
export function findSaved(sql: Sql, userId: number, messages: readonly Place[]): Promise<SavedRow[]> {
  return sql.rows(own, [
    userId,
    messages.map(({ roomId }) => roomId),
    messages.map(({ roomSeq }) => roomSeq),
  ]);
}

/** Of more users, only the number is known. */
export const MAX_KNOWN_SAVERS = 50;

const savers = statement(`
  SELECT x.ord::int - 1 AS place, s.user_id AS "userId"
  FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS x(room_id, room_seq, ord)
  CROSS JOIN LATERAL (SELECT s.user_id FROM saved_messages s
    WHERE s.room_id = x.room_id AND s.room_seq = x.room_seq LIMIT ${MAX_KNOWN_SAVERS + 1}) s`);

/** The users who have saved each message; MAX_KNOWN_SAVERS and one more at most. */
export async function findSavers(sql: Sql, messages: readonly Place[]): Promise<number[][]> {
  const values = [messages.map(({ roomId }) => roomId), messages.map(({ roomSeq }) => roomSeq)];
  const found: number[][] = messages.map(() => []);
  for (const { place, userId } of await sql.rows<{ place: number; userId: number }>(savers, values))
    found[place]?.push(userId);
  return found;
}

const erase = statement('SELECT erase_saved($1::int) AS erased');

/** Removes what erased users had saved, at most `limit`. Returns how many there were. */
export async function eraseSaved(sql: Sql, limit: number): Promise<number> {
  const [row] = await sql.rows<{ erased: number }>(erase, [limit]);
  return row?.erased ?? 0;
}
