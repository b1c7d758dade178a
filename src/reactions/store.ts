import type { MessageKey } from '../graphql/ids.ts';
import { type Sql, statement } from '../platform/db.ts';

export interface GroupRow extends MessageKey {
  readonly emoji: string;
  readonly count: number;
  /** Null if there are more than MAX_KNOWN_REACTORS. */
  readonly reactorIds: readonly number[] | null;
}

/** The function `reaction_facts` uses the same number. */
export const MAX_KNOWN_REACTORS = 50;

/** The groups of many messages, each message's in the order of their first reactions. */
export const groupsOfMessages = statement(`
  SELECT g.room_id AS "roomId", g.room_seq AS "roomSeq", g.emoji, g.count,
    CASE WHEN g.count <= ${MAX_KNOWN_REACTORS} THEN ARRAY(SELECT r.user_id FROM reactions r
      WHERE r.room_id = g.room_id AND r.room_seq = g.room_seq AND r.emoji = g.emoji ORDER BY r.user_id) END AS "reactorIds"
  FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, room_seq)
  CROSS JOIN LATERAL (SELECT * FROM reaction_groups g WHERE g.room_id = x.room_id AND g.room_seq = x.room_seq OFFSET 0) g
  ORDER BY g.room_id, g.room_seq, g.first_seq`);

const roomIdsOf = (places: readonly MessageKey[]) => places.map(({ roomId }) => roomId);
const roomSeqsOf = (places: readonly MessageKey[]) => places.map(({ roomSeq }) => roomSeq);

export interface GroupKey extends MessageKey {
  readonly emoji: string;
}

const own = statement(`
  SELECT EXISTS (SELECT FROM reactions r
    WHERE r.room_id = x.room_id AND r.room_seq = x.room_seq AND r.emoji = x.emoji AND r.user_id = $4::bigint) AS "isOwn"
  FROM unnest($1::bigint[], $2::bigint[], $3::text[]) WITH ORDINALITY AS x(room_id, room_seq, emoji, ord) ORDER BY x.ord`);

/** Whether the user is among the reactors of each group. */
export async function findOwn(sql: Sql, keys: readonly GroupKey[], userId: number): Promise<boolean[]> {
  const emoji = keys.map((key) => key.emoji);
  const rows = await sql.rows<{ isOwn: boolean }>(own, [roomIdsOf(keys), roomSeqsOf(keys), emoji, userId]);
  return rows.map(({ isOwn }) => isOwn);
}

/** A page of the reactors of one group, in the order of user ids. */
export interface ReactorsPage extends GroupKey {
  /** Only users after this id. */
  readonly after: number;
  readonly limit: number;
}

const reactors = statement(`
  SELECT x.ord::int - 1 AS page, p.user_id AS "userId"
  FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::int[])
    WITH ORDINALITY AS x(room_id, room_seq, emoji, after, count, ord)
  CROSS JOIN LATERAL (
    SELECT r.user_id FROM reactions r
    WHERE r.room_id = x.room_id AND r.room_seq = x.room_seq AND r.emoji = x.emoji AND r.user_id > x.after
    ORDER BY r.user_id LIMIT x.count
  ) p ORDER BY x.ord, p.user_id`);

/** Returns pages of many groups in one statement, in the order of the request. */
export async function listReactors(sql: Sql, pages: readonly ReactorsPage[]): Promise<number[][]> {
  const rows = await sql.rows<{ page: number; userId: number }>(reactors, [
    roomIdsOf(pages),
    roomSeqsOf(pages),
    pages.map(({ emoji }) => emoji),
    pages.map(({ after }) => after),
    pages.map(({ limit }) => limit),
  ]);
  const found: number[][] = pages.map(() => []);
  for (const { page, userId } of rows) found[page]?.push(userId);
  return found;
}

const erase = statement('SELECT erase_reactions($1::int) AS erased');

/** Removes reactions of erased users, at most `limit`. Returns how many there were. */
export async function eraseReactions(sql: Sql, limit: number): Promise<number> {
  const [row] = await sql.rows<{ erased: number }>(erase, [limit]);
  return row?.erased ?? 0;
}
