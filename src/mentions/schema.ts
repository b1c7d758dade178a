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
      `The members that it mentions by @username, at most ${MAX_MENTIONS}, and those with a role that it mentions; oldest account ` +
      'first. As of when it was sent or edited. For members.',
    extensions: pricedList({ usualSize: USUAL_MENTIONS, inEvents: true }),
    resolve: async (message, _args, ctx) => mentionedUsers(ctx, message),
  }),
  mentionsEveryone: t.boolean({
    description:
      'Whether it mentions all members by @room or @here. Without the permission MENTION_EVERYONE, these are plain text. For members.',
    resolve: async (message, _args, ctx) => (await mentionsOf(ctx, message)).isEverybody,
  }),
  viewerIsMentioned: t.boolean({
    description:
      "Whether it mentions the viewer, by name, by role or with @room. False in the viewer's own messages.",
    ...viewerIsMentioned,
  }),
}));
