import { loadUser } from '../accounts/people.ts';
import { User, Viewer } from '../accounts/schema.ts';
import { type Context, withAccount } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import { enumValues } from '../graphql/enum-values.ts';
import { findableNode, globalId, Node } from '../graphql/nodes.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { priced, pricedList } from '../graphql/pricing.ts';
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
import { listMyRooms } from './my-rooms.ts';
import {
  fromRights,
  identityField,
  obstaclesToSending,
  type permissionBits,
  permissionsOf,
  viewerField,
} from './permissions.ts';
import { roomTitle } from './title.ts';

export const RoomKind = builder.enumType('RoomKind', {
  description: 'Who can find and join a room.',
  values: {
    PUBLIC: { value: 'PUBLIC', description: 'Listed in the directory. Every signed-in user can join.' },
    PRIVATE: {
      value: 'PRIVATE',
      description: 'Members add other users. Nobody else can see the room.',
    },
    DIRECT: {
      value: 'DIRECT',
      description: 'A conversation of a fixed set of 1 to 10 users. There is one room for each set.',
    },
  },
});

export const MemberRole = builder.enumType('MemberRole', {
  description:
    'The role of a member in a room. Members can only manage members whose role is below their own.',
  values: {
    OWNER: {
      value: 'OWNER',
      description: 'Can do everything, including deleting the room and making other members owners.',
    },
    ADMIN: {
      value: 'ADMIN',
      description: 'Can do everything a moderator can, update and archive the room, and see its audit log.',
    },
    MODERATOR: {
      value: 'MODERATOR',
      description:
        'Can add and remove members, change roles below their own, pin messages, and delete messages of members with a lower role, time them out and ban them.',
    },
    MEMBER: { value: 'MEMBER', description: 'Can read and send messages.' },
    GUEST: {
      value: 'GUEST',
      description:
        'Can read and send messages. The lowest role, and the only one that guests can have until their account is permanent.',
    },
  },
});

const permissions = {
  SEND_MESSAGES: 'Send messages.',
  ADD_MEMBERS: "Add users, with a role below the viewer's.",
  MANAGE_MEMBERS: 'Change the roles of members with a lower role, and remove them.',
  UPDATE_ROOM: 'Change the name, the description, the lifetime of messages and the settings of the room.',
  DELETE_MESSAGES: 'Delete messages of members with a lower role.',
  ARCHIVE_ROOM: 'Archive the room.',
  DELETE_ROOM: 'Delete the room.',
  MENTION_EVERYONE: 'Mention all members with @room or @here.',
  PIN_MESSAGES: 'Pin and unpin messages.',
  TIMEOUT_MEMBERS: 'Set until when members with a lower role may not send messages.',
  BAN_MEMBERS: 'Ban users from the room, and see who is banned.',
  VIEW_AUDIT_LOG: 'See what those who manage the room did.',
  BYPASS_SLOW_MODE: 'Send messages without the waits of slow mode.',
  ADD_REACTIONS: 'React to messages. SEND_MESSAGES allows it, too.',
  REPLY_IN_THREADS: 'Reply in threads, but not to the room as well. SEND_MESSAGES allows it, too.',
} as const satisfies Record<keyof typeof permissionBits, string>;

export const RoomPermission = builder.enumType('RoomPermission', {
  description: 'An action in a room. Each role allows some, and overrides of the room change that.',
  values: enumValues(permissions),
});

const CannotSendReason = builder.enumType('CannotSendReason', {
  description: 'Why the viewer cannot send messages in a room.',
  values: {
    NOT_A_MEMBER: {
      value: 'NOT_A_MEMBER',
      description: 'Only members can send messages. The viewer is not a member.',
    },
    ARCHIVED: { value: 'ARCHIVED', description: 'The room is archived.' },
    NOT_PERMITTED: {
      value: 'NOT_PERMITTED',
      description: 'The role of the viewer, or an override, does not allow it.',
    },
    TIMED_OUT: {
      value: 'TIMED_OUT',
      description: 'The viewer may not send messages for a limited time: see `RoomMembership.timeoutUntil`.',
    },
  },
});

