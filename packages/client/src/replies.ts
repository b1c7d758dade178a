import type { FollowThreadsSubscription, ThreadReplyFragment } from './generated/documents.ts';
import { memoize } from './memoize.ts';
import type { Model } from './model.ts';
import { type ReactionInfo, reactionsOf } from './reactions.ts';
import { keepVotes, withGroup, withKnown } from './reducer.ts';
import type { MessageInfo } from './views.ts';

/** A reply, or the root of a thread, as the server sends it. */
export type ReplyAnswer = ThreadReplyFragment;

/** A reply, or the root of a thread, in the form of the messages of a room. */
export interface ReplyInfo extends MessageInfo {
  readonly id: string;
  /** Its number in the thread; null for the root. */
  readonly threadSeq: number | null;
  readonly idempotencyKey: string;
}

/** The root of a thread and its replies that were read or named by events, by id; with others that they quote. */
export type Replies = Readonly<Record<string, ReplyAnswer>>;

type Item = FollowThreadsSubscription['inbox'];

/** Keeps the highest version of a message, also where others quote it. */
export function keepReply(all: Replies, message: ReplyAnswer): Replies {
  const held = all[message.id];
  const quoted = requote(all, message);
  if (held && held.version > message.version) return quoted;
  return { ...quoted, [message.id]: withKnown(message, held) };
}

/** Replaces a message where others quote it. */
export function requote(all: Replies, message: ReplyAnswer): Replies {
  const stale = Object.values(all).filter(
    ({ replyTo }) => replyTo?.id === message.id && replyTo.version < message.version,
  );
  if (stale.length === 0) return all;
  return { ...all, ...Object.fromEntries(stale.map((each) => [each.id, { ...each, replyTo: message }])) };
}

/** Applies an event that changes a part of a message. Messages that are not there stay away. */
export function patchReplies(all: Replies, item: Item): Replies {
  const held = 'message' in item ? all[item.message.id] : undefined;
  const next = held && patched(held, item);
  return next ? { ...all, [next.id]: next } : all;
}

function patched(held: ReplyAnswer, item: Item): ReplyAnswer | null {
  switch (item.__typename) {
    case 'ReactionsChanged':
      return {
        ...held,
        reactions: withGroup(held.reactions, item.reactionGroup) as ReplyAnswer['reactions'],
      };
    case 'PollUpdated':
      return { ...held, poll: keepVotes(item.poll, held) };
    case 'MessagePinned':
    case 'MessageUnpinned':
      return { ...held, isPinned: item.message.isPinned };
    default:
      return null;
  }
}

/** The replies from that number on without a gap, oldest first: those behind a gap wait for their page. */
export function repliesFrom(all: Replies, first: number): ReplyAnswer[] {
  const sorted = Object.values(all)
    .filter(({ threadSeq }) => threadSeq !== null && threadSeq >= first)
    .sort((a, b) => (a.threadSeq ?? 0) - (b.threadSeq ?? 0));
  const gap = sorted.findIndex(({ threadSeq }, i) => threadSeq !== first + i);
  return gap < 0 ? sorted : sorted.slice(0, gap);
}

/** A message as applications show it, with the reactions of this device that the server may not have. */
export const replyInfo = (
  message: ReplyAnswer,
  viewerId: string | undefined,
  entries: Model['reactions'],
): ReplyInfo => infoOf(message, viewerId, reactionsOf({ ...message, authorId: '' }, entries));

const infoOf = memoize(
  (message: ReplyAnswer, viewerId: string | undefined, reactions: readonly ReactionInfo[]): ReplyInfo => ({
    ...message,
    ...commonOf(message, viewerId),
    reactions,
    replyTo: quoteOf(message, viewerId),
  }),
);

const quoteOf = ({ replyTo }: ReplyAnswer, viewerId: string | undefined) =>
  replyTo && { ...replyTo, ...commonOf(replyTo, viewerId), reactions: [] };

const commonOf = (
  { author, idempotencyKey }: Pick<ReplyAnswer, 'author' | 'idempotencyKey'>,
  viewerId: string | undefined,
) =>
  ({
    key: `${author.id} ${idempotencyKey}`,
    isOwn: author.id === viewerId,
    status: 'stored',
    error: null,
  }) as const;
