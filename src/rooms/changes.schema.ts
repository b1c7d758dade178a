import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
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
import { archiveRoom, type Changed, createRoom, deleteRoom, openDirectRoom, updateRoom } from './rooms.ts';
import { MemberRole, Room, RoomKind, RoomMembership } from './schema.ts';

const ROOM_SEQ =
  "The position in the room's log that covers this write; a stream that has passed it shows it.";
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
    room: t.field({ type: Room, description: 'The room after it.', resolve: (done: Changed) => done.room }),
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
      description: 'The membership after it.',
      resolve: (done: { membership: Membership }) => done.membership,
    }),
  );
  return ref;
}

const CreateRoomSuccess = withRoom<Awaited<ReturnType<typeof createRoom>>>(
  'CreateRoom',
  'The room was made.',
);
builder.objectField(CreateRoomSuccess, 'replayed', (t) =>
  t.boolean({ description: 'It had been made before with the same key.', resolve: (done) => done.replayed }),
);

mutation('createRoom', {
  description: 'Makes a public or private room with the viewer as its owner.',
  input: (t) => ({
    name: t.string({ required: true, description: 'Its name, 3 to 100 characters.' }),
    kind: t.field({
      type: RoomKind,
      required: true,
      description: 'PUBLIC or PRIVATE; direct rooms are opened with openDirectRoom.',
    }),
    description: t.string({ description: 'What it is about, at most 1,000 characters.' }),
    idempotencyKey: t.id({
      required: true,
      description:
        'Made by the client, 1 to 128 characters: sending again with the same key makes nothing twice.',
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
  description: 'Changes the name or the description of a room; what is not given stays.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    name: t.string({ description: 'Its new name, 3 to 100 characters.' }),
    description: t.string({ description: 'What it is about, at most 1,000 characters; empty removes it.' }),
  }),
  success: withRoom('UpdateRoom', 'The room is as asked.'),
  refusals: changed,
  resolve: (ctx, input) => updateRoom(signedIn(ctx), input),
});

mutation('archiveRoom', {
  description: 'Makes a room read-only for good. Its history stays.',
  input: (t) => ({ roomId: t.id({ required: true, description: 'The id of the room.' }) }),
  success: withRoom('ArchiveRoom', 'The room is archived.'),
  refusals: without('VALIDATION', 'CONFLICT'),
  resolve: (ctx, input) => archiveRoom(signedIn(ctx), input),
});

mutation('deleteRoom', {
  description: 'Takes a room away from everybody, for good.',
  input: (t) => ({ roomId: t.id({ required: true, description: 'The id of the room.' }) }),
  success: withRoomId('DeleteRoom', 'The room is gone.'),
  refusals: without('VALIDATION', 'CONFLICT'),
  resolve: (ctx, input) => deleteRoom(signedIn(ctx), input),
});

mutation('openDirectRoom', {
  description:
    'The direct room of the viewer and these people: the one that exists, or a new one. They hear of it with its first message.',
  input: (t) => ({
    userIds: t.idList({ required: true, description: 'Who, besides the viewer; at most 9 others.' }),
  }),
  success: withRoom('OpenDirectRoom', 'The room is there.'),
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
    "Ends the viewer's membership. The last owner needs a successor first. A room that the viewer was never in is a NotFoundError, public or not.",
  input: (t) => ({ roomId: t.id({ required: true, description: 'The id of the room.' }) }),
  success: withRoomId('LeaveRoom', 'The viewer is not a member any more.'),
  refusals: without('VALIDATION', 'PERMISSION_DENIED'),
  resolve: (ctx, input) => leaveRoom(signedIn(ctx), input),
});

const AddMembersSuccess = success<Awaited<ReturnType<typeof addMembers>>>('AddMembers', 'They are members.');
builder.objectFields(AddMembersSuccess, (t) => ({
  memberships: t.field({
    type: [RoomMembership],
    description: 'Their memberships, in the order asked.',
    extensions: pricedList({ usualSize: MAX_ADDED, inEvents: false }),
    resolve: (done) => done.memberships,
  }),
  roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
}));

mutation('addMembers', {
  description: 'Adds people to a room; those who are members already stay as they are.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    userIds: t.idList({ required: true, description: 'Who; 1 to 100.' }),
    role: t.field({ type: MemberRole, description: 'Their role, below the own; MEMBER by default.' }),
  }),
  success: AddMembersSuccess,
  refusals: changed,
  resolve: (ctx, input) => addMembers(signedIn(ctx), input),
});

mutation('removeMember', {
  description:
    'Takes somebody of a lower rank out of a room. The streams of that person end with this event.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    userId: t.id({ required: true, description: 'The id of the person.' }),
  }),
  success: withRoom('RemoveMember', 'The person is not a member any more.'),
  refusals: without('VALIDATION'),
  resolve: (ctx, input) => removeMember(signedIn(ctx), input),
});

const ChangeMemberRoleSuccess = withMembership(
  success<Awaited<ReturnType<typeof changeMemberRole>>>('ChangeMemberRole', 'The member has the role.'),
);
builder.objectField(ChangeMemberRoleSuccess, 'roomSeq', (t) =>
  t.exposeInt('roomSeq', { description: ROOM_SEQ }),
);

mutation('changeMemberRole', {
  description:
    'Gives somebody of a lower rank another role below the own. An owner may make other owners; anybody may step down.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    userId: t.id({ required: true, description: 'The id of the person.' }),
    role: t.field({ type: MemberRole, required: true, description: 'The new role.' }),
  }),
  success: ChangeMemberRoleSuccess,
  refusals: changed,
  resolve: (ctx, input) => changeMemberRole(signedIn(ctx), input),
});
