import { type SignedIn, signedIn } from '../context.ts';
import { type InboxOpening, openInboxAt } from '../eventlog/streams/inbox-opening.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { invalid } from '../platform/errors.ts';
import { Room, RoomMembership } from '../rooms/schema.ts';
import {
  MAX_UNREAD_BACK,
  type ManyMarked,
  type Marked,
  markAllRead,
  markDelivered,
  markRead,
  markUnread,
} from './marks.ts';

/** Describes `accountSeq` of a change that is in the viewer's own log. */
export const ACCOUNT_SEQ =
  "The number of the event in the viewer's account log that contains this change. An inbox that has delivered it has delivered the change.";

const refusals = ['VALIDATION', 'NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE'] as const;

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

mutation('markRead', {
  description:
    'Marks the messages of a room as read, up to one of them. A mark that is further on stays where it is.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    upToSeq: t.int({ required: true, description: 'The number of the last message that was read.' }),
  }),
  success: withMembership('MarkRead', 'The messages are read.'),
  refusals,
  forGuests: true,
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
  forGuests: true,
  resolve: (ctx, input) => markUnread(signedIn(ctx), input),
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
  forGuests: true,
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
  forGuests: true,
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
