import { type Sql, statement } from '../platform/db.ts';

/** A message by its place in the log. */
export interface Place {
  readonly roomId: number;
  readonly roomSeq: number;
}

/** Whom a message mentions: members by their ids, or all of them. */
export interface Mentions {
  readonly userIds: readonly number[];
  readonly isEverybody: boolean;
  /** Ranks. */
  readonly roles: readonly number[];
}

const mentions = statement(`
  SELECT s.room_id AS "roomId", s.room_seq AS "roomSeq", bool_or(s.user_id = 0) AS "isEverybody",
    coalesce(array_agg(s.user_id ORDER BY s.user_id) FILTER (WHERE s.user_id > 0), '{}') AS "userIds",
    coalesce(array_agg(-s.user_id) FILTER (WHERE s.user_id < 0), '{}') AS roles
  FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, room_seq)
  JOIN message_mentions s ON s.room_id = x.room_id AND s.room_seq = x.room_seq GROUP BY s.room_id, s.room_seq`);

/** Whom many messages mention. Those that mention nobody are missing. */
export function findMentions(sql: Sql, messages: readonly Place[]): Promise<(Place & Mentions)[]> {
  return sql.rows(mentions, [messages.map(({ roomId }) => roomId), messages.map(({ roomSeq }) => roomSeq)]);
}

const erase = statement('SELECT erase_mentions($1::int) AS erased');

/** Removes mentions of erased users, at most `limit`. Returns how many there were. */
export async function eraseMentions(sql: Sql, limit: number): Promise<number> {
  const [row] = await sql.rows<{ erased: number }>(erase, [limit]);
  return row?.erased ?? 0;
}
