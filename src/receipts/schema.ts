import { loadUser, type UserRow } from '../accounts/people.ts';
import { User, Viewer } from '../accounts/schema.ts';
import { type Context, type SignedIn, signedIn } from '../context.ts';
import type { UnreadTotals as Totals, Unread } from '../eventlog/kinds.ts';
import { type InboxOpening, openInboxAt } from '../eventlog/streams/inbox-opening.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { priced, pricedList } from '../graphql/pricing.ts';
import { unreadField } from '../graphql/unread-fields.ts';
import { Message } from '../messages/schema.ts';
import { invalid } from '../platform/errors.ts';
import type { RoomView } from '../rooms/access.ts';
import { ephemeralType } from '../rooms/ephemeral.schema.ts';
import { Room, RoomMembership } from '../rooms/schema.ts';
import { MAX_RECEIPT_MEMBERS, type Marker, receiptsChanged } from './markers.ts';
import {
  MAX_UNREAD_BACK,
  type ManyMarked,
  type Marked,
  markAllRead,
  markDelivered,
  markRead,
  markUnread,
} from './marks.ts';
import { type PreferencesSet, updatePrivacy, updateRoomPreferences } from './preferences.ts';
import { type Receipts, receiptsOf, sharesReceipts } from './receipts.ts';
import { unreadIn, unreadTotals } from './unread.ts';

// -- numbers -------------------------------------------------------------------------------------

const WHERE_NULL = 'Null if the viewer is not a member, and in the stream of one room. The inbox has it.';

/** A number of the viewer in a room, in queries and in the events of the inbox. */
function ofRoom<Value>(pick: (unread: Unread) => Value) {
  return {
    extensions: unreadField(
      ({ roomId }: RoomView) =>
        (viewer) =>
          numberOf(viewer.unreadIn(roomId), pick),
    ),
    resolve: async (room: RoomView, _args: object, ctx: Context) =>
      room.access === 'member' ? numberOf(await unreadIn(ctx, room.roomId), pick) : null,
  };
}

const numberOf = <Of extends object, Value>(unread: Of | null, pick: (unread: Of) => Value) =>
  unread ? pick(unread) : null;

builder.objectFields(Room, (t) => ({
  viewerReadSeq: t.int({
    nullable: true,
    description: `The viewer has read all messages up to this number. In an event, as of that event or later. ${WHERE_NULL}`,
    ...ofRoom(({ readSeq }) => readSeq),
  }),
  viewerUnreadCount: t.int({
    nullable: true,
    description:
      'How many messages the viewer has not read: those of others behind the read mark that were not deleted. Exact. In an event, ' +
      `as of that event or later. ${WHERE_NULL}`,
    ...ofRoom(({ messages }) => messages),
  }),
  viewerUnreadMentionCount: t.int({
    nullable: true,
    description: `How many of the unread messages mention the viewer, by name or with @room. ${WHERE_NULL}`,
    ...ofRoom(({ mentions }) => mentions),
  }),
  viewerMutedUntil: t.field({
    type: 'DateTime',
    nullable: true,
    description:
      'Until when the viewer has muted the room. Null if it is not muted. A mute without an end is far in the future. ' +
      `The time may have passed. ${WHERE_NULL}`,
    ...ofRoom(({ mutedUntil }) => (mutedUntil === null ? null : new Date(mutedUntil))),
  }),
  viewerIsPinned: t.boolean({
    nullable: true,
    description: `Whether the viewer has pinned the room. ${WHERE_NULL}`,
    ...ofRoom(({ isPinned }) => isPinned),
  }),
  viewerIsHidden: t.boolean({
    nullable: true,
    description: `Whether the viewer has hidden the room. The next message shows it again. ${WHERE_NULL}`,
    ...ofRoom(({ isHidden }) => isHidden),
  }),
  viewerSharesReceipts: t.boolean({
    nullable: true,
    description:
      'The setting of the viewer for this room: whether the viewer and the other members see how far each has read. ' +
      `Also null if the setting in \`Viewer.sharesReceipts\` applies. ${WHERE_NULL}`,
    ...ofRoom((unread) => unread.sharesReceipts),
  }),
}));

/** Stands for the viewer's numbers, wherever they come from. */
export const OF_VIEWER = {};

function ofViewer(pick: (totals: Totals) => number) {
  return {
    nullable: true as const,
    extensions: unreadField(() => (viewer) => numberOf(viewer.unreadTotals(), pick)),
    resolve: async (_of: object, _args: object, ctx: Context) => numberOf(await unreadTotals(ctx), pick),
  };
}

