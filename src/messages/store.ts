import type { MessageKey } from '../graphql/ids.ts';
import { type Sql, statement } from '../platform/db.ts';
import type { Stretch } from '../platform/stretches.ts';

export type { MessageKey } from '../graphql/ids.ts';

/** A row of messages. */
export interface MessageRow {
  readonly roomId: number;
  readonly roomSeq: number;
  /** Null for a reply that is only in a thread. */
  readonly seq: number | null;
  readonly authorId: number;
  readonly idempotencyKey: string;
  readonly text: string | null;
  readonly replyToRoomSeq: number | null;
  /** Of a reply: the `roomSeq` of the message that its thread belongs to. */
  readonly threadRootSeq: number | null;
  /** Of a reply: its number in the thread. */
  readonly threadSeq: number | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly editedAt: Date | null;
  readonly deletedAt: Date | null;
  /** From then on it is shown as deleted. Null: never. */
  readonly expiresAt: Date | null;
}

// The clock of the database decides what has expired: `asRead` takes a living message without a text for deleted.
const columns = `m.room_id AS "roomId", m.room_seq AS "roomSeq", m.seq, m.author_id AS "authorId", m.idempotency_key AS "idempotencyKey",
  CASE WHEN m.expires_at <= clock_timestamp() THEN NULL ELSE m.text END AS text, m.reply_to_room_seq AS "replyToRoomSeq", m.thread_root_seq AS "threadRootSeq", m.thread_seq AS "threadSeq", m.version, m.created_at AS "createdAt", m.edited_at AS "editedAt",
  m.deleted_at AS "deletedAt", m.expires_at AS "expiresAt"`;

/** A message after its expiry, as its deletion will store it: a client that saw it so keeps it. */
export const expired = <Message extends MessageRow>(message: Message): Message => ({
  ...message,
  text: null,
  version: message.version + 1,
  deletedAt: message.expiresAt,
});

function asRead<Message extends MessageRow>(row: Message): Message {
  const isOver = row.expiresAt !== null && row.text === null && row.deletedAt === null;
  return isOver ? expired(row) : row;
}

const byKeys = statement(`
  SELECT ${columns} FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, room_seq)
  JOIN messages m ON m.room_id = x.room_id AND m.room_seq = x.room_seq`);

/** Finds messages by their positions in the log. */
export async function findMessages(
  sql: Sql,
  roomIds: readonly number[],
  roomSeqs: readonly number[],
): Promise<MessageRow[]> {
  return (await sql.rows<MessageRow>(byKeys, [roomIds, roomSeqs])).map(asRead);
}

const rangeOf = (roomId: string, low: string, high: string) => `
  SELECT ${columns}, u.username, u.display_name AS "displayName", u.deleted_at AS "erasedAt"
  FROM messages m JOIN users u ON u.id = m.author_id
  WHERE m.room_id = ${roomId} AND m.seq BETWEEN ${low} AND ${high} ORDER BY m.seq`;
const ranges = statement(`
  SELECT p.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS x(room_id, low, high)
  CROSS JOIN LATERAL (${rangeOf('x.room_id', 'x.low', 'x.high')}) p`);
// Usually there is one room: if it is a constant of the statement, only one partition is opened.
const range = statement(rangeOf('$1::bigint', '$2::bigint', '$3::bigint'));

interface AuthorColumns {
  readonly username: string;
  readonly displayName: string;
  readonly erasedAt: Date | null;
}

/** A message with its author, in the form of `UserRow`. */
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
  // Changes the rows in place: there are many, and copies would cost more than all other work.
  const whole = row as MessageRow & { author?: AuthoredMessage['author'] };
  whole.author = { id: row.authorId, username, displayName, deletedAt: erasedAt };
  return asRead(whole as AuthoredMessage);
}

/** A range of a main timeline, both ends included. */
export type Range = Stretch;

const repliesOf = statement(`
  SELECT ${columns}, u.username, u.display_name AS "displayName", u.deleted_at AS "erasedAt"
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS x(room_id, root_seq, low, high)
  CROSS JOIN LATERAL (SELECT * FROM thread_replies r WHERE r.room_id = x.room_id AND r.root_seq = x.root_seq
    AND r.thread_seq BETWEEN x.low AND x.high ORDER BY r.thread_seq OFFSET 0) r
  CROSS JOIN LATERAL (SELECT * FROM messages m WHERE m.room_id = r.room_id AND m.room_seq = r.room_seq LIMIT 1) m
  CROSS JOIN LATERAL (SELECT * FROM users u WHERE u.id = m.author_id LIMIT 1) u ORDER BY r.room_id, r.root_seq, r.thread_seq`);

/** A range of a thread, both ends included. */
export interface ThreadRange extends Range {
  readonly rootSeq: number;
}

/** Returns ranges of threads with the authors, oldest first in each; the caller limits their length. */
export async function listReplies(sql: Sql, wanted: readonly ThreadRange[]): Promise<AuthoredMessage[]> {
  const rows = await sql.rows<MessageRow & AuthorColumns>(repliesOf, [
    wanted.map((r) => r.roomId),
    wanted.map((r) => r.rootSeq),
    wanted.map((r) => r.low),
    wanted.map((r) => r.high),
  ]);
  return rows.map(authored);
}

