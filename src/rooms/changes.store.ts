import type { Status } from '../platform/database-codes.ts';
import { callFunction, type Sql, statement } from '../platform/db.ts';

/** What a call of a function of the database did: see its file in prisma/functions for the statuses. */
export interface Outcome {
  readonly status: Status;
  /** The position in the room's log that covers the call. */
  readonly roomSeq: number;
}

export interface CreationOutcome extends Outcome {
  readonly roomId: number;
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
  update: outcome('update_room', '$1::bigint, $2::bigint, $3::text, $4::text, $5::int'),
  archive: outcome('archive_room', '$1::bigint, $2::bigint'),
  remove: outcome('delete_room', '$1::bigint, $2::bigint'),
  leave: outcome('leave_room', '$1::bigint, $2::bigint'),
  add: outcome('add_members_within', '$1::int, $2::bigint, $3::bigint, $4::bigint[], $5::smallint'),
  dismiss: outcome('remove_member', '$1::bigint, $2::bigint, $3::bigint, $4::text'),
  changeRole: outcome('change_member_role', '$1::bigint, $2::bigint, $3::bigint, $4::smallint'),
};

export interface NewRoom {
  readonly kind: number;
  readonly name: string;
  readonly description: string | null;
  readonly key: string;
  readonly fingerprint: string;
}

/** How many rooms a user can be in: by joining, and added by others. */
export interface Places {
  readonly own: number;
  readonly byOthers: number;
}

export const insertRoom = (sql: Sql, places: Places, actorId: number, room: NewRoom) =>
  callFunction<CreationOutcome>(sql, calls.create, [
    places.own,
    actorId,
    room.kind,
    room.name,
    room.description,
    room.key,
    room.fingerprint,
  ]);
export const insertDirectRoom = (sql: Sql, places: Places, actorId: number, userIds: number[]) =>
  callFunction<CreationOutcome>(sql, calls.openDirect, [places.own, places.byOthers, actorId, userIds]);

/** New values of a room; null keeps one. */
export interface RoomUpdate {
  readonly name: string | null;
  readonly description: string | null;
  /** In seconds; 0: messages stay. */
  readonly messageLifetime: number | null;
}

export const updateRoomRow = (
  sql: Sql,
  roomId: number,
  actorId: number,
  { name, description, messageLifetime }: RoomUpdate,
) => callFunction<Outcome>(sql, calls.update, [roomId, actorId, name, description, messageLifetime]);
export const archiveRoomRow = (sql: Sql, roomId: number, actorId: number) =>
  callFunction<Outcome>(sql, calls.archive, [roomId, actorId]);
export const deleteRoomRow = (sql: Sql, roomId: number, actorId: number) =>
  callFunction<Outcome>(sql, calls.remove, [roomId, actorId]);
export const deleteMember = (sql: Sql, roomId: number, actorId: number) =>
  callFunction<Outcome>(sql, calls.leave, [roomId, actorId]);
export const insertMembers = (
  sql: Sql,
  places: Places,
  roomId: number,
  actorId: number,
  userIds: number[],
  role: number,
) => callFunction<Outcome>(sql, calls.add, [places.byOthers, roomId, actorId, userIds, role]);
export const dismissMember = (
  sql: Sql,
  roomId: number,
  actorId: number,
  userId: number,
  reason: string | null,
) => callFunction<Outcome>(sql, calls.dismiss, [roomId, actorId, userId, reason]);
export const updateMemberRole = (sql: Sql, roomId: number, actorId: number, userId: number, role: number) =>
  callFunction<Outcome>(sql, calls.changeRole, [roomId, actorId, userId, role]);