export const UnreadTotals = builder.objectRef<object>('UnreadTotals').implement({
  description:
    'The unread numbers of all rooms that the viewer has not muted, for the badge of an application. Null in the stream of one room.',
  fields: (t) => ({
    messages: t.int({
      description: 'How many messages are unread.',
      ...ofViewer(({ messages }) => messages),
    }),
    mentions: t.int({
      description: 'How many unread messages mention the viewer.',
      ...ofViewer(({ mentions }) => mentions),
    }),
    rooms: t.int({ description: 'How many rooms have unread messages.', ...ofViewer(({ rooms }) => rooms) }),
  }),
});

builder.objectField(Viewer, 'unread', (t) =>
  t.field({
    type: UnreadTotals,
    description: 'The unread numbers of all rooms that the viewer has not muted.',
    resolve: () => OF_VIEWER,
  }),
);

// -- receipts ------------------------------------------------------------------------------------

/** Points of the receipts of a message: they are worked out from the marks of all members. */
const RECEIPTS_POINTS = 10;
const USUAL_RECEIPTS = 10;

const usersOf = (pick: (receipts: Receipts) => readonly number[] | null) => ({
  nullable: true as const,
  extensions: pricedList({ usualSize: USUAL_RECEIPTS, inEvents: false }),
  async resolve(receipts: Receipts, _args: object, ctx: Context): Promise<UserRow[] | null> {
    const userIds = pick(receipts);
    return userIds && Promise.all(userIds.map(async (userId) => loadUser(ctx, userId)));
  },
});

const ReceiptSummary = builder.objectRef<Receipts>('ReceiptSummary').implement({
  description: 'Which members have received and read a message: of those who share it, without the author.',
  fields: (t) => ({
    memberCount: t.exposeInt('memberCount', {
      description: 'How many other members share what they have read.',
    }),
    deliveredCount: t.exposeInt('deliveredCount', { description: 'How many of them have received it.' }),
    readCount: t.exposeInt('readCount', { description: 'How many of them have read it.' }),
    deliveredTo: t.field({
      type: [User],
      description: `The members who have received it. Null if there are more than ${MAX_RECEIPT_MEMBERS} members.`,
      ...usersOf(({ deliveredTo }) => deliveredTo),
    }),
    readBy: t.field({
      type: [User],
      description: `The members who have read it. Null if there are more than ${MAX_RECEIPT_MEMBERS} members.`,
      ...usersOf(({ readBy }) => readBy),
    }),
  }),
});

builder.objectField(Message, 'receipts', (t) =>
  t.field({
    type: ReceiptSummary,
    nullable: true,
    description:
      'Which members have received and read it, as of now. Null if the viewer is not a member, or does not share what the viewer has read.',
    extensions: priced({ points: RECEIPTS_POINTS }),
    resolve: (message, _args, ctx) => receiptsOf(ctx, message),
  }),
);

const ReceiptMarker = builder.objectRef<Marker>('ReceiptMarker').implement({
  description: 'How far a member has read.',
  fields: (t) => ({
    user: t.field({
      type: User,
      description: 'The member.',
      resolve: ({ userId }, _args, ctx) => loadUser(ctx, userId),
    }),
    readSeq: t.exposeInt('readSeq', {
      description: 'The number of the last message that the member has read.',
    }),
    deliveredSeq: t.exposeInt('deliveredSeq', {
      description: 'The number of the last message that has reached a device of the member.',
    }),
  }),
});

builder.objectField(ephemeralType(receiptsChanged), 'markers', (t) =>
  t.field({
    type: [ReceiptMarker],
    nullable: true,
    description: `One for each member who shares it. Null if there are more than ${MAX_RECEIPT_MEMBERS}: query \`Message.receipts\` then.`,
    extensions: pricedList({ usualSize: USUAL_RECEIPTS, inEvents: true }),
    resolve: ({ ephemeral }) => ephemeral.markers && [...ephemeral.markers],
  }),
);

builder.objectField(Viewer, 'sharesReceipts', (t) =>
  t.boolean({
    description:
      'Whether the viewer and the other members see how far each has read. Rooms can have another setting.',
    resolve: ({ userId }, _args, ctx) => sharesReceipts(ctx, userId),
  }),
);

// -- mutations -----------------------------------------------------------------------------------

const ACCOUNT_SEQ =
  "The position in the viewer's own log that covers this write; an inbox that has passed it shows it.";

const withMembership = (name: string, description: string) =>
  builder.objectRef<Marked>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      room: t.field({ type: Room, description: 'The room after the change.', resolve: ({ room }) => room }),
      membership: t.field({
        type: RoomMembership,
        description: "The viewer's membership after the change.",
        resolve: ({ membership }) => membership,
      }),
      accountSeq: t.exposeInt('accountSeq', { description: ACCOUNT_SEQ }),
    }),
  });

const refusals = ['VALIDATION', 'NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE'] as const;

