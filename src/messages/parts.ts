import type { ChangeKind, ChangeOutcome } from '../changes/kind.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { type Mentions, type MessageRecord, messageCreated } from './events.ts';
import { mentionRows } from './mention-names.ts';
import { authorOf, mentionsIn as mentionsInPost, messageOf, type Post } from './posts.ts';
import { type Reply, replyOf } from './replies.ts';

/**
 * What a message has besides its text from the start, such as a poll. The concept that owns it defines it;
 * `apply_messages_with_parts` calls its SQL function that stores it.
 */
export interface MessagePart<Content extends object> {
  /** Its key among the parts of a message. */
  readonly name: string;
  /** The new message with what it shows of the part, so that other nodes read nothing. */
  readonly shownBy: (message: MessageRecord, content: Content) => MessageRecord;
  /** Why the database refuses a message with it. */
  readonly refusals?: StatusRefusals;
}

/** A part of one new message. */
export interface NewPart {
  readonly name: string;
  /** Becomes JSON. */
  readonly content: object;
  readonly shownBy: (message: MessageRecord) => MessageRecord;
  readonly refusals: StatusRefusals;
}

export function newPart<Content extends object>(part: MessagePart<Content>, content: Content): NewPart {
  const { name, shownBy, refusals = {} } = part;
  return { name, content, shownBy: (message) => shownBy(message, content), refusals };
}

/** A message with parts, in a room or in a thread. */
export interface MessageWithParts extends Post {
  /** Of a reply. */
  readonly thread: Pick<Reply, 'rootSeq' | 'isInRoom'> | null;
  /** Each of another name. */
  readonly parts: readonly NewPart[];
}

/** The parts as one JSON object. */
export const partsJson = (parts: readonly NewPart[]): string =>
  JSON.stringify(Object.fromEntries(parts.map(({ name, content }) => [name, content])));

export const messageWithPartsKind: ChangeKind<MessageWithParts> = {
  name: 'message_with_parts',
  parameter: 'p_messages_with_parts',
  type: 'message_with_parts',
  // As many as of posts: clients may attach metadata to all their messages.
  mixedLimit: 256,
  fields: ({ thread, ...message }) => [
    message.roomId,
    message.authorId,
    message.key,
    message.fingerprint,
    message.text,
    message.replyToRoomSeq,
    thread?.rootSeq ?? null,
    `${thread?.isInRoom ?? true}`,
    partsJson(message.parts),
  ],
  beside: [
    {
      parameter: 'p_part_mentions',
      type: 'mention_name',
      rows: ({ mentions }) => mentionRows(mentions),
    },
  ],
  eventOf: (message, outcome) => ({
    roomId: message.roomId,
    roomSeq: outcome.roomSeq,
    kind: messageCreated.name,
    actorId: message.authorId,
    subject: outcome.roomSeq,
    messageSeq: outcome.messageSeq,
    createdAt: outcome.createdAt,
    facts: mentionsIn(message, outcome),
    record: messageWithParts(message, outcome),
    people: [authorOf(message, outcome)],
  }),
};

function mentionsIn({ thread }: MessageWithParts, { details }: ChangeOutcome): Mentions | null {
  return thread ? (details as { mentions: Mentions | null }).mentions : mentionsInPost(details);
}

/** The message of a successful post. */
export function messageWithParts(message: MessageWithParts, outcome: ChangeOutcome): MessageRecord {
  const { thread, parts } = message;
  const made = thread ? replyOf({ ...message, ...thread }, outcome) : messageOf(message, outcome);
  return parts.reduce((shown, part) => part.shownBy(shown), made);
}
