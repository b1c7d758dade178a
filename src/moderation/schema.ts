import { loadUser } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { signedIn, withAccount } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs } from '../graphql/connection.ts';
import { ErrorCode } from '../graphql/errors.ts';
import { changeRefusals, mutation, ROOM_SEQ } from '../graphql/mutation.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { Message } from '../messages/schema.ts';
import { membershipLoader } from '../rooms/access.ts';
import { MAX_REASON } from '../rooms/reasons.ts';
import { Room, RoomMembership } from '../rooms/schema.ts';
import { type Ban, banUser, listBans, MAX_BANS, unbanUser } from './bans.ts';
import { type Deletions, deleteMessages, MAX_DELETED, type RefusedDeletion as Refused } from './deletions.ts';
import { dateOf, MAX_TIMEOUT_DAYS, timeoutMember } from './timeouts.ts';

const REASON = `Why, at most ${MAX_REASON} characters. Only the audit log of the room has it.`;

// -- timeouts ----------------------------------------------------------------------------------

builder.objectField(RoomMembership, 'timeoutUntil', (t) =>
  t.field({
    type: 'DateTime',
    nullable: true,
    description:
      'Until when the member may not send messages. A time in the past has no effect. Null without a timeout. In events of ' +
      'members as of the event.',
    resolve: async ({ roomId, userId, timeoutUntil }, _args, ctx) =>
      dateOf(
        timeoutUntil === undefined
          ? ((await membershipLoader(ctx).load({ roomId, userId }))?.timeoutUntil ?? null)
          : timeoutUntil,
      ),
  }),
);

