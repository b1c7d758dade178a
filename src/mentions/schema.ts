import { loadUser, type UserRow } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import type { Context } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { pricedList } from '../graphql/pricing.ts';
import { MAX_MENTIONS } from '../messages/mention-names.ts';
import type { ShownMessage } from '../messages/messages.ts';
import { Message } from '../messages/schema.ts';
import { mentionsOf, viewerIsMentioned } from './mentions.ts';

/** Of a message when nothing else is known. */
const USUAL_MENTIONS = 1;

async function mentionedUsers(ctx: Context, message: ShownMessage): Promise<UserRow[]> {
  const { userIds } = await mentionsOf(ctx, message);
  return Promise.all(userIds.map(async (userId) => loadUser(ctx, userId)));
}

builder.objectFields(Message, (t) => ({
  mentions: t.field({
    type: [User],
    description:
      `The members that it mentions by @username, oldest account first; at most ${MAX_MENTIONS}. Users who were not ` +
      'members when it was sent or edited are not included. For members.',
    extensions: pricedList({ usualSize: USUAL_MENTIONS, inEvents: true }),
    resolve: async (message, _args, ctx) => mentionedUsers(ctx, message),
  }),
  mentionsEveryone: t.boolean({
    description:
      'Whether it mentions all members by @room. Without the permission MENTION_EVERYONE, @room is plain text. For members.',
    resolve: async (message, _args, ctx) => (await mentionsOf(ctx, message)).isEverybody,
  }),
  viewerIsMentioned: t.boolean({
    description: "Whether it mentions the viewer, by name or with @room. False in the viewer's own messages.",
    ...viewerIsMentioned,
  }),
}));
