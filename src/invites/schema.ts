import { DEVICE_NAME } from '../accounts/devices.ts';
import { loadUser } from '../accounts/people.ts';
import { SessionTokens, User, Viewer } from '../accounts/schema.ts';
import { withAccount } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs } from '../graphql/connection.ts';
import { changeRefusals, mutation, ROOM_SEQ } from '../graphql/mutation.ts';
import { findableNode, globalId, Node } from '../graphql/nodes.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { memberView } from '../rooms/access.ts';
import { roleOf } from '../rooms/members.ts';
import { MemberRole, Room, RoomMembership } from '../rooms/schema.ts';
import {
  type CreatedInvite,
  createInvite,
  findVisibleInvite,
  type InviteRow,
  listInvites,
  MAX_INVITES,
  MAX_USES,
  revokeInvite,
} from './invites.ts';
import { acceptInvite, joinAsGuest, type Preview, previewInvite } from './joining.ts';

// -- types -------------------------------------------------------------------------------------

const Invite = builder.objectRef<InviteRow>('Invite').implement({
  description:
    'A link by which others become members of a room. It works while its creator may still create it: is a member with ' +
    'ADD_MEMBERS and a role above that of the invite, and not suspended.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.field({
      type: 'ID',
      description: 'The global id. Opaque. It is not the code.',
      resolve: ({ id }) => globalId('Invite', id),
    }),
    room: t.field({
      type: Room,
      description: 'The room that it leads to.',
      resolve: ({ roomId }) => memberView(roomId),
    }),
    role: t.field({
      type: MemberRole,
      description: 'The role that users with an account get. Guests always get GUEST.',
      resolve: ({ role }) => roleOf(role),
    }),
    createdBy: t.field({
      type: User,
      description: 'Who created it.',
      resolve: ({ createdBy }, _args, ctx) => loadUser(ctx, createdBy),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it expires. Null if it never does.',
    }),
    maxUses: t.exposeInt('maxUses', {
      nullable: true,
      description: 'How many users and guests can join by it. Null without a limit.',
    }),
    useCount: t.exposeInt('useCount', { description: 'How many users and guests have joined by it.' }),
    isOpen: t.exposeBoolean('isOpen', { description: 'Whether it can be used now.' }),
  }),
});

findableNode('Invite', (ctx, [id]) => findVisibleInvite(ctx, id));

const { ConnectionType: RoomInvitesConnection } = connectionType<InviteRow>(
  'RoomInvites',
  Invite,
  'the invites of a room',
);

builder.objectField(Room, 'invites', (t) =>
  t.field({
    type: RoomInvitesConnection,
    nullable: true,
    description:
      'The invites that were not revoked, the newest first. Default page: 20. Null without the permission ADD_MEMBERS.',
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: forwardArgs(),
    resolve: (room, args, ctx) => withRefusals(ctx, () => listInvites(ctx, room, args)),
  }),
);

const InvitePreview = builder.objectRef<Preview>('InvitePreview').implement({
  description: 'Where a link leads. Everybody who has the link sees this, and nothing else of the room.',
  fields: (t) => ({
    roomName: t.exposeString('roomName', { description: 'The name of the room.' }),
    memberCount: t.exposeInt('memberCount', { description: 'How many members the room has.' }),
    role: t.field({
      type: MemberRole,
      description: 'The role that users with an account get. Guests always get GUEST.',
      resolve: ({ role }) => role,
    }),
    invitedBy: t.exposeString('invitedBy', {
      description: 'The display name of the user who created the link.',
    }),
  }),
});

builder.queryField('invite', (t) =>
  t.field({
    type: InvitePreview,
    nullable: true,
    description:
      'Where an invite leads. Works without signing in. Null for every code that cannot be used, for whatever reason.',
    args: { code: t.arg.string({ required: true, description: 'The code of the link.' }) },
    resolve: (_root, { code }, ctx) => withRefusals(ctx, () => previewInvite(ctx, code)),
  }),
);

// -- mutations ---------------------------------------------------------------------------------

