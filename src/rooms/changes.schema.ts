import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { mutation, ROOM_SEQ } from '../graphql/mutation.ts';
import { pricedList } from '../graphql/pricing.ts';
import {
  addMembers,
  changeMemberRole,
  joinRoom,
  leaveRoom,
  MAX_ADDED,
  type Membership,
  removeMember,
} from './members.ts';
import { MAX_REASON } from './reasons.ts';
import { archiveRoom, type Changed, createRoom, deleteRoom, openDirectRoom, updateRoom } from './rooms.ts';
import { MemberRole, Room, RoomKind, RoomMembership } from './schema.ts';

const changed = [
  'VALIDATION',
  'NOT_FOUND',
  'PERMISSION_DENIED',
  'CONFLICT',
  'RATE_LIMITED',
  'UNAVAILABLE',
] as const;
const without = (...codes: string[]) => changed.filter((code) => !codes.includes(code));

function success<Shape extends object>(name: string, what: string) {
  return builder.objectRef<Shape>(`${name}Success`).implement({ description: what });
}

function withRoom<Shape extends Changed = Changed>(name: string, what: string) {
  const ref = success<Shape>(name, what);
  builder.objectFields(ref, (t) => ({
    room: t.field({
      type: Room,
      description: 'The room after the change.',
      resolve: (done: Changed) => done.room,
    }),
    roomSeq: t.int({ description: ROOM_SEQ, resolve: (done: Changed) => done.roomSeq }),
  }));
  return ref;
}

function withRoomId(name: string, what: string) {
  const ref = success<{ roomId: string; roomSeq: number }>(name, what);
  builder.objectFields(ref, (t) => ({
    roomId: t.exposeID('roomId', { description: 'The id of the room.' }),
    roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
  }));
  return ref;
}

function withMembership<Shape extends { membership: Membership }>(ref: ReturnType<typeof success<Shape>>) {
  builder.objectField(ref, 'membership', (t) =>
    t.field({
      type: RoomMembership,
      description: 'The membership after the change.',
      resolve: (done: { membership: Membership }) => done.membership,
    }),
  );
  return ref;
}

const CreateRoomSuccess = withRoom<Awaited<ReturnType<typeof createRoom>>>(
  'CreateRoom',
  'The room was created.',
);
builder.objectField(CreateRoomSuccess, 'replayed', (t) =>
  t.boolean({
    description: 'True if an earlier call with the same key created the room.',
    resolve: (done) => done.replayed,
  }),
);

mutation('createRoom', {
  description: 'Creates a public or private room with the viewer as its owner.',
  input: (t) => ({
    name: t.string({ required: true, description: 'The name of the room, 3 to 100 characters.' }),
    kind: t.field({
      type: RoomKind,
      required: true,
      description: 'PUBLIC or PRIVATE. Use openDirectRoom for direct rooms.',
    }),
    description: t.string({ description: 'The topic of the room, at most 1,000 characters.' }),
    idempotencyKey: t.id({
      required: true,
      description:
        'A key chosen by the client, 1 to 128 characters. A second call with the same key returns the first room.',
    }),
  }),
  success: CreateRoomSuccess,
  refusals: [
    'VALIDATION',
    'PERMISSION_DENIED',
    'CONFLICT',
    'IDEMPOTENCY_CONFLICT',
    'RATE_LIMITED',
    'UNAVAILABLE',
  ],
  resolve: (ctx, input) => createRoom(signedIn(ctx), input),
});

mutation('updateRoom', {
  description:
    'Changes the name, the description or the lifetime of the messages of a room. A field that is not given stays as it is.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    name: t.string({ description: 'The new name of the room, 3 to 100 characters.' }),
    description: t.string({
      description: 'The topic of the room, at most 1,000 characters. An empty string removes it.',
    }),
    messageLifetimeSeconds: t.int({
      description:
        'Seconds after which messages disappear, 5 to 31,622,400 (366 days), for messages that are sent from now on. 0: they ' +
        'stay. Every member of a direct room can set it.',
    }),
  }),
  success: withRoom('UpdateRoom', 'The room has the new values.'),
  refusals: changed,
  resolve: (ctx, input) => updateRoom(signedIn(ctx), input),
});

