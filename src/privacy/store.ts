import type { Status } from '../platform/database-codes.ts';
import { type Sql, statement } from '../platform/db.ts';

export interface BlockRow {
  readonly blockedId: number;
  /** The number of the event in the user's own log: the order of the list. */
  readonly blockSeq: number;
  readonly blockedAt: Date;
}

export interface BlockOutcome {
  readonly status: Status;
  readonly accountSeq: number;
  /** The direct room of the two; null if there is none. */
  readonly roomId: number | null;
  /** The number of its event; null without one. */
  readonly roomSeq: number | null;
}

const set = statement(`
  SELECT status, account_seq AS "accountSeq", room_id AS "roomId", room_seq AS "roomSeq"
  FROM set_block($1::bigint, $2::bigint, $3::boolean)`);

export async function setBlock(
  sql: Sql,
  userId: number,
  otherId: number,
  isBlocked: boolean,
): Promise<BlockOutcome> {
  const [row] = await sql.rows<BlockOutcome>(set, [userId, otherId, isBlocked]);
  if (!row) throw new Error('a function of the write path returned nothing');
  return row;
}

const page = statement(`
  SELECT b.blocked_id AS "blockedId", b.block_seq AS "blockSeq", b.blocked_at AS "blockedAt"
  FROM user_blocks b WHERE b.user_id = $1::bigint AND b.block_seq < $2::bigint ORDER BY b.block_seq DESC LIMIT $3::int`);

/** A page of the users whom a user has blocked, the last one first. */
export function listBlockRows(sql: Sql, userId: number, before: number, limit: number): Promise<BlockRow[]> {
  return sql.rows(page, [userId, before, limit]);
}

const own = statement(`
  SELECT x.id FROM unnest($2::bigint[]) AS x(id)
  CROSS JOIN LATERAL (SELECT FROM user_blocks b WHERE b.user_id = $1::bigint AND b.blocked_id = x.id LIMIT 1) b`);

/** Those of the users whom the user has blocked. */
export async function findBlocked(sql: Sql, userId: number, ids: readonly number[]): Promise<number[]> {
  const rows = await sql.rows<{ id: number }>(own, [userId, ids]);
  return rows.map(({ id }) => id);
}

// -- who may reach a user ------------------------------------------------------------------------

/** Numbers of `contactRules`. */
export interface ContactRow {
  readonly directMessagesFrom: number;
  readonly addableBy: number;
}

const rules = statement(`
  SELECT u."directMessagesFrom", u."addableBy" FROM unnest($1::bigint[]) WITH ORDINALITY AS x(id, ord)
  LEFT JOIN LATERAL (SELECT w.direct_messages_from AS "directMessagesFrom", w.addable_by AS "addableBy" FROM users w WHERE w.id = x.id LIMIT 1) u ON true
  ORDER BY x.ord`);

/** In the order of the users. */
export function findContactRows(sql: Sql, userIds: readonly number[]): Promise<ContactRow[]> {
  return sql.rows(rules, [userIds]);
}

const change = statement('SELECT set_contact_rules($1::bigint, $2::smallint, $3::smallint)');

/** Null leaves a rule as it is. */
export async function setContactRow(
  sql: Sql,
  userId: number,
  { directMessagesFrom, addableBy }: { readonly [Rule in keyof ContactRow]: number | null },
): Promise<void> {
  await sql.rows(change, [userId, directMessagesFrom, addableBy]);
}
