import { type Sql, statement } from '../platform/db.ts';

/** A message as the database has it. */
export interface MessageRow {
  readonly roomId: number;
  readonly roomSeq: number;
  readonly seq: number;
  readonly authorId: number;
  readonly idempotencyKey: string;
  readonly text: string | null;
  readonly replyToRoomSeq: number | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly editedAt: Date | null;
  readonly deletedAt: Date | null;
}

const columns = `m.room_id AS "roomId", m.room_seq AS "roomSeq", m.seq, m.author_id AS "authorId", m.idempotency_key AS "idempotencyKey",
  m.text, m.reply_to_room_seq AS "replyToRoomSeq", m.version, m.created_at AS "createdAt", m.edited_at AS "editedAt",
  m.deleted_at AS "deletedAt"`;

const byKeys = statement(`
  SELECT ${columns} FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, room_seq)
  JOIN messages m ON m.room_id = x.room_id AND m.room_seq = x.room_seq`);

/** Messages by their place in the log. */
export function findMessages(
  sql: Sql,
  roomIds: readonly number[],
  roomSeqs: readonly number[],
): Promise<MessageRow[]> {
  return sql.rows(byKeys, [roomIds, roomSeqs]);
}

const rangeOf = (roomId: string, low: string, high: string) => `
  SELECT ${columns}, u.username, u.display_name AS "displayName", u.deleted_at AS "erasedAt"
  FROM messages m JOIN users u ON u.id = m.author_id
  WHERE m.room_id = ${roomId} AND m.seq BETWEEN ${low} AND ${high} ORDER BY m.seq`;
const ranges = statement(`
  SELECT p.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS x(room_id, low, high)
  CROSS JOIN LATERAL (${rangeOf('x.room_id', 'x.low', 'x.high')}) p`);
// Nearly always there is one, and of a room that is known before the statement runs only one partition is opened.
const range = statement(rangeOf('$1::bigint', '$2::bigint', '$3::bigint'));

interface AuthorColumns {
  readonly username: string;
  readonly displayName: string;
  readonly erasedAt: Date | null;
}

/** A message with who wrote it, as `UserRow` has people. */
export interface AuthoredMessage extends MessageRow {
  readonly author: {
    readonly id: number;
    readonly username: string;
    readonly displayName: string;
    readonly deletedAt: Date | null;
  };
}

function authored(row: MessageRow & AuthorColumns): AuthoredMessage {
  const { username, displayName, erasedAt } = row;
  // In place: these are many, and a copy of each costs more than all else that is done with it.
  return Object.assign(row, { author: { id: row.authorId, username, displayName, deletedAt: erasedAt } });
}

/** A stretch of a main timeline, both ends included. */
export interface Range {
  readonly roomId: number;
  readonly low: number;
  readonly high: number;
}

/** A stretch with the authors, oldest first; the caller bounds its length. */
export async function listRange(sql: Sql, { roomId, low, high }: Range): Promise<AuthoredMessage[]> {
  const rows = await sql.rows<MessageRow & AuthorColumns>(range, [roomId, low, high]);
  return rows.map(authored);
}

/** The same of several stretches, in one statement. */
export async function listRanges(sql: Sql, wanted: readonly Range[]): Promise<AuthoredMessage[]> {
  const rows = await sql.rows<MessageRow & AuthorColumns>(ranges, [
    wanted.map((r) => r.roomId),
    wanted.map((r) => r.low),
    wanted.map((r) => r.high),
  ]);
  return rows.map(authored);
}

const seqAt = statement(`SELECT message_seq_at($1::bigint, $2::timestamptz) AS seq`);

/** The number of the first message at or after a time; one beyond the last where there is none. */
export async function findSeqAt(sql: Sql, roomId: number, at: Date): Promise<number> {
  const [row] = await sql.rows<{ seq: number }>(seqAt, [roomId, at.toISOString()]);
  return row?.seq ?? 1;
}

// -- changing ----------------------------------------------------------------------------------

export interface Post {
  readonly roomId: number;
  readonly authorId: number;
  readonly key: string;
  readonly fingerprint: string;
  readonly text: string;
  readonly replyToRoomSeq: number | null;
}

/** The statuses of post_messages and post_message. */
export const postStatus = {
  POSTED: 0,
  REPLAYED: 1,
  KEY_CONFLICT: 2,
  NOT_FOUND: 3,
  ARCHIVED: 4,
  FORBIDDEN: 5,
  TIMED_OUT: 6,
  AGAIN: 7,
  NO_QUOTE: 8,
} as const;

/** What became of a post. The numbers are there when it was posted, now or before. */
export interface PostOutcome {
  readonly status: number;
  readonly roomSeq: number;
  readonly seq: number;
  readonly createdAt: Date;
  /** The author as of the commit; null where nothing was posted. */
  readonly username: string | null;
  readonly displayName: string | null;
}

const outcomeColumns = `status, room_seq AS "roomSeq", seq, created_at AS "createdAt", username, display_name AS "displayName"`;

const postMessages = statement(`
  SELECT ${outcomeColumns}
  FROM post_messages($1::bigint[], $2::bigint[], $3::text[], $4::uuid[], $5::text[], $6::bigint[])`);

const postMessage = statement(`
  SELECT ${outcomeColumns}
  FROM post_message($1::bigint, $2::bigint, $3::text, $4::uuid, $5::text, $6::bigint)`);

/** Posts a batch in one call, hence one transaction. One outcome per post, in order. */
export function insertMessages(sql: Sql, posts: readonly Post[]): Promise<PostOutcome[]> {
  const [one] = posts;
  if (one && posts.length === 1) {
    const { roomId, authorId, key, fingerprint, text, replyToRoomSeq } = one;
    return sql.rows(postMessage, [roomId, authorId, key, fingerprint, text, replyToRoomSeq]);
  }
  return sql.rows(postMessages, [
    posts.map((post) => post.roomId),
    posts.map((post) => post.authorId),
    posts.map((post) => post.key),
    posts.map((post) => post.fingerprint),
    posts.map((post) => post.text),
    posts.map((post) => post.replyToRoomSeq),
  ]);
}

const editMessage = statement(
  `SELECT status, room_seq AS "roomSeq" FROM edit_message($1::bigint, $2::bigint, $3::bigint, $4::text, $5::int)`,
);
const removeMessage = statement(
  `SELECT status, room_seq AS "roomSeq" FROM delete_message($1::bigint, $2::bigint, $3::bigint)`,
);

export interface ChangeOutcome {
  readonly status: string;
  readonly roomSeq: number;
}

export interface MessageKey {
  readonly roomId: number;
  readonly roomSeq: number;
}

export async function updateText(
  sql: Sql,
  at: MessageKey,
  actorId: number,
  text: string,
  expectedVersion: number | null,
): Promise<ChangeOutcome> {
  const [row] = await sql.rows<ChangeOutcome>(editMessage, [
    at.roomId,
    at.roomSeq,
    actorId,
    text,
    expectedVersion,
  ]);
  return row as ChangeOutcome;
}

export async function removeText(sql: Sql, at: MessageKey, actorId: number): Promise<ChangeOutcome> {
  const [row] = await sql.rows<ChangeOutcome>(removeMessage, [at.roomId, at.roomSeq, actorId]);
  return row as ChangeOutcome;
}
