import { type Sql, statement } from '../platform/db.ts';

export const roomKinds = { PUBLIC: 1, PRIVATE: 2, DIRECT: 3 } as const;
/** Roles are ranks: nobody acts on an equal or higher one. */
export const roles = { GUEST: 10, MEMBER: 20, MODERATOR: 30, ADMIN: 40, OWNER: 50 } as const;

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

export interface MembershipRow {
  readonly roomId: number;
  readonly userId: number;
  readonly role: number;
  readonly permissions: number;
  readonly joinedAt: Date;
  readonly readSeq: number;
  readonly deliveredSeq: number;
  readonly fromRoomSeq: number;
  readonly visibleFromRoomSeq: number;
  readonly visibleFromSeq: number;
  readonly isHidden: boolean;
  /** ms since 1970; null without a timeout. */
  readonly timeoutUntil: number | null;
}

/** A membership as the API shows it: as of now, or as of an event. */
export type Membership = Pick<
  MembershipRow,
  'roomId' | 'userId' | 'role' | 'joinedAt' | 'readSeq' | 'deliveredSeq'
>;

const membershipColumns = `m.room_id AS "roomId", m.user_id AS "userId", m.role, m.permission_bits AS permissions, m.joined_at AS "joinedAt", m.read_seq AS "readSeq",
  m.delivered_seq AS "deliveredSeq", m.from_room_seq AS "fromRoomSeq", m.visible_from_room_seq AS "visibleFromRoomSeq",
  m.visible_from_seq AS "visibleFromSeq", m.is_hidden AS "isHidden", timeout_ms(m.timeout_until) AS "timeoutUntil"`;

// -- reading -----------------------------------------------------------------------------------

const roomColumns = `r.id, r.kind, r.name, r.description, r.member_count AS "memberCount", r.archived_at IS NOT NULL AS "isArchived",
  r.deleted_at IS NOT NULL AS "isDeleted", h.last_room_seq AS "lastRoomSeq", h.last_message_seq AS "lastMessageSeq"`;

const roomsByIds = statement(`
  SELECT ${roomColumns} FROM rooms r JOIN room_heads h ON h.room_id = r.id WHERE r.id = ANY ($1::bigint[])`);

export function findRooms(sql: Sql, roomIds: readonly number[]): Promise<RoomRow[]> {
  return sql.rows(roomsByIds, [roomIds]);
}

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

const seenRooms = statement(`SELECT * FROM seen_rooms($1::bigint, $2::bigint[])`);

/** A row of `seen_rooms`: a room, and the membership of one person in it, if there is one. */
export type SeenRow = RoomRow & MembershipRow & { readonly userId: number | null; readonly hasEdge: boolean };

/** A room, and the membership of one person in it. */
export interface SeenRoom {
  readonly room: RoomRow;
  readonly member: MembershipRow | null;
  readonly hasEdge: boolean;
}

export function seenRoom(row: SeenRow): SeenRoom {
  return { room: row, member: row.userId === null ? null : row, hasEdge: row.hasEdge };
}

