import { loadUser } from '../accounts/people.ts';
import { User, Viewer } from '../accounts/schema.ts';
import { connectionType, findableNode, globalId, mutation, Node, pageArgs, told } from '../basics.ts';
import { builder } from '../builder.ts';
import { type Context, signedIn } from '../context.ts';
import { idOf } from '../platform/ids.ts';
import {
  kindOf,
  membershipLoader,
  type RoomRow,
  type RoomView,
  roomLoader,
  viewerMembership,
  viewRoom,
} from './access.ts';
import {
  addMembers,
  changeMemberRole,
  joinRoom,
  leaveRoom,
  listMembers,
  type Membership,
  removeMember,
  roleOf,
} from './members.ts';
import {
  archiveRoom,
  type Changed,
  createRoom,
  deleteRoom,
  listDirectory,
  listMyRooms,
  openDirectRoom,
  updateRoom,
} from './rooms.ts';

const RoomKind = builder.enumType('RoomKind', {
  description: 'Who can find and join a room. DIRECT is a conversation of a fixed set of 1 to 10 people.',
  values: {
    PUBLIC: { value: 'PUBLIC', description: 'In the directory; everybody who is signed in can join.' },
    PRIVATE: {
      value: 'PRIVATE',
      description: 'Its members add others; for everybody else it does not exist.',
    },
    DIRECT: { value: 'DIRECT', description: 'A fixed set of 1 to 10 people; one room per set.' },
  },
});

const MemberRole = builder.enumType('MemberRole', {
  description: 'A rank in a room: nobody acts on an equal or higher one.',
  values: {
    OWNER: { value: 'OWNER', description: 'May do everything, also delete the room and make other owners.' },
    ADMIN: {
      value: 'ADMIN',
      description: 'May change and archive the room, and everything a moderator may.',
    },
    MODERATOR: {
      value: 'MODERATOR',
      description: "May add and remove members, change roles below the own, delete others' messages.",
    },
    MEMBER: { value: 'MEMBER', description: 'May read and write.' },
    GUEST: { value: 'GUEST', description: 'May read and write; the lowest rank.' },
  },
});

// What the access to a room leaves of it.
const rowOf = (ctx: Context, view: RoomView) => roomLoader(ctx).load(view.roomId);

async function outside<Value>(
  ctx: Context,
  view: RoomView,
  pick: (row: RoomRow) => Value,
  otherwise: Value,
): Promise<Value> {
  const row = view.access === 'gone' ? null : await rowOf(ctx, view);
  return row ? pick(row) : otherwise;
}

async function inside<Value>(view: RoomView, read: () => Promise<Value>): Promise<Value | null> {
  return view.access === 'member' ? read() : null;
}

export const Room = builder.objectRef<RoomView>('Room');
export const RoomMembership = builder.objectRef<Membership>('RoomMembership');
const { ConnectionType: RoomMembersConnection } = connectionType<Membership>(
  'RoomMembers',
  RoomMembership,
  'the members of a room',
);
const { ConnectionType: ViewerRoomsConnection } = connectionType<RoomView>(
  'ViewerRooms',
  Room,
  "the viewer's rooms",
);
const { ConnectionType: RoomsConnection } = connectionType<RoomView>(
  'Rooms',
  Room,
  'the directory of public rooms',
);

Room.implement({
  description:
    'A room. Non-members of a public room see its name, description and member count; the other fields are null for them. ' +
    'For everybody else a room that is not public does not exist.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.field({
      type: 'ID',
      description: 'Opaque global id.',
      resolve: (room) => globalId('Room', room.roomId),
    }),
    kind: t.field({
      type: RoomKind,
      description: 'Who can find and join it.',
      resolve: (room, _a, ctx) => outside(ctx, room, kindOf, 'PRIVATE' as const),
    }),
    name: t.string({
      nullable: true,
      description: 'Its name, 3 to 100 characters; null for direct rooms.',
      resolve: (room, _a, ctx) => outside(ctx, room, (row) => row.name, null),
    }),
    description: t.string({
      nullable: true,
      description: 'What it is about, at most 1,000 characters.',
      resolve: (room, _a, ctx) => outside(ctx, room, (row) => row.description, null),
    }),
    isArchived: t.boolean({
      description: 'Archived rooms can be read, not changed.',
      resolve: (room, _a, ctx) => outside(ctx, room, (row) => row.isArchived, false),
    }),
    memberCount: t.int({
      description: 'How many members it has now.',
      resolve: (room, _a, ctx) => outside(ctx, room, (row) => row.memberCount, 0),
    }),
    lastMessageSeq: t.int({
      nullable: true,
      description:
        'The number of its last message, 0 before the first. In an event: as of that event. For members.',
      resolve: (room, _a, ctx) =>
        inside(room, async () => room.asOf?.messageSeq ?? (await rowOf(ctx, room))?.lastMessageSeq ?? null),
    }),
    lastRoomSeq: t.int({
      nullable: true,
      description: 'The number of the last event of its log. In an event: of that event. For members.',
      resolve: (room, _a, ctx) =>
        inside(room, async () => room.asOf?.roomSeq ?? (await rowOf(ctx, room))?.lastRoomSeq ?? null),
    }),
    members: t.field({
      type: RoomMembersConnection,
      nullable: true,
      description: 'Its members, in the order of their accounts; 50 unless told. For members.',
      args: pageArgs(),
      resolve: (room, args, ctx) => inside(room, () => told(ctx, () => listMembers(ctx, room, args))),
    }),
    viewerMembership: t.field({
      type: RoomMembership,
      nullable: true,
      description: "The viewer's own membership.",
      resolve: (room, _a, ctx) => inside(room, () => viewerMembership(ctx, room.roomId)),
    }),
  }),
});

