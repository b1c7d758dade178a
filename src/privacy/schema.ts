import { loadUser } from '../accounts/people.ts';
import { User, Viewer } from '../accounts/schema.ts';
import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs } from '../graphql/connection.ts';
import { enumValues } from '../graphql/enum-values.ts';
import { mutation } from '../graphql/mutation.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { priced, pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { ACCOUNT_SEQ } from '../receipts/marks.schema.ts';
import {
  type Blocked,
  type BlockRow,
  blockUser,
  hasBlocked,
  listBlocked,
  MAX_BLOCKED,
  unblockUser,
} from './blocks.ts';
import { contactRule, updatePrivacy } from './contact.ts';

// -- blocked users -----------------------------------------------------------------------------

const BlockedUser = builder.objectRef<BlockRow>('BlockedUser').implement({
  description: 'A user whom the viewer has blocked. Nobody else sees it.',
  fields: (t) => ({
    user: t.field({
      type: User,
      description: 'The user.',
      resolve: ({ blockedId }, _args, ctx) => loadUser(ctx, blockedId),
    }),
    blockedAt: t.expose('blockedAt', { type: 'DateTime', description: 'When the viewer blocked the user.' }),
  }),
});

const { ConnectionType: BlockedUsersConnection } = connectionType<BlockRow>(
  'BlockedUsers',
  BlockedUser,
  'the users whom the viewer has blocked',
);

builder.objectField(Viewer, 'blockedUsers', (t) =>
  t.field({
    type: BlockedUsersConnection,
    description: `The users whom the viewer has blocked, the last one first; at most ${MAX_BLOCKED}. Default page: 20.`,
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: forwardArgs(),
    resolve: (_viewer, args, ctx) => withRefusals(ctx, () => listBlocked(signedIn(ctx), args)),
  }),
);

builder.objectField(User, 'viewerHasBlocked', (t) =>
  t.boolean({
    description:
      'Whether the viewer has blocked the user. Subscriptions cannot select it: they have `BlockChanged`.',
    extensions: priced({ outsideEvents: true }),
    resolve: ({ id }, _args, ctx) => hasBlocked(ctx, id),
  }),
);

const success = (name: string, description: string) =>
  builder.objectRef<Blocked>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      user: t.field({
        type: User,
        description: 'The user.',
        resolve: ({ otherId }, _args, ctx) => loadUser(ctx, otherId),
      }),
      accountSeq: t.exposeInt('accountSeq', { description: ACCOUNT_SEQ }),
    }),
  });

mutation('blockUser', {
  description:
    'Blocks a user: the two cannot write in their direct room, and the user can neither open a direct room with the viewer nor add the ' +
    `viewer to rooms. The user is not told. A user can block at most ${MAX_BLOCKED} others; one more is a ConflictError.`,
  input: (t) => ({ userId: t.id({ required: true, description: 'The id of the user.' }) }),
  success: success('BlockUser', 'The user is blocked.'),
  refusals: ['VALIDATION', 'NOT_FOUND', 'CONFLICT', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => blockUser(signedIn(ctx), input),
});

mutation('unblockUser', {
  description: 'Ends the blocking of a user. If the user has blocked the viewer, that stays.',
  input: (t) => ({ userId: t.id({ required: true, description: 'The id of the user.' }) }),
  success: success('UnblockUser', 'The user is not blocked.'),
  refusals: ['NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => unblockUser(signedIn(ctx), input),
});

// -- who may reach the viewer ------------------------------------------------------------------

const ContactRule = builder.enumType('ContactRule', {
  description: 'Who may reach a user. Users whom the user has blocked may not, whatever it is.',
  values: enumValues({
    EVERYONE: 'Everyone with an account on the server.',
    SHARED_ROOMS: 'Members of a room that the user is in, public and direct rooms included.',
    NOBODY: 'Nobody.',
  }),
});

builder.objectFields(Viewer, (t) => ({
  directMessagesFrom: t.field({
    type: ContactRule,
    description: 'Who may open a direct room with the viewer. Rooms that exist already stay open.',
    resolve: ({ userId }, _args, ctx) => contactRule(ctx, userId, 'directMessagesFrom'),
  }),
  addableBy: t.field({
    type: ContactRule,
    description: 'Who may add the viewer to rooms. The viewer can still join, and accept invites.',
    resolve: ({ userId }, _args, ctx) => contactRule(ctx, userId, 'addableBy'),
  }),
}));

mutation('updatePrivacy', {
  description: "Changes the viewer's privacy settings. A field that is not given stays as it is.",
  input: (t) => ({
    sharesReceipts: t.boolean({
      description:
        'Whether the viewer and the other members see how far each has read. Open streams keep the setting that they began with.',
    }),
    directMessagesFrom: t.field({
      type: ContactRule,
      description: 'Who may open a direct room with the viewer. Rooms that exist already stay open.',
    }),
    addableBy: t.field({
      type: ContactRule,
      description: 'Who may add the viewer to rooms. The viewer can still join, and accept invites.',
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
  forGuests: true,
  resolve: (ctx, input) => updatePrivacy(signedIn(ctx), input),
});
