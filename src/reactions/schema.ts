import { loadUser, type UserRow } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { type Context, signedIn } from '../context.ts';
import { emojiNameIn, findEmoji } from '../emojis/emojis.ts';
import { CustomEmoji } from '../emojis/schema.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs } from '../graphql/connection.ts';
import { changeRefusals, mutation, ROOM_SEQ } from '../graphql/mutation.ts';
import { pricedList } from '../graphql/pricing.ts';
import { Message } from '../messages/schema.ts';
import {
  type ReactionGroup as Group,
  hasReacted,
  listReactors,
  REACTORS_PAGE_SIZE,
  reactionsOf,
  viewerHasReacted,
} from './groups.ts';
import { addReaction, MAX_EMOJI, type Reacted, removeReaction } from './reactions.ts';

/** Usual number of groups of a message: few messages have any. */
const USUAL_GROUPS = 2;

const { ConnectionType: ReactorsConnection } = connectionType<UserRow>(
  'Reactors',
  User,
  'the users who reacted with one emoji',
);

export const ReactionGroup = builder.objectRef<Group>('ReactionGroup').implement({
  description: 'All reactions to a message with the same emoji.',
  fields: (t) => ({
    emoji: t.exposeString('emoji', {
      description: 'One emoji, or the name of a custom one between colons, such as `:party:`.',
    }),
    customEmoji: t.field({
      type: CustomEmoji,
      nullable: true,
      description:
        'The custom emoji with that name, as of now. Null for any other emoji, and if it was deleted: then show `emoji`.',
      resolve: ({ emoji }, _args, ctx) => {
        const name = emojiNameIn(emoji);
        return name === null ? null : findEmoji(ctx, name);
      },
    }),
    count: t.exposeInt('count', {
      description: 'How many users reacted with it. 0 means that the group no longer exists.',
    }),
    viewerHasReacted: t.boolean({
      nullable: true,
      description:
        'Whether the viewer is one of them. Null only in a stream, in a group of more than 50: then it is what it was before, ' +
        'unless the viewer is the actor of the event.',
      extensions: { forViewer: hasReacted },
      resolve: (group, _args, ctx) => viewerHasReacted(group, ctx),
    }),
    reactors: t.field({
      type: ReactorsConnection,
      description: 'The users who reacted with it, oldest account first. Default page: 10.',
      extensions: pricedList({ usualSize: REACTORS_PAGE_SIZE, inEvents: false }),
      args: forwardArgs(),
      resolve: (group, args, ctx) => reactors(ctx, group, args),
    }),
  }),
});

async function reactors(ctx: Context, group: Group, args: Parameters<typeof listReactors>[2]) {
  const { edges, pageInfo } = await listReactors(ctx, group, args);
  const users = await Promise.all(edges.map(async ({ node }) => loadUser(ctx, node)));
  return { pageInfo, edges: edges.map(({ cursor }, i) => ({ cursor, node: users[i] as UserRow })) };
}

builder.objectField(Message, 'reactions', (t) =>
  t.field({
    type: [ReactionGroup],
    description: `The reactions grouped by emoji, in the order of each group's first reaction; at most ${MAX_EMOJI} groups. For members.`,
    extensions: pricedList({ usualSize: USUAL_GROUPS, inEvents: true }),
    resolve: (message, _args, ctx) => reactionsOf(ctx, message),
  }),
);

// -- mutations ---------------------------------------------------------------------------------

const input = {
  messageId: 'The id of the message.',
  emoji:
    'One emoji, such as 👍 or 🏳️‍🌈, or the name of an emoji of this server between colons, such as `:party:`.',
};

const success = (name: string, description: string) =>
  builder.objectRef<Reacted>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      message: t.field({ type: Message, description: 'The message.', resolve: (done) => done.message }),
      reactionGroup: t.field({
        type: ReactionGroup,
        description: 'All reactions with this emoji after the change.',
        resolve: (done) => done.reactionGroup,
      }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  });

mutation('addReaction', {
  description:
    'Adds a reaction of the viewer to a message. Members who can send messages in the room may. ' +
    `A message has at most ${MAX_EMOJI} different emoji; one more is a ConflictError.`,
  input: (t) => ({
    messageId: t.id({ required: true, description: input.messageId }),
    emoji: t.string({ required: true, description: input.emoji }),
  }),
  success: success('AddReaction', 'The message has the reaction.'),
  refusals: changeRefusals,
  forGuests: true,
  resolve: (ctx, given) => addReaction(signedIn(ctx), given),
});

mutation('removeReaction', {
  description: 'Removes a reaction of the viewer from a message. Members may, unless the room is archived.',
  input: (t) => ({
    messageId: t.id({ required: true, description: input.messageId }),
    emoji: t.string({ required: true, description: input.emoji }),
  }),
  success: success('RemoveReaction', 'The message does not have the reaction.'),
  refusals: changeRefusals,
  forGuests: true,
  resolve: (ctx, given) => removeReaction(signedIn(ctx), given),
});
