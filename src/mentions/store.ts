import { type Sql, statement } from '../platform/db.ts';

/** Whom a message mentions: members by their ids, or all of them. */
export interface Mentions {
  readonly userIds: readonly number[];
  readonly isEverybody: boolean;
  /** Ranks. */
  readonly roles: readonly number[];
}

/** Whom many messages mention. Those that mention nobody are missing. */
export const mentionsOfMessages = statement(`
  SELECT s.room_id AS "roomId", s.room_seq AS "roomSeq", bool_or(s.user_id = 0) AS "isEverybody",
    coalesce(array_agg(s.user_id ORDER BY s.user_id) FILTER (WHERE s.user_id > 0), '{}') AS "userIds",
    coalesce(array_agg(-s.user_id) FILTER (WHERE s.user_id < 0), '{}') AS roles
  FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, room_seq)
  CROSS JOIN LATERAL (SELECT * FROM message_mentions s WHERE s.room_id = x.room_id AND s.room_seq = x.room_seq OFFSET 0) s GROUP BY s.room_id, s.room_seq`);

const erase = statement('SELECT erase_mentions($1::int) AS erased');

/** Removes mentions of erased users, at most `limit`. Returns how many there were. */
export async function eraseMentions(sql: Sql, limit: number): Promise<number> {
  const [row] = await sql.rows<{ erased: number }>(erase, [limit]);
  return row?.erased ?? 0;
}
