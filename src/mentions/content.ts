import { loadUser, type UserRow } from '../accounts/people.ts';
import type { Context } from '../context.ts';
import type { ContentBlock, Inline } from '../messages/content.ts';
import type { Mentions } from '../messages/events.ts';
import { type GroupName, groupOf, mentionGroups } from '../messages/mention-names.ts';
import type { ShownMessage } from '../messages/messages.ts';
import { contentOf } from '../messages/text.ts';
import { mentionsOf } from './mentions.ts';

/** Members that are mentioned together. */
export type MentionGroup = Uppercase<GroupName>;

/** A part of a paragraph, as the schema shows it. */
export interface ShownInline extends Omit<Inline, 'kind'> {
  readonly kind: Exclude<Inline['kind'], 'mention'> | 'user' | 'group';
  readonly user?: UserRow | null;
  readonly group?: MentionGroup;
}

export type ShownBlock = Omit<ContentBlock, 'inlines'> & { readonly inlines: readonly ShownInline[] };

/** The text of a message as a tree, with the members that it mentions. Null if it was deleted. */
export async function shownContent(
  ctx: Context,
  message: ShownMessage,
): Promise<readonly ShownBlock[] | null> {
  if (message.text === null) return null;
  const { blocks, names } = contentOf(ctx.node, message.text);
  if (names.length === 0) return blocks as readonly ShownBlock[];
  const show = await mentionsShown(ctx, message);
  return blocks.map((block) => ({ ...block, inlines: block.inlines.map(show) }));
}

async function mentionsShown(ctx: Context, message: ShownMessage): Promise<(inline: Inline) => ShownInline> {
  const mentions = await mentionsOf(ctx, message);
  // Nobody mentions themselves, but the name of the author is no stranger's.
  const ids = [message.authorId, ...mentions.userIds];
  const users = await Promise.all(ids.map(async (id) => loadUser(ctx, id)));
  const byName = new Map(users.map((user) => [user.username.toLowerCase(), user]));
  return ({ kind, ...inline }) => {
    if (kind !== 'mention') return { ...inline, kind };
    const username = inline.text.slice(1);
    const group = groupOf(username);
    if (group) return groupMention(inline, group, mentions);
    return { ...inline, kind: 'user', user: byName.get(username.toLowerCase()) ?? null };
  };
}

/** A group that the message does not mention is text. */
function groupMention(inline: Omit<Inline, 'kind'>, name: GroupName, mentions: Mentions): ShownInline {
  const rank = mentionGroups[name];
  const isMentioned = rank === null ? mentions.isEverybody : mentions.roles?.includes(rank) === true;
  return isMentioned
    ? { ...inline, kind: 'group', group: name.toUpperCase() as MentionGroup }
    : { ...inline, kind: 'text' };
}
