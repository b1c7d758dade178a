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
}

const roomColumns = `r.id, r.kind, r.name, r.description, r.member_count AS "memberCount", r.archived_at IS NOT NULL AS "isArchived",
  r.deleted_at IS NOT NULL AS "isDeleted", h.last_room_seq AS "lastRoomSeq", h.last_message_seq AS "lastMessageSeq"`;

const roomsByIds = statement(`
  SELECT ${roomColumns} FROM rooms r JOIN room_heads h ON h.room_id = r.id WHERE r.id = ANY ($1::bigint[])`);

export function findRooms(sql: Sql, roomIds: readonly number[]): Promise<RoomRow[]> {
  return sql.rows(roomsByIds, [roomIds]);
}

const seenRooms = statement(`SELECT * FROM seen_rooms($1::bigint, $2::bigint[])`);

/** A row of `seen_rooms`: a room, and the membership of one user in it, if there is one. */
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
}

const myRooms = (direction: 'ASC' | 'DESC') =>
  statement(`
    SELECT m.room_id AS "roomId", (extract(epoch FROM h.last_at) * 1000)::bigint AS "lastAt"
    FROM memberships m JOIN room_heads h ON h.room_id = m.room_id
    WHERE m.user_id = $1::bigint AND NOT m.is_hidden AND h.state < ${roomStates.DELETED}
      AND ($2::bigint IS NULL OR (h.last_at, m.room_id) < (to_timestamp($2::bigint / 1000.0)::timestamptz(3), $3::bigint))
      AND ($4::bigint IS NULL OR (h.last_at, m.room_id) > (to_timestamp($4::bigint / 1000.0)::timestamptz(3), $5::bigint))
    ORDER BY h.last_at ${direction}, m.room_id ${direction} LIMIT $6::int`);
const myRoomsForwards = myRooms('DESC');
const myRoomsBackwards = myRooms('ASC');

export interface MyRoomsPage {
  readonly after: ListedRoom | null;
  readonly before: ListedRoom | null;
  readonly backwards: boolean;
  readonly limit: number;
}

/** Latest activity first. */
export function listMyRooms(
  sql: Sql,
  userId: number,
  { after, before, backwards, limit }: MyRoomsPage,
): Promise<ListedRoom[]> {
  const values = [
    userId,
    after?.lastAt ?? null,
    after?.roomId ?? null,
    before?.lastAt ?? null,
    before?.roomId ?? null,
    limit,
  ];
  return sql.rows(backwards ? myRoomsBackwards : myRoomsForwards, values);
}
