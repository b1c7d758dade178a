import { type Sql, statement } from '../platform/db.ts';

export interface MembershipRow {
  readonly roomId: number;
  readonly userId: number;
  readonly role: number;
  readonly permissions: number;
  readonly joinedAt: Date;
  readonly readSeq: number;
  readonly deliveredSeq: number;
  /** Whether others may see these marks. Missing where an event has left out what they may not. */
  readonly sharesReceipts?: boolean;
  readonly fromRoomSeq: number;
  readonly visibleFromRoomSeq: number;
  readonly visibleFromSeq: number;
  readonly isHidden: boolean;
  /** ms since 1970; null without a timeout. */
  readonly timeoutUntil: number | null;
}

/** A membership in the form of the API: current, or as of an event. */
export type Membership = Pick<
  MembershipRow,
  'roomId' | 'userId' | 'role' | 'joinedAt' | 'readSeq' | 'deliveredSeq' | 'sharesReceipts'
> &
  Partial<Pick<MembershipRow, 'permissions' | 'timeoutUntil'>>;

const membershipColumns = `m.room_id AS "roomId", m.user_id AS "userId", m.role, m.permission_bits AS permissions, m.joined_at AS "joinedAt", m.read_seq AS "readSeq",
  m.delivered_seq AS "deliveredSeq", coalesce(m.shares_receipts, (SELECT u.shares_receipts FROM users u WHERE u.id = m.user_id)) AS "sharesReceipts", m.from_room_seq AS "fromRoomSeq", m.visible_from_room_seq AS "visibleFromRoomSeq",
  m.visible_from_seq AS "visibleFromSeq", m.is_hidden AS "isHidden", timeout_ms(m.timeout_until) AS "timeoutUntil"`;

const membershipsByPairs = statement(`
  SELECT ${membershipColumns} FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, user_id)
  JOIN memberships m ON m.room_id = x.room_id AND m.user_id = x.user_id`);

export function findMemberships(
  sql: Sql,
  roomIds: readonly number[],
  userIds: readonly number[],
): Promise<MembershipRow[]> {
  return sql.rows(membershipsByPairs, [roomIds, userIds]);
}

/** A page of the members of a room, by user id: null bounds are open. */
export interface MembersPage {
  readonly roomId: number;
  readonly after: number | null;
  readonly before: number | null;
  readonly limit: number;
}

const membersOf = (direction: 'ASC' | 'DESC') =>
  statement(`
    SELECT x.ord::int - 1 AS page, p.*
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[]) WITH ORDINALITY AS x(room_id, after, before, most, ord)
    CROSS JOIN LATERAL (
      SELECT ${membershipColumns} FROM memberships m
      WHERE m.room_id = x.room_id AND m.user_id > x.after AND m.user_id < x.before ORDER BY m.user_id ${direction} LIMIT x.most
    ) p ORDER BY x.ord, p."userId" ${direction}`);
const membersForwards = membersOf('ASC');
const membersBackwards = membersOf('DESC');

/** Returns the rows of each page, in its direction. One statement reads all pages. */
export async function listMembers(
  sql: Sql,
  pages: readonly MembersPage[],
  backwards: boolean,
): Promise<MembershipRow[][]> {
  const rows = await sql.rows<MembershipRow & { page: number }>(
    backwards ? membersBackwards : membersForwards,
    [
      pages.map(({ roomId }) => roomId),
      pages.map(({ after }) => after ?? 0),
      pages.map(({ before }) => before ?? Number.MAX_SAFE_INTEGER),
      pages.map(({ limit }) => limit),
    ],
  );
  const found: MembershipRow[][] = pages.map(() => []);
  for (const row of rows) found[row.page]?.push(row);
  return found;
}

const memberIdsOf = statement(`SELECT user_id AS "userId" FROM memberships WHERE room_id = $1::bigint`);

export async function listMemberIds(sql: Sql, roomId: number): Promise<number[]> {
  const rows = await sql.rows<{ userId: number }>(memberIdsOf, [roomId]);
  return rows.map((row) => row.userId);
}

const anybodyWithEdge = statement(`
  SELECT x.room_id AS "roomId",
    EXISTS (SELECT FROM memberships e WHERE e.room_id = x.room_id AND e.visible_from_seq > 0) AS "hasEdge"
  FROM unnest($1::bigint[]) AS x(room_id)`);

/** Whether the history of any member of these rooms starts later than the room. */
export function findEdges(
  sql: Sql,
  roomIds: readonly number[],
): Promise<{ roomId: number; hasEdge: boolean }[]> {
  return sql.rows(anybodyWithEdge, [roomIds]);
}
