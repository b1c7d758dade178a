import type { Status } from '../platform/database-codes.ts';
import { callFunction, type Sql, statement } from '../platform/db.ts';

/** What a member has not read in a room, as of these numbers of its log and of the user's own log. */
export interface UnreadRow {
  readonly roomId: number;
  readonly head: number;
  readonly accountSeq: number;
  readonly readSeq: number;
  /** Messages above this number count. */
  readonly floor: number;
  readonly messages: number;
  readonly mentions: number;
  /** ms since 1970; null where the room is not muted. */
  readonly mutedUntil: number | null;
  readonly isPinned: boolean;
  readonly isHidden: boolean;
  readonly sharesReceipts: boolean | null;
  readonly folder: string | null;
}

const counts = statement(`
  SELECT "roomId", head, "accountSeq", "readSeq", floor, messages, mentions, "mutedUntil", "isPinned", "isHidden", "sharesReceipts", folder FROM unread_counts($1::bigint, $2::bigint[])`);

/** What a member has not read in these rooms, in one statement. Rooms that the user is not in are missing. */
export function findUnread(sql: Sql, userId: number, roomIds: readonly number[]): Promise<UnreadRow[]> {
  return sql.rows(counts, [userId, roomIds]);
}

/** What a user has not read in several rooms. */
export interface UnreadSum {
  readonly messages: number;
  readonly mentions: number;
  readonly rooms: number;
}

const totals = statement(`
  SELECT coalesce(sum(u.messages), 0)::bigint AS messages, coalesce(sum(u.mentions), 0)::bigint AS mentions,
    count(*) FILTER (WHERE u.messages > 0) AS rooms
  FROM unread_counts($1::bigint, ARRAY(SELECT m.room_id FROM memberships m WHERE m.user_id = $1::bigint AND NOT m.is_hidden)) u
  WHERE u."mutedUntil" IS NULL OR u."mutedUntil" <= $2::bigint`);

/** The same of all rooms that are not muted at that time, in ms since 1970. */
export async function sumUnread(sql: Sql, userId: number, now: number): Promise<UnreadSum> {
  const [row] = await sql.rows<UnreadSum>(totals, [userId, now]);
  if (!row) throw new Error('a sum has no row');
  return row;
}

const unreadRooms = statement(`
  SELECT m.room_id AS "roomId", h.last_message_seq AS seq FROM memberships m JOIN room_heads h ON h.room_id = m.room_id
  WHERE m.user_id = $1::bigint AND NOT m.is_hidden AND h.state < 2 AND m.read_seq < h.last_message_seq`);

/** A message number in a room. */
export interface RoomMark {
  readonly roomId: number;
  readonly seq: number;
}

/** Rooms whose last message is above the user's read mark, with its number. */
export function listUnreadRooms(sql: Sql, userId: number): Promise<RoomMark[]> {
  return sql.rows(unreadRooms, [userId]);
}

const undelivered = statement(`
  SELECT x.room_id AS "roomId", e.message_seq AS seq
  FROM unnest($2::bigint[], $3::bigint[]) AS x(room_id, room_seq)
  JOIN memberships m ON m.room_id = x.room_id AND m.user_id = $1::bigint
  CROSS JOIN LATERAL (SELECT * FROM room_events e WHERE e.room_id = x.room_id AND e.room_seq = x.room_seq LIMIT 1) e
  WHERE e.message_seq > m.delivered_seq`);

/** A number of a room's log. */
export interface LogPosition {
  readonly roomId: number;
  readonly position: number;
}

/** The rooms whose delivered mark is below these positions of their logs, with the last message as of each. */
export function listUndelivered(
  sql: Sql,
  userId: number,
  positions: readonly LogPosition[],
): Promise<RoomMark[]> {
  const values = [positions.map(({ roomId }) => roomId), positions.map(({ position }) => position)];
  return sql.rows(undelivered, [userId, ...values]);
}

const accountHead = statement(
  'SELECT coalesce((SELECT last_account_seq FROM account_heads WHERE user_id = $1::bigint), 0) AS seq',
);

const preferences = statement(`
  SELECT status, account_seq AS "accountSeq"
  FROM set_room_preferences($1::bigint, $2::bigint, $3::boolean, $4::boolean, $5::timestamptz, $6::boolean, $7::text)`);

/** What a member sets for a room; null leaves a value as it is. */
export interface Preferences {
  readonly isPinned: boolean | null;
  readonly isHidden: boolean | null;
  readonly mutedUntil: Date | null;
  readonly sharesReceipts: boolean | null;
  /** Empty: in none. */
  readonly folder: string | null;
}

export interface PreferencesOutcome {
  readonly status: Status;
  readonly accountSeq: number;
}

export function setPreferences(
  sql: Sql,
  roomId: number,
  userId: number,
  { isPinned, isHidden, mutedUntil, sharesReceipts, folder }: Preferences,
): Promise<PreferencesOutcome> {
  const mute = mutedUntil?.toISOString() ?? null;
  const values = [roomId, userId, isPinned, isHidden, mute, sharesReceipts, folder];
  return callFunction<PreferencesOutcome>(sql, preferences, values);
}