// Only the data that the viewer's access allows.
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
    'Nobody else can see a room that is not public.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.field({
      type: 'ID',
      description: 'The global id. Opaque.',
      resolve: (room) => globalId('Room', room.roomId),
    }),
    kind: t.field({
      type: RoomKind,
      description: 'Who can find and join the room.',
      resolve: (room, _a, ctx) => outside(ctx, room, kindOf, 'PRIVATE' as const),
    }),
    name: t.string({
      nullable: true,
      description: 'The name of the room, 3 to 100 characters. Null for direct rooms.',
      resolve: (room, _a, ctx) => outside(ctx, room, (row) => row.name, null),
    }),
    title: t.string({
      nullable: true,
      description:
        'The title of the room: its name or, in a direct room, the names of the other members, oldest account first. ' +
        "The viewer's own name if there are no others. Null if the viewer may no longer see the room.",
      ...roomTitle,
    }),
    description: t.string({
      nullable: true,
      description: 'The topic of the room, at most 1,000 characters.',
      resolve: (room, _a, ctx) => outside(ctx, room, (row) => row.description, null),
    }),
    isArchived: t.boolean({
      description: 'Whether the room is archived. Archived rooms are read-only.',
      resolve: (room, _a, ctx) => outside(ctx, room, (row) => row.isArchived, false),
    }),
    messageLifetimeSeconds: t.int({
      nullable: true,
      description:
        'Seconds after which messages that are sent now disappear. Null if they stay. Earlier messages keep their own `expiresAt`. ' +
        'For members.',
      extensions: priced({ points: 0 }),
      resolve: (room, _a, ctx) => inside(room, async () => (await rowOf(ctx, room))?.messageLifetime ?? null),
    }),
    memberCount: t.int({
      description: 'How many members the room has.',
      resolve: (room, _a, ctx) => outside(ctx, room, (row) => row.memberCount, 0),
    }),
    lastMessageSeq: t.int({
      nullable: true,
      description:
        'The number of the last message, 0 if there is none. In an event, as of that event. For members.',
      resolve: (room, _a, ctx) =>
        inside(room, async () => room.asOf?.messageSeq ?? (await rowOf(ctx, room))?.lastMessageSeq ?? null),
    }),
    lastRoomSeq: t.int({
      nullable: true,
      description:
        "The number of the last event in the room's log. In an event, the number of that event. For members.",
      resolve: (room, _a, ctx) =>
        inside(room, async () => room.asOf?.roomSeq ?? (await rowOf(ctx, room))?.lastRoomSeq ?? null),
    }),
    members: t.field({
      type: RoomMembersConnection,
      nullable: true,
      description: 'The members, oldest account first. Default page: 50. For members.',
      extensions: pricedList({ usualSize: MEMBERS_PAGE_SIZE, inEvents: false }),
      args: pageArgs(),
      resolve: (room, args, ctx) => inside(room, () => withRefusals(ctx, () => listMembers(ctx, room, args))),
    }),
    viewerMembership: t.field({
      type: RoomMembership,
      nullable: true,
      description: 'The membership of the viewer. Null if the viewer is not a member.',
      resolve: (room, _a, ctx) => inside(room, () => viewerMembership(ctx, room.roomId)),
    }),
    viewerPermissions: t.field({
      type: [RoomPermission],
      description:
        'What the viewer may do in the room: the defaults of the role, and the overrides of the room. Empty if the viewer is not a member.',
      ...viewerField(fromRights(permissionsOf)),
    }),
    viewerCanSend: t.boolean({
      description:
        'Whether the viewer can send messages in the room now. Slow mode makes no difference: see `viewerCanSendAt`.',
      ...viewerField(fromRights((held) => obstaclesToSending(held).length === 0)),
    }),
    viewerCannotSendReasons: t.field({
      type: [CannotSendReason],
      description: 'Why the viewer cannot send messages. Empty if the viewer can.',
      ...viewerField(fromRights(obstaclesToSending)),
    }),
  }),
});

