import { roomStates } from '../platform/database-codes.ts';
import { type Sql, statement } from '../platform/db.ts';
import type { MembershipRow } from './members.store.ts';

export interface RoomRow {
  readonly id: number;
  readonly kind: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly memberCount: number;
  readonly isArchived: boolean;
  readonly isDeleted: boolean;
  readonly lastRoomSeq: number;
  readonly lastMessageSeq: number;
  /** Seconds after which new messages expire; null: never. */
  readonly messageLifetime: number | null;
}

const roomColumns = `r.id, r.kind, r.name, r.description, r.member_count AS "memberCount", r.archived_at IS NOT NULL AS "isArchived",
  r.deleted_at IS NOT NULL AS "isDeleted", h.last_room_seq AS "lastRoomSeq", h.last_message_seq AS "lastMessageSeq",
  h.message_lifetime AS "messageLifetime"`;

const roomsByIds = statement(`
  SELECT ${roomColumns} FROM rooms r JOIN room_heads h ON h.room_id = r.id WHERE r.id = ANY ($1::bigint[])`);

export function findRooms(sql: Sql, roomIds: readonly number[]): Promise<RoomRow[]> {
  return sql.rows(roomsByIds, [roomIds]);
}

const seenRooms = statement(`SELECT * FROM viewed_rooms($1::bigint, $2::bigint[])`);

/** A row of `viewed_rooms`: a room, and the membership of one user in it, if there is one. */
export type SeenRow = RoomRow & MembershipRow & { readonly userId: number | null; readonly hasEdge: boolean };

/** A room, and the membership of one user in it. */
export interface SeenRoom {
  readonly room: RoomRow;
  readonly member: MembershipRow | null;
  readonly hasEdge: boolean;
}

export function seenRoom(row: SeenRow): SeenRoom {
  return { room: row, member: row.userId === null ? null : row, hasEdge: row.hasEdge };
}

/** Reads the data for access checks of rooms, in one statement. */
export async function findSeenRooms(
  sql: Sql,
  roomIds: readonly number[],
  userId: number,
): Promise<SeenRoom[]> {
  return (await sql.rows<SeenRow>(seenRooms, [userId, roomIds])).map(seenRoom);
}

/** A room in the list of a user's rooms, which is ordered by the last activity. */
export interface ListedRoom {
  readonly roomId: number;
  /** ms since 1970 */
  readonly lastAt: number;
  /** 1 for a pinned room where these come first. */
  readonly rank: number;
}

// Pinned rooms have the higher rank, where they come first.
const RANK = 'CASE WHEN $7::boolean AND m.pinned_at IS NOT NULL THEN 1 ELSE 0 END';
const bound = (sign: '<' | '>', rank: string, lastAt: string, roomId: string) => `(${lastAt}::bigint IS NULL
  OR (${RANK}, h.last_at, m.room_id) ${sign} (${rank}::int, to_timestamp(${lastAt}::bigint / 1000.0)::timestamptz(3), ${roomId}::bigint))`;
const asked = (parameter: string, condition: string) =>
  `(${parameter}::boolean IS NULL OR (${condition}) IS TRUE = ${parameter}::boolean)`;

const myRooms = (direction: 'ASC' | 'DESC') =>
  statement(`
    SELECT m.room_id AS "roomId", (extract(epoch FROM h.last_at) * 1000)::bigint AS "lastAt", ${RANK} AS rank
    FROM memberships m JOIN room_heads h ON h.room_id = m.room_id
    WHERE m.user_id = $1::bigint AND NOT m.is_hidden AND h.state < ${roomStates.DELETED}
      AND ${bound('<', '$8', '$2', '$3')} AND ${bound('>', '$9', '$4', '$5')}
      AND ($10::smallint IS NULL OR (SELECT r.kind FROM rooms r WHERE r.id = m.room_id) = $10::smallint)
      AND ${asked('$11', 'm.pinned_at IS NOT NULL')} AND ${asked('$12', 'm.hidden_at_seq >= h.last_message_seq')}
      AND ${asked('$13', 'm.muted_until > now()')}
      AND ${asked('$14', 'SELECT u.messages > 0 FROM unread_counts($1::bigint, ARRAY[m.room_id]) u')}
      AND ($15::text IS NULL OR coalesce(m.folder, '') = $15::text)
    ORDER BY ${RANK} ${direction}, h.last_at ${direction}, m.room_id ${direction} LIMIT $6::int`);
const myRoomsForwards = myRooms('DESC');
const myRoomsBackwards = myRooms('ASC');

/** Which of somebody's rooms are listed; null where it makes no difference. */
export interface MyRoomsFilter {
  readonly kind: number | null;
  readonly isPinned: boolean | null;
  readonly isHidden: boolean | null;
  readonly isMuted: boolean | null;
  readonly isUnread: boolean | null;
  /** Empty: rooms in none. */
  readonly folder: string | null;
}

export interface MyRoomsPage {
  readonly pinnedFirst: boolean;
  readonly filter: MyRoomsFilter;
  readonly after: ListedRoom | null;
  readonly before: ListedRoom | null;
  readonly backwards: boolean;
  readonly limit: number;
}

/** Latest activity first. */
export function listMyRooms(
  sql: Sql,
  userId: number,
  { after, before, backwards, limit, pinnedFirst, filter }: MyRoomsPage,
): Promise<ListedRoom[]> {
  const values = [
    userId,
    after?.lastAt ?? null,
    after?.roomId ?? null,
    before?.lastAt ?? null,
    before?.roomId ?? null,
    limit,
    pinnedFirst,
    after?.rank ?? null,
    before?.rank ?? null,
    filter.kind,
    filter.isPinned,
    filter.isHidden,
    filter.isMuted,
    filter.isUnread,
    filter.folder,
  ];
  return sql.rows(backwards ? myRoomsBackwards : myRoomsForwards, values);
}

const namesIn = statement(`
  SELECT m.room_id AS "roomId", m.user_id AS "userId", u.display_name AS "displayName"
  FROM unnest($1::bigint[]) AS x(room_id) JOIN memberships m ON m.room_id = x.room_id JOIN users u ON u.id = m.user_id
  ORDER BY m.room_id, m.user_id`);

/** A member of a direct room, as its title shows one. */
export interface NamedMember {
  readonly roomId: number;
  readonly userId: number;
  readonly displayName: string;
}

/** All members of direct rooms, which are few, in the order of their accounts. */
export function listNames(sql: Sql, roomIds: readonly number[]): Promise<NamedMember[]> {
  return sql.rows(namesIn, [roomIds]);
}
