import { loadUser, type UserRow } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import type { Context } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { priced, pricedList } from '../graphql/pricing.ts';
import { Message } from '../messages/schema.ts';
import { ephemeralType } from '../rooms/ephemeral.schema.ts';
import { MAX_RECEIPT_MEMBERS, type Marker, receiptsChanged } from './markers.ts';
import { type Receipts, receiptsOf } from './receipts.ts';

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