/** What judging somebody's access to rooms takes, in one statement. */
export async function findSeenRooms(
  sql: Sql,
  roomIds: readonly number[],
  userId: number,
): Promise<SeenRoom[]> {
  return (await sql.rows<SeenRow>(seenRooms, [userId, roomIds])).map(seenRoom);
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

/** The rows of each page, in its direction. All pages are read in one statement. */
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

/** A room in the list of somebody's rooms, which is ordered by the last activity. */
export interface ListedRoom {
  readonly roomId: number;
  /** ms since 1970 */
  readonly lastAt: number;
}

const myRooms = (direction: 'ASC' | 'DESC') =>
  statement(`
    SELECT m.room_id AS "roomId", (extract(epoch FROM h.last_at) * 1000)::bigint AS "lastAt"
    FROM memberships m JOIN room_heads h ON h.room_id = m.room_id
    WHERE m.user_id = $1::bigint AND NOT m.is_hidden AND h.state < 2
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

/** The latest activity first. */
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

const anybodyWithEdge = statement(`
  SELECT x.room_id AS "roomId",
    EXISTS (SELECT FROM memberships e WHERE e.room_id = x.room_id AND e.visible_from_seq > 0) AS "hasEdge"
  FROM unnest($1::bigint[]) AS x(room_id)`);

/** Whether anybody in these rooms may not see their beginning. */
export function findEdges(
  sql: Sql,
  roomIds: readonly number[],
): Promise<{ roomId: number; hasEdge: boolean }[]> {
  return sql.rows(anybodyWithEdge, [roomIds]);
}

// -- changing: each is one call of one function (see the migration for what its status means) ----

export interface Outcome {
  readonly status: string;
  /** The position in the room's log that covers the call. */
  readonly roomSeq: number;
}

export interface CreationOutcome extends Outcome {
  readonly roomId: number;
}

async function call<Result>(
  sql: Sql,
  text: ReturnType<typeof statement>,
  values: unknown[],
): Promise<Result> {
  const [row] = await sql.rows<Result>(text, values);
  if (!row) throw new Error('a function of the write path returned nothing');
  return row;
}

const outcome = (name: string, parameters: string) =>
  statement(`SELECT status, room_seq AS "roomSeq" FROM ${name}(${parameters})`);
const creation = (name: string, parameters: string) =>
  statement(`SELECT status, room_id AS "roomId", room_seq AS "roomSeq" FROM ${name}(${parameters})`);

const calls = {
  create: creation(
    'create_room_within',
    '$1::int, $2::bigint, $3::smallint, $4::text, $5::text, $6::text, $7::uuid',
  ),
  openDirect: creation('open_direct_room_within', '$1::int, $2::int, $3::bigint, $4::bigint[]'),
  update: outcome('update_room', '$1::bigint, $2::bigint, $3::text, $4::text'),
  archive: outcome('archive_room', '$1::bigint, $2::bigint'),
  remove: outcome('delete_room', '$1::bigint, $2::bigint'),
  leave: outcome('leave_room', '$1::bigint, $2::bigint'),
  add: outcome('add_members_within', '$1::int, $2::bigint, $3::bigint, $4::bigint[], $5::smallint'),
  dismiss: outcome('remove_member', '$1::bigint, $2::bigint, $3::bigint'),
  changeRole: outcome('change_member_role', '$1::bigint, $2::bigint, $3::bigint, $4::smallint'),
};

export interface NewRoom {
  readonly kind: number;
  readonly name: string;
  readonly description: string | null;
  readonly key: string;
  readonly fingerprint: string;
}

/** How many rooms a person may be in: by own will, and added by others. */
export interface Places {
  readonly own: number;
  readonly byOthers: number;
}

export const insertRoom = (sql: Sql, places: Places, actorId: number, room: NewRoom) =>
  call<CreationOutcome>(sql, calls.create, [
    places.own,
    actorId,
    room.kind,
    room.name,
    room.description,
    room.key,
    room.fingerprint,
  ]);
export const insertDirectRoom = (sql: Sql, places: Places, actorId: number, userIds: number[]) =>
  call<CreationOutcome>(sql, calls.openDirect, [places.own, places.byOthers, actorId, userIds]);
export const updateRoomRow = (
  sql: Sql,
  roomId: number,
  actorId: number,
  name: string | null,
  description: string | null,
) => call<Outcome>(sql, calls.update, [roomId, actorId, name, description]);
export const archiveRoomRow = (sql: Sql, roomId: number, actorId: number) =>
  call<Outcome>(sql, calls.archive, [roomId, actorId]);
export const deleteRoomRow = (sql: Sql, roomId: number, actorId: number) =>
  call<Outcome>(sql, calls.remove, [roomId, actorId]);
export const deleteMember = (sql: Sql, roomId: number, actorId: number) =>
  call<Outcome>(sql, calls.leave, [roomId, actorId]);
export const insertMembers = (
  sql: Sql,
  places: Places,
  roomId: number,
  actorId: number,
  userIds: number[],
  role: number,
) => call<Outcome>(sql, calls.add, [places.byOthers, roomId, actorId, userIds, role]);
export const dismissMember = (sql: Sql, roomId: number, actorId: number, userId: number) =>
  call<Outcome>(sql, calls.dismiss, [roomId, actorId, userId]);
export const updateMemberRole = (sql: Sql, roomId: number, actorId: number, userId: number, role: number) =>
  call<Outcome>(sql, calls.changeRole, [roomId, actorId, userId, role]);