const folders = statement(`
  SELECT m.folder AS name, count(*)::int AS rooms FROM memberships m JOIN room_heads h ON h.room_id = m.room_id
  WHERE m.user_id = $1::bigint AND m.folder IS NOT NULL AND NOT m.is_hidden AND h.state < 2 GROUP BY m.folder ORDER BY m.folder`);

/** A section of a user's own list of rooms. */
export interface Folder {
  readonly name: string;
  /** How many rooms are in it. */
  readonly rooms: number;
}

/** All folders of a user, by name. */
export function listFolders(sql: Sql, userId: number): Promise<Folder[]> {
  return sql.rows(folders, [userId]);
}

/** The last number of a user's own log. */
export async function findAccountSeq(sql: Sql, userId: number): Promise<number> {
  const [row] = await sql.rows<{ seq: number }>(accountHead, [userId]);
  return row?.seq ?? 0;
}

// -- receipts --------------------------------------------------------------------------------------

/** Members whose marks are listed one by one; in larger rooms they are counted only. */
export const MAX_RECEIPT_MEMBERS = 100;

const SHARES = 'coalesce(m.shares_receipts, u.shares_receipts)';

const marks = statement(`
  SELECT x.room_id AS "roomId", array_agg(m.user_id ORDER BY m.user_id) AS "userIds", array_agg(m.read_seq ORDER BY m.user_id) AS "readSeqs",
    array_agg(m.delivered_seq ORDER BY m.user_id) AS "deliveredSeqs"
  FROM unnest($1::bigint[]) AS x(room_id) JOIN memberships m ON m.room_id = x.room_id JOIN users u ON u.id = m.user_id
  WHERE NOT m.is_hidden AND ${SHARES} GROUP BY x.room_id`);

/** The marks of the members who share them, in the order of their accounts. */
export interface RoomMarks {
  readonly roomId: number;
  readonly userIds: readonly number[];
  readonly readSeqs: readonly number[];
  readonly deliveredSeqs: readonly number[];
}

/** The marks in many rooms, in one statement. Rooms where nobody shares them are missing. */
export function findMarks(sql: Sql, roomIds: readonly number[]): Promise<RoomMarks[]> {
  return sql.rows(marks, [roomIds]);
}

const markers = statement(`
  SELECT m.user_id AS "userId", u.username, u.display_name AS "displayName", m.read_seq AS "readSeq", m.delivered_seq AS "deliveredSeq"
  FROM memberships m JOIN users u ON u.id = m.user_id
  WHERE m.room_id = $1::bigint AND NOT m.is_hidden AND ${SHARES} ORDER BY m.user_id LIMIT ${MAX_RECEIPT_MEMBERS + 1}`);

/** How far a member has read, and how far messages have reached a device of the member. */
export interface Marker {
  readonly userId: number;
  readonly username: string;
  readonly displayName: string;
  readonly readSeq: number;
  readonly deliveredSeq: number;
}

/** The members of a room who share their marks, MAX_RECEIPT_MEMBERS and one more at most. */
export function listMarkers(sql: Sql, roomId: number): Promise<Marker[]> {
  return sql.rows(markers, [roomId]);
}

const sharing = statement(`
  SELECT x.room_id AS "roomId", ${SHARES} AS shares FROM unnest($2::bigint[]) AS x(room_id)
  JOIN users u ON u.id = $1::bigint LEFT JOIN memberships m ON m.room_id = x.room_id AND m.user_id = u.id`);

/** Whether a user shares the own marks in rooms. */
export async function findSharing(
  sql: Sql,
  userId: number,
  roomIds: readonly number[],
): Promise<Map<number, boolean>> {
  const rows = await sql.rows<{ roomId: number; shares: boolean }>(sharing, [userId, roomIds]);
  return new Map(rows.map(({ roomId, shares }) => [roomId, shares]));
}

const privacy = statement('SELECT shares_receipts AS "sharesReceipts" FROM users WHERE id = $1::bigint');
const setPrivacy = statement('UPDATE users SET shares_receipts = $2::boolean WHERE id = $1::bigint');

export async function findPrivacy(sql: Sql, userId: number): Promise<boolean> {
  const [row] = await sql.rows<{ sharesReceipts: boolean }>(privacy, [userId]);
  return row?.sharesReceipts ?? true;
}

/** The rooms whose open streams learn at once that a member shares the own marks, or no longer does. */
export const MAX_ROOMS_TOLD = 100;

const roomsToTell = statement(`
  SELECT m.room_id AS "roomId" FROM memberships m JOIN room_heads h ON h.room_id = m.room_id
  WHERE m.user_id = $1::bigint AND m.shares_receipts IS NULL ORDER BY h.last_at DESC LIMIT ${MAX_ROOMS_TOLD}`);

/** The rooms without a setting of their own for a user, the latest activity first. */
export async function findRoomsToTell(sql: Sql, userId: number): Promise<number[]> {
  return (await sql.rows<{ roomId: number }>(roomsToTell, [userId])).map(({ roomId }) => roomId);
}

export async function updatePrivacyRow(sql: Sql, userId: number, sharesReceipts: boolean): Promise<void> {
  await sql.rows(setPrivacy, [userId, sharesReceipts]);
}
