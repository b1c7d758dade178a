import { loadUser } from '../accounts/people.ts';
import { User, Viewer } from '../accounts/schema.ts';
import { type Context, signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import { enumValues } from '../graphql/enum-values.ts';
import { findableNode, globalId, Node } from '../graphql/nodes.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import {
  kindOf,
  membershipLoader,
  type RoomRow,
  type RoomView,
  roomLoader,
  viewerMembership,
  viewRoom,
} from './access.ts';
import { listDirectory } from './directory.ts';
import { listMembers, MEMBERS_PAGE_SIZE, type Membership, roleOf } from './members.ts';
import {
  fromRights,
  obstaclesToSending,
  type permissionBits,
  permissionsOf,
  viewerField,
} from './permissions.ts';
import { listMyRooms } from './rooms.ts';

export const RoomKind = builder.enumType('RoomKind', {
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

export const MemberRole = builder.enumType('MemberRole', {
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

const permissions = {
  SEND_MESSAGES: 'Write messages.',
  ADD_MEMBERS: 'Add people, with a role below the own.',
  MANAGE_MEMBERS: 'Change the roles of members of lower rank, and remove them.',
  UPDATE_ROOM: 'Change the name and the description.',
  DELETE_MESSAGES: 'Delete messages of members of lower rank.',
  ARCHIVE_ROOM: 'Archive the room.',
  DELETE_ROOM: 'Delete the room.',
} as const satisfies Record<keyof typeof permissionBits, string>;

const RoomPermission = builder.enumType('RoomPermission', {
  description: 'What a role may allow in a room.',
  values: enumValues(permissions),
});

const CannotSendReason = builder.enumType('CannotSendReason', {
  description: 'Why the viewer cannot write in a room.',
  values: {
    NOT_A_MEMBER: { value: 'NOT_A_MEMBER', description: 'Only members write: join first, or be added.' },
    ARCHIVED: { value: 'ARCHIVED', description: 'The room is archived.' },
    NOT_PERMITTED: { value: 'NOT_PERMITTED', description: 'The role does not allow it.' },
    TIMED_OUT: { value: 'TIMED_OUT', description: 'A timeout keeps the viewer from writing for a while.' },
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
      description: 'Its members, in the order of their accounts; 50 by default. For members.',
      extensions: pricedList({ usualSize: MEMBERS_PAGE_SIZE, inEvents: false }),
      args: pageArgs(),
      resolve: (room, args, ctx) => inside(room, () => withRefusals(ctx, () => listMembers(ctx, room, args))),
    }),
    viewerMembership: t.field({
      type: RoomMembership,
      nullable: true,
      description: "The viewer's own membership.",
      resolve: (room, _a, ctx) => inside(room, () => viewerMembership(ctx, room.roomId)),
    }),
    viewerPermissions: t.field({
      type: [RoomPermission],
      description: "What the viewer's role allows; nothing for who is not a member.",
      ...viewerField(fromRights(permissionsOf)),
    }),
    viewerCanSend: t.boolean({
      description: 'Whether the viewer can write here now.',
      ...viewerField(fromRights((held) => obstaclesToSending(held).length === 0)),
    }),
    viewerCannotSendReasons: t.field({
      type: [CannotSendReason],
      description: 'Why not; empty where the viewer can.',
      ...viewerField(fromRights(obstaclesToSending)),
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
    description: 'The rooms the viewer is a member of, the latest activity first; 20 by default.',
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: pageArgs(),
    resolve: (viewer, args, ctx) =>
      withRefusals(ctx, () =>
        listMyRooms({ ...ctx, viewer: { userId: viewer.userId, sessionId: 0, expiresAt: 0 } }, args),
      ),
  }),
);

builder.queryFields((t) => ({
  rooms: t.withAuth({ signedIn: true }).field({
    type: RoomsConnection,
    description: 'The directory: public rooms by name; 20 by default.',
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: {
      query: t.arg.string({
        description:
          'A part of the name or the description, at most 100 characters; case and accents make no difference.',
      }),
      ...pageArgs(),
    },
    resolve: (_root, args, ctx) => withRefusals(ctx, () => directoryOf(ctx, args)),
  }),
}));

async function directoryOf(
  ctx: Context,
  args: Parameters<typeof listDirectory>[2] & { query?: string | null | undefined },
) {
  const page = await listDirectory(signedIn(ctx), args.query ?? null, args);
  const views = await Promise.all(page.edges.map(({ node }) => viewRoom(ctx, node.roomId)));
  const edges = page.edges.flatMap(({ cursor }, i) => (views[i] ? [{ cursor, node: views[i] }] : []));
  return { ...page, edges };
}