/** A mark as others see it, too: as far as the member shares it. */
const sharedMark = (pick: (member: Membership) => number) =>
  identityField((member: Membership) => (viewer) => {
    const isShown = member.sharesReceipts !== false || viewer.isViewer(member.userId);
    return isShown ? pick(member) : 0;
  });

RoomMembership.implement({
  description: 'The membership of a user in a room.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.field({
      type: 'ID',
      description: 'The global id. Opaque.',
      resolve: (m) => globalId('RoomMembership', m.roomId, m.userId),
    }),
    user: t.field({ type: User, description: 'Who.', resolve: (m, _a, ctx) => loadUser(ctx, m.userId) }),
    role: t.field({
      type: MemberRole,
      description: 'The role of the member.',
      resolve: (m) => roleOf(m.role),
    }),
    joinedAt: t.expose('joinedAt', { type: 'DateTime', description: 'When the user became a member.' }),
    readSeq: t.int({
      description:
        'The member has read all messages up to this number. 0 if the member does not share it. In events as of the event.',
      ...sharedMark(({ readSeq }) => readSeq),
    }),
    deliveredSeq: t.int({
      description:
        'All messages up to this number have reached a device of the member. 0 if the member does not share it. In events as of the event.',
      ...sharedMark(({ deliveredSeq }) => deliveredSeq),
    }),
  }),
});

findableNode('Room', (ctx, [roomId]) => viewRoom(ctx, roomId));
findableNode('RoomMembership', async (ctx, [roomId, userId]) => {
  const [room, own] = await Promise.all([viewRoom(ctx, roomId), viewerMembership(ctx, roomId)]);
  return room && own ? membershipLoader(ctx).load({ roomId, userId: userId ?? 0 }) : null;
});

const RoomOrder = builder.enumType('RoomOrder', {
  description: "The order of the viewer's rooms.",
  values: enumValues({
    LAST_ACTIVITY: 'The latest activity first.',
    PINNED_FIRST: 'Pinned rooms first; among them, and among the others, the latest activity first.',
  }),
});

const RoomFilter = builder.inputType('RoomFilter', {
  description: "Which of the viewer's rooms. What is not given makes no difference.",
  fields: (t) => ({
    kind: t.field({ type: RoomKind, description: 'Rooms of that kind.' }),
    isUnread: t.boolean({ description: 'Whether it has unread messages.' }),
    isPinned: t.boolean({ description: 'Whether the viewer has pinned it.' }),
    isMuted: t.boolean({ description: 'Whether the viewer has muted it, and still does.' }),
    folder: t.string({
      description: "The folder of the viewer's own list that contains it. An empty text means none.",
    }),
    isHidden: t.boolean({ description: 'Whether the viewer has hidden it, and nothing was sent since.' }),
  }),
});

builder.objectField(Viewer, 'rooms', (t) =>
  t.field({
    type: ViewerRoomsConnection,
    description: 'The rooms of the viewer, hidden ones included, latest activity first. Default page: 20.',
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: {
      ...pageArgs(),
      filter: t.arg({ type: RoomFilter, description: 'Only these.' }),
      orderBy: t.arg({ type: RoomOrder, description: 'LAST_ACTIVITY by default.' }),
    },
    resolve: (viewer, args, ctx) =>
      withRefusals(ctx, () =>
        listMyRooms({ ...ctx, viewer: { userId: viewer.userId, sessionId: 0, expiresAt: 0 } }, args),
      ),
  }),
);

builder.queryFields((t) => ({
  rooms: t.withAuth({ signedIn: true }).field({
    type: RoomsConnection,
    description: 'The directory of public rooms, by name. Default page: 20. Not for guests.',
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: {
      query: t.arg.string({
        description:
          'A part of the name or the description, at most 100 characters. Case and accents are ignored.',
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
  const page = await listDirectory(withAccount(ctx), args.query ?? null, args);
  const views = await Promise.all(page.edges.map(({ node }) => viewRoom(ctx, node.roomId)));
  const edges = page.edges.flatMap(({ cursor }, i) => (views[i] ? [{ cursor, node: views[i] }] : []));
  return { ...page, edges };
}
