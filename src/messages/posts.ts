import { type ChangeKind, type ChangeOutcome, changeStatus } from '../changes/kind.ts';
import { makeChange } from '../changes/make-change.ts';
import type { Services } from '../context.ts';
import type { PersonRecord } from '../eventlog/kinds.ts';
import { isTransient, Refusal } from '../platform/errors.ts';
import { type Mentions, type MessageRecord, messageCreated } from './events.ts';
import { type MentionedNames, mentionRows } from './mention-names.ts';

export interface Post {
  readonly roomId: number;
  readonly authorId: number;
  readonly key: string;
  readonly fingerprint: string;
  readonly text: string;
  readonly replyToRoomSeq: number | null;
  /** Nobody, where it is missing. */
  readonly mentions?: MentionedNames;
}

export const postKind: ChangeKind<Post> = {
  name: 'post',
  parameter: 'p_posts',
  type: 'new_message',
  // The whole batch: other kinds do not reduce the rate of posts.
  mixedLimit: 256,
  singleFunction: 'post_one',
  fields: (post) => [post.roomId, post.authorId, post.key, post.fingerprint, post.text, post.replyToRoomSeq],
  beside: [
    {
      parameter: 'p_post_mentions',
      type: 'mention_name',
      rows: ({ mentions }) => mentionRows(mentions),
    },
  ],
  eventOf: (post, outcome) => ({
    roomId: post.roomId,
    roomSeq: outcome.roomSeq,
    kind: messageCreated.name,
    actorId: post.authorId,
    subject: outcome.roomSeq,
    messageSeq: outcome.messageSeq,
    createdAt: outcome.createdAt,
    facts: mentionsIn(outcome.details),
    record: messageOf(post, outcome),
    people: [authorOf(post, outcome)],
  }),
};

/** The author of a new message, as of the commit. */
export const authorOf = ({ authorId }: Post, { username, displayName }: ChangeOutcome): PersonRecord => ({
  id: authorId,
  username: username ?? '',
  displayName: displayName ?? '',
  deletedAt: null,
});

/**
 * Posts a message: it is durable and numbered when this resolves.
 * @throws UnavailableError when it was not done in time; it can be sent again with the same key
 */
export async function post<Message extends Post>(
  node: Services,
  kind: ChangeKind<Message>,
  message: Message,
): Promise<ChangeOutcome> {
  const started = performance.now();
  try {
    const outcome = await makeChange(node, kind, message);
    node.metrics.posts.inc({ outcome: labelOf(outcome.status) });
    node.metrics.postSeconds.observe((performance.now() - started) / 1000);
    return outcome;
  } catch (error) {
    const isAway = error instanceof Refusal || isTransient(error);
    node.metrics.posts.inc({ outcome: labelOf(isAway ? changeStatus.UNAVAILABLE : changeStatus.FAILED) });
    throw error;
  }
}

const labelOf = (status: string) => (status === changeStatus.OK ? 'posted' : status.toLowerCase());

/** What `apply_posts` returns with a post: whom it mentions, if anybody, and when it expires, if it does. */
type Details = Mentions & { readonly expiresAt?: number };

/** Whom a new message mentions; null for nobody. */
export function mentionsIn(details: object | null): Mentions | null {
  if (!details) return null;
  const { expiresAt, ...mentions } = details as Details;
  const isEmpty = mentions.userIds.length === 0 && !mentions.isEverybody && !mentions.roles;
  return expiresAt !== undefined && isEmpty ? null : mentions;
}

const expiryIn = (details: object | null) => {
  const { expiresAt } = (details ?? {}) as Partial<Details>;
  return expiresAt === undefined ? null : new Date(expiresAt);
};

/** The message of a successful post. */
export function messageOf(
  post: Post,
  { roomSeq, messageSeq, createdAt, details }: ChangeOutcome,
): MessageRecord {
  const mentions = mentionsIn(details);
  return {
    roomId: post.roomId,
    roomSeq,
    seq: messageSeq,
    authorId: post.authorId,
    idempotencyKey: post.key,
    text: post.text,
    replyToRoomSeq: post.replyToRoomSeq,
    threadRootSeq: null,
    threadSeq: null,
    version: 1,
    createdAt,
    editedAt: null,
    deletedAt: null,
    expiresAt: expiryIn(details),
    isNew: true,
    ...(mentions && { mentions }),
  };
}