mutation('timeoutMember', {
  description:
    "Sets until when a member may not send messages, or ends that. Needs TIMEOUT_MEMBERS, and a member whose role is below the viewer's. " +
    'It describes a state: if nothing changes, there is no event. A timeout does not end when the member leaves and returns.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    userId: t.id({ required: true, description: 'The id of the member.' }),
    until: t.field({
      type: 'DateTime',
      description: `When the timeout ends by itself, in the future and at most ${MAX_TIMEOUT_DAYS} days from now. Null or no value ends it now.`,
    }),
    reason: t.string({ description: REASON }),
  }),
  success: builder.objectRef<Awaited<ReturnType<typeof timeoutMember>>>('TimeoutMemberSuccess').implement({
    description: 'The member has this timeout, or none.',
    fields: (t) => ({
      membership: t.field({
        type: RoomMembership,
        description: 'The membership after the change.',
        resolve: ({ membership }) => membership,
      }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  }),
  refusals: changeRefusals,
  resolve: (ctx, input) => timeoutMember(withAccount(ctx), input),
});

// -- bans --------------------------------------------------------------------------------------

const RoomBan = builder.objectRef<Ban>('RoomBan').implement({
  description: 'A user who may not join a room, for some time or for ever.',
  fields: (t) => ({
    user: t.field({
      type: User,
      description: 'The user.',
      resolve: ({ userId }, _args, ctx) => loadUser(ctx, userId),
    }),
    bannedBy: t.field({
      type: User,
      description: 'The user who made the ban, or replaced it last.',
      resolve: ({ bannedBy }, _args, ctx) => loadUser(ctx, bannedBy),
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why. Null if no reason was given.' }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When it was made, or replaced last.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ends by itself. Null if it never does.',
    }),
  }),
});

const { ConnectionType: RoomBansConnection } = connectionType<Ban>('RoomBans', RoomBan, 'the bans of a room');

builder.objectField(Room, 'bans', (t) =>
  t.field({
    type: RoomBansConnection,
    nullable: true,
    description:
      'The bans in force, the newest first. Default page: 20. Null without the permission BAN_MEMBERS.',
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: forwardArgs(),
    resolve: (room, args, ctx) => withRefusals(ctx, () => listBans(ctx, room, args)),
  }),
);

mutation('banUser', {
  description:
    'Bans a user from a room: ends the membership, and refuses every way to join until `expiresAt`. Needs BAN_MEMBERS; a member must have ' +
    "a role below the viewer's, other users need not be members. It describes a state: a new ban replaces the one before. " +
    `A room has at most ${MAX_BANS} bans; one more is a ConflictError.`,
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    userId: t.id({ required: true, description: 'The id of the user.' }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When the ban ends by itself, in the future. Default: never.',
    }),
    reason: t.string({
      description: `Why, at most ${MAX_REASON} characters, for those who see the bans and the audit log.`,
    }),
  }),
  success: builder.objectRef<Awaited<ReturnType<typeof banUser>>>('BanUserSuccess').implement({
    description: 'The user is banned, and no member.',
    fields: (t) => ({
      ban: t.field({ type: RoomBan, description: 'The ban.', resolve: ({ ban }) => ban }),
      room: t.field({ type: Room, description: 'The room after the change.', resolve: ({ room }) => room }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  }),
  refusals: changeRefusals,
  resolve: (ctx, input) => banUser(withAccount(ctx), input),
});

mutation('unbanUser', {
  description:
    'Ends the ban of a user, who can join again and is not added. Needs BAN_MEMBERS. Without a ban, it succeeds and changes nothing.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    userId: t.id({ required: true, description: 'The id of the user.' }),
    reason: t.string({ description: REASON }),
  }),
  success: builder.objectRef<Awaited<ReturnType<typeof unbanUser>>>('UnbanUserSuccess').implement({
    description: 'The user is not banned.',
    fields: (t) => ({
      user: t.field({
        type: User,
        description: 'The user.',
        resolve: ({ userId }, _args, ctx) => loadUser(ctx, userId),
      }),
      room: t.field({ type: Room, description: 'The room.', resolve: ({ room }) => room }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  }),
  refusals: changeRefusals,
  resolve: (ctx, input) => unbanUser(withAccount(ctx), input),
});

// -- deletions ---------------------------------------------------------------------------------

const RefusedDeletion = builder.objectRef<Refused>('RefusedDeletion').implement({
  description: 'A message that was not deleted.',
  fields: (t) => ({
    messageId: t.exposeID('messageId', { description: 'The id, as it was given.' }),
    code: t.field({
      type: ErrorCode,
      description: 'The kind of refusal, as in UserError.',
      resolve: ({ refusal }) => refusal.code,
    }),
    detail: t.string({
      description: 'Why, in English, for people.',
      resolve: ({ refusal }) => refusal.detail,
    }),
  }),
});

mutation('deleteMessages', {
  description:
    'Deletes messages of one room, each as deleteMessage would: a refusal of one does not stop the others. A repetition has no effect. ' +
    'It counts as that many changes.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    messageIds: t.idList({
      required: true,
      description: `The ids of the messages, 1 to ${MAX_DELETED}.`,
    }),
  }),
  success: builder.objectRef<Deletions>('DeleteMessagesSuccess').implement({
    description: 'Each message was deleted or refused.',
    fields: (t) => ({
      messages: t.field({
        type: [Message],
        description: 'Those that are deleted now, also from before, in the order of the input.',
        extensions: pricedList({ usualSize: MAX_DELETED, inEvents: false }),
        resolve: ({ messages }) => [...messages],
      }),
      refused: t.field({
        type: [RefusedDeletion],
        description: 'Those that were not deleted, in the order of the input.',
        extensions: pricedList({ usualSize: MAX_DELETED, inEvents: false }),
        resolve: ({ refused }) => [...refused],
      }),
      roomSeq: t.exposeInt('roomSeq', {
        nullable: true,
        description: `${ROOM_SEQ} Null if all were refused.`,
      }),
    }),
  }),
  refusals: changeRefusals.filter((code) => code !== 'PERMISSION_DENIED' && code !== 'CONFLICT'),
  forGuests: true,
  resolve: (ctx, input) => deleteMessages(signedIn(ctx), input),
});
