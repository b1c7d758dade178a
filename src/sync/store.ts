import { type Sql, statement } from '../platform/db.ts';

/** What decides whether somebody may follow a room from a number on; one snapshot of it. */
export interface Standing {
  readonly head: number;
  readonly isDeleted: boolean;
  readonly isMember: boolean;
  readonly fromRoomSeq: number | null;
  readonly visibleFromRoomSeq: number | null;
  /** The oldest number that the log still has. */
  readonly oldest: number;
  /** Access was lost, and given again, after the number asked for. */
  readonly lostSince: boolean;
}

const standing = statement(`
  SELECT h.last_room_seq AS head, h.state = 2 AS "isDeleted", m.user_id IS NOT NULL AS "isMember",
    m.from_room_seq AS "fromRoomSeq", m.visible_from_room_seq AS "visibleFromRoomSeq",
    coalesce((SELECT e.room_seq FROM room_events e WHERE e.room_id = h.room_id ORDER BY e.room_seq LIMIT 1), 1) AS oldest,
    $3::bigint IS NOT NULL AND $3::bigint < m.from_room_seq - 1 AND EXISTS (
      SELECT FROM account_events a WHERE a.user_id = $2::bigint AND a.room_id = h.room_id AND a.kind = 2 AND a.room_seq > $3::bigint
    ) AS "lostSince"
  FROM room_heads h LEFT JOIN memberships m ON m.room_id = h.room_id AND m.user_id = $2::bigint AND NOT m.is_hidden
  WHERE h.room_id = $1::bigint`);

/** Null where there is no such room. */
export async function findStanding(sql: Sql, roomId: number, userId: number, after: number | null): Promise<Standing | null> {
  const [row] = await sql.rows<Standing>(standing, [roomId, userId, after]);
  return row ?? null;
}
