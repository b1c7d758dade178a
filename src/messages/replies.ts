import type { ChangeKind, ChangeOutcome } from '../changes/kind.ts';
import { type Mentions, type MessageRecord, messageCreated } from './events.ts';
import { mentionRows } from './mention-names.ts';
import { authorOf, messageOf, type Post } from './posts.ts';

/** A message in a thread. */
export interface Reply extends Post {
  /** The `roomSeq` of any message of the thread, mostly its root. */
  readonly rootSeq: number;
  /** Whether it is also in the main timeline of the room. */
  readonly isInRoom: boolean;
}

/** What `apply_replies` returns with a reply that was made. */
interface Details {
  readonly rootSeq: number;
  readonly threadSeq: number;
  readonly seq: number | null;
  readonly mentions: Mentions | null;
  /** ms since 1970; null: never. */
  readonly expiresAt: number | null;
}

export const replyKind: ChangeKind<Reply> = {
  name: 'reply',
  parameter: 'p_replies',
  type: 'thread_reply',
  // As many as of posts: a busy thread is a conversation like any other.
  mixedLimit: 256,
  fields: (reply) => [
    reply.roomId,
    reply.authorId,
    reply.key,
    reply.fingerprint,
    reply.text,
    reply.replyToRoomSeq,
    reply.rootSeq,
    `${reply.isInRoom}`,
  ],
  beside: [
    {
      parameter: 'p_reply_mentions',
      type: 'mention_name',
      rows: ({ mentions }) => mentionRows(mentions),
    },
  ],
  eventOf: (reply, outcome) => ({
    roomId: reply.roomId,
    roomSeq: outcome.roomSeq,
    kind: messageCreated.name,
    actorId: reply.authorId,
    subject: outcome.roomSeq,
    messageSeq: outcome.messageSeq,
    createdAt: outcome.createdAt,
    facts: (outcome.details as Details).mentions,
    record: replyOf(reply, outcome),
    people: [authorOf(reply, outcome)],
  }),
};

/** The message of a successful reply. */
export function replyOf(reply: Reply, outcome: ChangeOutcome): MessageRecord {
  const { rootSeq, threadSeq, seq, mentions, expiresAt } = outcome.details as Details;
  const message = messageOf(reply, { ...outcome, details: mentions });
  const expiry = expiresAt === null ? null : new Date(expiresAt);
  return { ...message, seq, threadRootSeq: rootSeq, threadSeq, expiresAt: expiry };
}
