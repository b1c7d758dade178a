import type { Status } from '../platform/database-codes.ts';
import { callFunction, type Sql, statement } from '../platform/db.ts';

export interface EmojiRow {
  readonly id: number;
  readonly name: string;
  /** Null if an operator created it. */
  readonly createdBy: number | null;
  readonly createdAt: Date;
}

const columns = `e.id, e.name, e.created_by AS "createdBy", e.created_at AS "createdAt"`;

const page = statement(`
  SELECT ${columns} FROM custom_emojis e WHERE e.name > $1::text ORDER BY e.name LIMIT $2::int`);

/** A page of all emoji, by name. */
export function listEmojis(sql: Sql, after: string, limit: number): Promise<EmojiRow[]> {
  return sql.rows(page, [after, limit]);
}

const byNames = statement(`
  SELECT ${columns} FROM unnest($1::text[]) AS x(name)
  CROSS JOIN LATERAL (SELECT * FROM custom_emojis e WHERE e.name = x.name LIMIT 1) e`);

/** Those of the names, in any order. */
export function findByNames(sql: Sql, names: readonly string[]): Promise<EmojiRow[]> {
  return sql.rows(byNames, [names]);
}

const byId = statement(`SELECT ${columns} FROM custom_emojis e WHERE e.id = $1::bigint`);

export async function findById(sql: Sql, id: number): Promise<EmojiRow | null> {
  const [row] = await sql.rows<EmojiRow>(byId, [id]);
  return row ?? null;
}

// -- changes -----------------------------------------------------------------------------------

const create = statement('SELECT status FROM create_emoji($1::bigint, $2::text)');
const remove = statement('SELECT status FROM delete_emoji($1::bigint, $2::text)');

/** `actorId` is null for an operator. */
export async function insertEmoji(sql: Sql, actorId: number | null, name: string): Promise<Status> {
  return (await callFunction<{ status: Status }>(sql, create, [actorId, name])).status;
}

/** `actorId` is null for an operator. */
export async function removeEmoji(sql: Sql, actorId: number | null, name: string): Promise<Status> {
  return (await callFunction<{ status: Status }>(sql, remove, [actorId, name])).status;
}