/** Returns a range with the authors, oldest first; the caller limits its length. */
export async function listRange(sql: Sql, { roomId, low, high }: Range): Promise<AuthoredMessage[]> {
  const rows = await sql.rows<MessageRow & AuthorColumns>(range, [roomId, low, high]);
  return rows.map(authored);
}

/** The same for several ranges, in one statement. */
export async function listRanges(sql: Sql, wanted: readonly Range[]): Promise<AuthoredMessage[]> {
  const rows = await sql.rows<MessageRow & AuthorColumns>(ranges, [
    wanted.map((r) => r.roomId),
    wanted.map((r) => r.low),
    wanted.map((r) => r.high),
  ]);
  return rows.map(authored);
}

// The page is that of `rangeIn` in history.ts. The data for the access check comes with the first row, or alone.
const roomPage = statement(`
  SELECT CASE WHEN p.seq IS NULL OR p.seq = b.low THEN row_to_json(s) END AS seen, p.*
  FROM viewed_rooms($2::bigint, ARRAY[$1::bigint]) s
  CROSS JOIN LATERAL (
    SELECT greatest(1, s."visibleFromSeq", $5::bigint + 1) AS floor, least(s."lastMessageSeq", $6::bigint - 1) AS ceiling
  ) f
  CROSS JOIN LATERAL (
    SELECT CASE WHEN $3::boolean THEN greatest(f.floor, f.ceiling - $4::int + 1) ELSE f.floor END AS low,
      CASE WHEN s."isHidden" IS NOT FALSE OR s."isDeleted" THEN 0
        WHEN $3::boolean THEN f.ceiling ELSE least(f.ceiling, f.floor + $4::int - 1) END AS high
  ) b
  LEFT JOIN LATERAL (${rangeOf('$1::bigint', 'b.low', 'b.high')}) p ON true ORDER BY p.seq`);

/** A page of a main timeline: exclusive bounds, null if open. */
export interface TimelinePage {
  readonly size: number;
  readonly backwards: boolean;
  readonly after: number | null;
  readonly before: number | null;
}

/** A row of `viewed_rooms` as JSON, null if the room does not exist; and, for members, a page, oldest first. */
export interface RoomWithPage {
  readonly seen: object | null;
  readonly messages: AuthoredMessage[];
}

/** Reads a room as a viewer sees it, with a page of its messages, in one statement. */
export async function readRoomPage(
  sql: Sql,
  roomId: number,
  viewerId: number,
  { backwards, size, after, before }: TimelinePage,
): Promise<RoomWithPage> {
  type Row = MessageRow & AuthorColumns & { readonly seen: object | null };
  const values = [roomId, viewerId, backwards, size, after ?? 0, before ?? Number.MAX_SAFE_INTEGER];
  const rows = await sql.rows<Row>(roomPage, values);
  const hasMessages = rows.length > 0 && rows[0]?.seq !== null;
  return { seen: rows[0]?.seen ?? null, messages: hasMessages ? rows.map(authored) : [] };
}

const seqsAt = statement(`
  SELECT message_seq_at(x.room_id, x.at) AS seq
  FROM unnest($1::bigint[], $2::timestamptz[]) WITH ORDINALITY AS x(room_id, at, ord) ORDER BY x.ord`);

/** A time in the main timeline of a room. */
export interface RoomTime {
  readonly roomId: number;
  readonly at: Date;
}

/** Returns for each time the number of the first message at or after it; one after the last if there is none. */
export async function findSeqsAt(sql: Sql, times: readonly RoomTime[]): Promise<number[]> {
  const rows = await sql.rows<{ seq: number | null }>(seqsAt, [
    times.map(({ roomId }) => roomId),
    times.map(({ at }) => at.toISOString()),
  ]);
  return rows.map(({ seq }) => seq ?? 1);
}

const expiries = statement(`
  SELECT e.room_id AS "roomId", e.room_seq AS "roomSeq",
    greatest(0, ceil(extract(epoch FROM e.expires_at - clock_timestamp()) * 1000))::float8 AS "dueInMs"
  FROM message_expiries e WHERE e.room_id <> ALL ($2::bigint[]) ORDER BY e.expires_at LIMIT $1::int`);

/** The messages that expire next, by the clock of the database, except those of some rooms. */
export function listExpiries(
  sql: Sql,
  limit: number,
  exceptRooms: readonly number[],
): Promise<(MessageKey & { readonly dueInMs: number })[]> {
  return sql.rows(expiries, [limit, exceptRooms]);
}

const erasure = statement(`SELECT erase_expired($1::bigint[], $2::bigint[])`);

/** Erases expired messages, those of deleted rooms only. */
export async function eraseExpired(sql: Sql, messages: readonly MessageKey[]): Promise<void> {
  await sql.rows(erasure, [messages.map(({ roomId }) => roomId), messages.map(({ roomSeq }) => roomSeq)]);
}
