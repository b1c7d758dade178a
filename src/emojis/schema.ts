import { findKnownUser } from '../accounts/people.ts';
import { User, Viewer } from '../accounts/schema.ts';
import { isAdministrator } from '../accounts/server-roles.ts';
import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs } from '../graphql/connection.ts';
import { changeRefusals, mutation } from '../graphql/mutation.ts';
import { findableNode, globalId, Node } from '../graphql/nodes.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { priced, pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import {
  createEmoji,
  deleteEmoji,
  type EmojiRow,
  findEmoji,
  findEmojiById,
  listEmojis,
  MAX_EMOJIS,
} from './emojis.ts';

export const CustomEmoji = builder.objectRef<EmojiRow>('CustomEmoji').implement({
  description:
    'An emoji of this server. `:name:` stands for it in reactions and in texts. It has no image yet.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The global id. Opaque.', resolve: ({ id }) => globalId('CustomEmoji', id) }),
    name: t.exposeString('name', {
      description: 'The unique name, without colons: 2 to 32 of the characters a-z, 0-9 and _.',
    }),
    createdBy: t.field({
      type: User,
      nullable: true,
      description:
        'The user who created it. Null if an operator did, from the command line, if the account of the user was deleted, and for guests who ' +
        'share no room with the user.',
      // Events are shown to many at once, whoever they know.
      extensions: priced({ outsideEvents: true }),
      resolve: ({ createdBy }, _args, ctx) => (createdBy === null ? null : findKnownUser(ctx, createdBy)),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
  }),
});

findableNode('CustomEmoji', (ctx, [id]) => (ctx.viewer ? findEmojiById(ctx, id) : Promise.resolve(null)));

const { ConnectionType: EmojisConnection } = connectionType<EmojiRow>(
  'Emojis',
  CustomEmoji,
  'the emoji of this server',
);

builder.queryField('emojis', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: EmojisConnection,
    description: `The emoji of this server, by name; at most ${MAX_EMOJIS}. Default page: 20.`,
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: forwardArgs(),
    resolve: (_root, args, ctx) => withRefusals(ctx, () => listEmojis(ctx, args)),
  }),
);

builder.objectField(Viewer, 'canManageEmojis', (t) =>
  t.boolean({
    description:
      'Whether the viewer may create and delete emoji of this server: administrators of the server may.',
    extensions: priced({ outsideEvents: true }),
    resolve: ({ userId }, _args, ctx) => isAdministrator(ctx, userId),
  }),
);

// -- mutations ---------------------------------------------------------------------------------

const NAME = 'The name, without colons: 2 to 32 of the characters a-z, 0-9 and _.';

mutation('createEmoji', {
  description:
    'Creates an emoji of this server. Administrators of the server may. If it exists, nothing changes. A server has at most ' +
    `${MAX_EMOJIS} emoji; one more is a ConflictError.`,
  input: (t) => ({ name: t.string({ required: true, description: NAME }) }),
  success: builder.objectRef<{ name: string }>('CreateEmojiSuccess').implement({
    description: 'The emoji exists.',
    fields: (t) => ({
      emoji: t.field({
        type: CustomEmoji,
        nullable: true,
        description: 'The emoji. Null if it was deleted meanwhile.',
        resolve: ({ name }, _args, ctx) => findEmoji(ctx, name),
      }),
    }),
  }),
  refusals: changeRefusals.filter((code) => code !== 'NOT_FOUND'),
  resolve: (ctx, input) => createEmoji(signedIn(ctx), input),
});

mutation('deleteEmoji', {
  description:
    'Deletes an emoji of this server. Administrators of the server may. Reactions with it stay, and users can remove their own. ' +
    'If there is none of that name, nothing changes.',
  input: (t) => ({ name: t.string({ required: true, description: NAME }) }),
  success: builder.objectRef<{ name: string }>('DeleteEmojiSuccess').implement({
    description: 'There is no emoji of that name.',
    fields: (t) => ({ name: t.exposeString('name', { description: 'The name.' }) }),
  }),
  refusals: changeRefusals.filter((code) => code !== 'NOT_FOUND' && code !== 'CONFLICT'),
  resolve: (ctx, input) => deleteEmoji(signedIn(ctx), input),
});
