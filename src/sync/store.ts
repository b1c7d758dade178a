import { roomStates } from '../platform/database-codes.ts';
import { type Sql, statement } from '../platform/db.ts';

/** A request to follow a room: `after` is null for "from now" or "from the start". */
export interface StandingKey {
  readonly roomId: number;
  readonly userId: number;
  readonly after: number | null;
}

/** The data that decides whether a user may follow a room from a number on, from one snapshot. */
export interface Standing {
  readonly epoch: number;
  readonly head: number;
  readonly isDeleted: boolean;
  readonly isArchived: boolean;
  /** Null for a user who is not a member. */
  readonly role: number | null;
  readonly permissions: number | null;
  /** ms since 1970 */
  readonly timeoutUntil: number | null;
  readonly visibleFromRoomSeq: number | null;
  /** The oldest number that the log still has. */
  readonly oldest: number;
  /** After the requested number, the user lost access and got it again. */
  readonly lostSince: boolean;
}

const standings = statement(`
  SELECT x.ord::int AS ord, current_epoch() AS epoch, h.last_room_seq AS head, h.state = ${roomStates.DELETED} AS "isDeleted", h.state = ${roomStates.ARCHIVED} AS "isArchived",
    m.role, m.permission_bits AS permissions, timeout_ms(m.timeout_until) AS "timeoutUntil", m.visible_from_room_seq AS "visibleFromRoomSeq",
    coalesce((SELECT e.room_seq FROM room_events e WHERE e.room_id = h.room_id ORDER BY e.room_seq LIMIT 1), 1) AS oldest,
    x.after IS NOT NULL AND x.after < m.from_room_seq - 1 AND EXISTS (
      SELECT FROM access_losses l WHERE l.user_id = x.user_id AND l.room_id = h.room_id AND l.room_seq > x.after
    ) AS "lostSince"
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS x(room_id, user_id, after, ord)
  JOIN room_heads h ON h.room_id = x.room_id
  LEFT JOIN memberships m ON m.room_id = x.room_id AND m.user_id = x.user_id AND NOT m.is_hidden`);

/** Returns one per key, in order; null if there is no such room. */
export async function findStandings(sql: Sql, keys: readonly StandingKey[]): Promise<(Standing | null)[]> {
  const values = [keys.map((key) => key.roomId), keys.map((key) => key.userId), keys.map((key) => key.after)];
  const rows = await sql.rows<Standing & { ord: number }>(standings, values);
  const found = new Map(rows.map((row) => [row.ord, row]));
  return keys.map((_, i) => found.get(i + 1) ?? null);
}