mutation('createInvite', {
  description:
    'Creates a link to a room. Its code is shown only in this result. Needs ADD_MEMBERS. ' +
    `A room has at most ${MAX_INVITES} open invites; one more is a ConflictError.`,
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    role: t.field({
      type: MemberRole,
      required: true,
      description: 'The role that users get. It must be below that of the viewer.',
    }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it expires, in the future. Default: never.' }),
    maxUses: t.int({ description: `How often it can be used, 1 to ${MAX_USES}. Default: without a limit.` }),
  }),
  success: builder.objectRef<CreatedInvite>('CreateInviteSuccess').implement({
    description: 'The invite was created.',
    fields: (t) => ({
      invite: t.field({ type: Invite, description: 'The invite.', resolve: ({ invite }) => invite }),
      inviteCode: t.exposeString('code', {
        description: 'The secret code. The server stores only a hash of it.',
      }),
      link: t.exposeString('link', {
        description:
          'The link to share: INVITE_PAGE_URL of the server and the code in the fragment. Relative to the server by default.',
      }),
    }),
  }),
  refusals: changeRefusals,
  resolve: (ctx, input) => createInvite(withAccount(ctx), input),
});

mutation('revokeInvite', {
  description: 'Ends an invite for good. Members who joined by it stay. Needs ADD_MEMBERS.',
  input: (t) => ({ inviteId: t.id({ required: true, description: 'The id of the invite.' }) }),
  success: builder.objectRef<{ inviteId: string }>('RevokeInviteSuccess').implement({
    description: 'The invite cannot be used any more.',
    fields: (t) => ({ inviteId: t.exposeID('inviteId', { description: 'The id of the invite.' }) }),
  }),
  refusals: changeRefusals.filter((code) => code !== 'VALIDATION' && code !== 'CONFLICT'),
  resolve: (ctx, input) => revokeInvite(withAccount(ctx), input),
});

mutation('acceptInvite', {
  description:
    'Makes the viewer a member of the room of an invite. For members it succeeds without using it. ' +
    'Every code that cannot be used is the same NotFoundError.',
  input: (t) => ({ inviteCode: t.string({ required: true, description: 'The code of the link.' }) }),
  success: builder.objectRef<Awaited<ReturnType<typeof acceptInvite>>>('AcceptInviteSuccess').implement({
    description: 'The viewer is a member.',
    fields: (t) => ({
      room: t.field({ type: Room, description: 'The room after the change.', resolve: ({ room }) => room }),
      membership: t.field({
        type: RoomMembership,
        description: 'The membership after the change.',
        resolve: ({ membership }) => membership,
      }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  }),
  refusals: changeRefusals,
  resolve: (ctx, input) => acceptInvite(withAccount(ctx), input),
});

mutation('joinAsGuest', {
  description:
    'Creates a guest in the room of an invite, and signs the guest in: a name is enough. A guest reaches that room and nothing ' +
    'else, with the role GUEST. A setting of the server decides whether there are guests (`ServerInfo.allowsGuests`). ' +
    'Every code that cannot be used is the same NotFoundError.',
  input: (t) => ({
    inviteCode: t.string({ required: true, description: 'The code of the link.' }),
    displayName: t.string({ required: true, description: 'The name that others see, 1 to 100 characters.' }),
    deviceName: t.string({ description: DEVICE_NAME }),
  }),
  success: builder.objectRef<Awaited<ReturnType<typeof joinAsGuest>>>('JoinAsGuestSuccess').implement({
    description: 'The guest is a member and signed in.',
    fields: (t) => ({
      tokens: t.field({
        type: SessionTokens,
        description: 'The tokens of the new session.',
        resolve: ({ tokens }) => tokens,
      }),
      viewer: t.field({ type: Viewer, description: 'The guest.', resolve: ({ viewer }) => viewer }),
      room: t.field({ type: Room, description: 'The room of the guest.', resolve: ({ room }) => room }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  }),
  forGuests: true,
  refusals: ['VALIDATION', 'NOT_FOUND', 'PERMISSION_DENIED', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => joinAsGuest(ctx, input),
});