mutation('markRead', {
  description:
    'Marks the messages of a room as read, up to one of them. A mark that is further on stays where it is.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    upToSeq: t.int({ required: true, description: 'The number of the last message that was read.' }),
  }),
  success: withMembership('MarkRead', 'The messages are read.'),
  refusals,
  resolve: (ctx, input) => markRead(signedIn(ctx), input),
});

mutation('markUnread', {
  description:
    'Marks a message of a room and all later ones as unread. A mark that is further back stays where it is. ' +
    `Only the last ${MAX_UNREAD_BACK} messages can be marked.`,
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    fromSeq: t.int({ required: true, description: 'The number of the first message that was not read.' }),
  }),
  success: withMembership('MarkUnread', 'The messages are unread.'),
  refusals,
  resolve: (ctx, input) => markUnread(signedIn(ctx), input),
});

mutation('updateRoomPreferences', {
  description:
    "Changes the viewer's preferences for a room: mute, pin, hide. A field that is not given stays as it is.",
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    isMuted: t.boolean({
      description: 'Whether the room is muted. Muted rooms do not count in `Viewer.unread`.',
    }),
    mutedUntil: t.field({
      type: 'DateTime',
      description: 'Mutes the room until this time. A time in the past ends the mute.',
    }),
    isPinned: t.boolean({
      description: 'Whether the room is pinned. The order `PINNED_FIRST` puts pinned rooms first.',
    }),
    isHidden: t.boolean({ description: 'Whether the room is hidden. The next message shows it again.' }),
    sharesReceipts: t.boolean({
      description: 'Whether the viewer and the other members of the room see how far each has read.',
    }),
  }),
  success: builder.objectRef<PreferencesSet>('UpdateRoomPreferencesSuccess').implement({
    description: 'The room has the new preferences.',
    fields: (t) => ({
      room: t.field({ type: Room, description: 'The room after the change.', resolve: ({ room }) => room }),
      accountSeq: t.exposeInt('accountSeq', { description: ACCOUNT_SEQ }),
    }),
  }),
  refusals,
  resolve: (ctx, input) => updateRoomPreferences(signedIn(ctx), input),
});

mutation('updatePrivacy', {
  description: "Changes the viewer's privacy settings. A field that is not given stays as it is.",
  input: (t) => ({
    sharesReceipts: t.boolean({
      description:
        'Whether the viewer and the other members see how far each has read. Open streams keep the setting that they began with.',
    }),
  }),
  success: builder.objectRef<{ readonly userId: number }>('UpdatePrivacySuccess').implement({
    description: 'The settings have the new values.',
    fields: (t) => ({
      viewer: t.field({
        type: Viewer,
        description: 'The viewer after the change.',
        resolve: ({ userId }) => ({ userId }),
      }),
    }),
  }),
  refusals: ['RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => updatePrivacy(signedIn(ctx), input),
});

mutation('markAllRead', {
  description: 'Marks the messages of all rooms of the viewer as read.',
  success: builder.objectRef<ManyMarked>('MarkAllReadSuccess').implement({
    description: 'All messages that were sent before are read.',
    fields: (t) => ({
      roomCount: t.exposeInt('roomCount', { description: 'In how many rooms the mark moved.' }),
      accountSeq: t.exposeInt('accountSeq', { description: ACCOUNT_SEQ }),
    }),
  }),
  refusals: ['RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx) => markAllRead(signedIn(ctx)),
});

mutation('ackDelivered', {
  description:
    'Reports that all events up to a position of the inbox have reached a device of the viewer. Other members see it in the ' +
    '`deliveredSeq` of the membership, in all rooms.',
  input: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      required: true,
      description: 'The cursor of the last inbox item that the client applied.',
    }),
  }),
  success: builder.objectRef<{ readonly roomCount: number }>('AckDeliveredSuccess').implement({
    description: 'The marks were moved.',
    fields: (t) => ({
      roomCount: t.exposeInt('roomCount', { description: 'In how many rooms the mark moved.' }),
    }),
  }),
  refusals: ['VALIDATION', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: async (ctx, { cursor }) => ({ roomCount: await ackDelivered(signedIn(ctx), cursor) }),
});

async function ackDelivered(ctx: SignedIn, cursor: string): Promise<number> {
  await ctx.node.limits.spend('mark', ctx.viewer.userId);
  return markDelivered(ctx, (await positionsAt(ctx, cursor)).rooms);
}

/** @throws ValidationError where the cursor is none of the viewer's inbox, or too old */
async function positionsAt({ node, viewer }: SignedIn, cursor: string): Promise<InboxOpening> {
  const opening = await openInboxAt(node.logFollower, viewer.userId, cursor);
  if ('kind' in opening)
    throw invalid('input.cursor', 'It is not a cursor of this inbox that can be continued.');
  return opening;
}