RoomMembership.implement({
  description: 'A person in a room.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.field({
      type: 'ID',
      description: 'Opaque global id.',
      resolve: (m) => globalId('RoomMembership', m.roomId, m.userId),
    }),
    user: t.field({ type: User, description: 'Who.', resolve: (m, _a, ctx) => loadUser(ctx, m.userId) }),
    role: t.field({ type: MemberRole, description: 'The rank in the room.', resolve: (m) => roleOf(m.role) }),
    joinedAt: t.expose('joinedAt', { type: 'DateTime', description: 'Since when.' }),
    readSeq: t.exposeInt('readSeq', { description: 'Everything up to this message number was read.' }),
    deliveredSeq: t.exposeInt('deliveredSeq', {
      description: 'Everything up to this message number reached a device.',
    }),
  }),
});

findableNode('Room', (ctx, [roomId]) => viewRoom(ctx, roomId));
findableNode('RoomMembership', async (ctx, [roomId, userId]) => {
  const [room, own] = await Promise.all([viewRoom(ctx, roomId), viewerMembership(ctx, roomId)]);
  return room && own ? membershipLoader(ctx).load({ roomId, userId: userId ?? 0 }) : null;
});

builder.objectField(Viewer, 'rooms', (t) =>
  t.field({
    type: ViewerRoomsConnection,
    description: 'The rooms the viewer is a member of, the latest activity first; 20 unless told.',
    args: pageArgs(),
    resolve: (viewer, args, ctx) =>
      told(ctx, () =>
        listMyRooms({ ...ctx, viewer: { userId: viewer.userId, sessionId: 0, expiresAt: 0 } }, args),
      ),
  }),
);

builder.queryFields((t) => ({
  room: t.withAuth({ signedIn: true }).field({
    type: Room,
    nullable: true,
    description: 'A room by its id; null where there is none that the viewer may see.',
    args: { id: t.arg.id({ required: true, description: 'The id of a room.' }) },
    resolve: (_root, { id }, ctx) => told(ctx, () => roomById(ctx, id)),
  }),
  rooms: t.withAuth({ signedIn: true }).field({
    type: RoomsConnection,
    description: 'The directory: public rooms by name; 20 unless told.',
    args: {
      query: t.arg.string({ description: 'Looked for in names and descriptions; at most 100 characters.' }),
      ...pageArgs(),
    },
    resolve: (_root, args, ctx) => told(ctx, () => directoryOf(ctx, args)),
  }),
}));

async function roomById(ctx: Context, id: string): Promise<RoomView | null> {
  const roomId = idOf('Room', id);
  return roomId === null ? null : viewRoom(ctx, roomId);
}

async function directoryOf(
  ctx: Context,
  args: Parameters<typeof listDirectory>[2] & { query?: string | null | undefined },
) {
  const page = await listDirectory(signedIn(ctx), args.query ?? null, args);
  const views = await Promise.all(page.edges.map(({ node }) => viewRoom(ctx, node.roomId)));
  const edges = page.edges.flatMap(({ cursor }, i) => (views[i] ? [{ cursor, node: views[i] }] : []));
  return { ...page, edges };
}

// -- mutations ---------------------------------------------------------------------------------

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
  refusals: ['VALIDATION', 'PERMISSION_DENIED', 'IDEMPOTENCY_CONFLICT', 'RATE_LIMITED', 'UNAVAILABLE'],
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
  refusals: without('CONFLICT'),
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
  description: "Ends the viewer's membership. The last owner needs a successor first.",
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
    resolve: (done) => done.memberships,
  }),
  roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
}));

mutation('addMembers', {
  description: 'Adds people to a room; those who are members already stay as they are.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    userIds: t.idList({ required: true, description: 'Who; 1 to 100.' }),
    role: t.field({ type: MemberRole, description: 'Their role, below the own; MEMBER unless told.' }),
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