mutation('archiveRoom', {
  description: 'Makes a room read-only. This cannot be undone. The history stays.',
  input: (t) => ({ roomId: t.id({ required: true, description: 'The id of the room.' }) }),
  success: withRoom('ArchiveRoom', 'The room is archived.'),
  refusals: without('VALIDATION', 'CONFLICT'),
  resolve: (ctx, input) => archiveRoom(signedIn(ctx), input),
});

mutation('deleteRoom', {
  description: 'Deletes a room for all its members. This cannot be undone.',
  input: (t) => ({ roomId: t.id({ required: true, description: 'The id of the room.' }) }),
  success: withRoomId('DeleteRoom', 'The room was deleted.'),
  refusals: without('VALIDATION', 'CONFLICT'),
  resolve: (ctx, input) => deleteRoom(signedIn(ctx), input),
});

mutation('openDirectRoom', {
  description:
    'Returns the direct room of the viewer and these users, or creates it. The other users see the room with its first message.',
  input: (t) => ({
    userIds: t.idList({ required: true, description: 'The users besides the viewer, at most 9.' }),
  }),
  success: withRoom('OpenDirectRoom', 'The direct room exists.'),
  refusals: changed,
  resolve: (ctx, input) => openDirectRoom(signedIn(ctx), input),
});

mutation('joinRoom', {
  description: 'Makes the viewer a member of a public room.',
  input: (t) => ({ roomId: t.id({ required: true, description: 'The id of the room.' }) }),
  success: withMembership(
    withRoom<Awaited<ReturnType<typeof joinRoom>>>('JoinRoom', 'The viewer is a member.'),
  ),
  refusals: changed,
  resolve: (ctx, input) => joinRoom(signedIn(ctx), input),
});

mutation('leaveRoom', {
  description:
    "Ends the viewer's membership. The last owner must first make another member owner. For a room that the viewer was never a member of, public or not, the result is a NotFoundError.",
  input: (t) => ({ roomId: t.id({ required: true, description: 'The id of the room.' }) }),
  success: withRoomId('LeaveRoom', 'The viewer is no longer a member.'),
  refusals: without('VALIDATION', 'PERMISSION_DENIED'),
  forGuests: true,
  resolve: (ctx, input) => leaveRoom(signedIn(ctx), input),
});

const AddMembersSuccess = success<Awaited<ReturnType<typeof addMembers>>>(
  'AddMembers',
  'The users are members.',
);
builder.objectFields(AddMembersSuccess, (t) => ({
  memberships: t.field({
    type: [RoomMembership],
    description: 'The memberships of the users, in the order of the input.',
    extensions: pricedList({ usualSize: MAX_ADDED, inEvents: false }),
    resolve: (done) => done.memberships,
  }),
  roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
}));

mutation('addMembers', {
  description: 'Adds users to a room. Users who are already members stay as they are.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    userIds: t.idList({ required: true, description: 'The users to add, 1 to 100.' }),
    role: t.field({
      type: MemberRole,
      description: 'The role they get. It must be below the role of the viewer. Default: MEMBER.',
    }),
  }),
  success: AddMembersSuccess,
  refusals: changed,
  resolve: (ctx, input) => addMembers(signedIn(ctx), input),
});

mutation('removeMember', {
  description:
    "Removes a member whose role is below the viewer's. The room streams of that user end with this event.",
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    userId: t.id({ required: true, description: 'The id of the user.' }),
    reason: t.string({
      description: `Why, at most ${MAX_REASON} characters. Only the audit log of the room has it.`,
    }),
  }),
  success: withRoom('RemoveMember', 'The user is no longer a member.'),
  refusals: changed,
  resolve: (ctx, input) => removeMember(signedIn(ctx), input),
});

const ChangeMemberRoleSuccess = withMembership(
  success<Awaited<ReturnType<typeof changeMemberRole>>>('ChangeMemberRole', 'The member has the new role.'),
);
builder.objectField(ChangeMemberRoleSuccess, 'roomSeq', (t) =>
  t.exposeInt('roomSeq', { description: ROOM_SEQ }),
);

mutation('changeMemberRole', {
  description:
    "Changes the role of a member whose role is below the viewer's, to a role below the viewer's. An owner may make other members owners. All members may lower their own role.",
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    userId: t.id({ required: true, description: 'The id of the user.' }),
    role: t.field({ type: MemberRole, required: true, description: 'The new role.' }),
  }),
  success: ChangeMemberRoleSuccess,
  refusals: changed,
  resolve: (ctx, input) => changeMemberRole(signedIn(ctx), input),
});
