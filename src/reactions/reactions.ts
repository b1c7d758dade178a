import { type ChangeKind, changeStatus } from '../changes/kind.ts';
import { makeChange } from '../changes/make-change.ts';
import { requireDone } from '../changes/outcomes.ts';
import type { SignedIn } from '../context.ts';
import { pairOf } from '../graphql/ids.ts';
import type { MessageRecord } from '../messages/events.ts';
import { type MessageDetails, messageIn, peopleIn } from '../messages/message-details.ts';
import { reloadMessage } from '../messages/messages.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { refuse } from '../platform/errors.ts';
import { roomArchived, sendingRefusals } from '../rooms/refusals.ts';
import { requireCustomEmoji, requireEmoji } from './emoji.ts';
import { type ReactionFacts, reactionsChanged } from './events.ts';
import type { ReactionGroup } from './groups.ts';
import type { GroupKey } from './store.ts';

/** Maximum of different emoji under one message. The function `apply_reactions` uses the same number. */
export const MAX_EMOJI = 20;
/** Maximum in one call with changes of other kinds. */
const MIXED_LIMIT = 32;

interface ReactionChange extends GroupKey {
  readonly actorId: number;
  readonly isAdded: boolean;
}

/** The details of `apply_reactions`; those of the message only if the change was made. */
type Details = MessageDetails & { readonly facts: ReactionFacts };

export const reactionKind: ChangeKind<ReactionChange> = {
  name: 'reaction',
  parameter: 'p_reactions',
  type: 'message_reaction',
  mixedLimit: MIXED_LIMIT,
  fields: ({ roomId, roomSeq, actorId, emoji, isAdded }) => [roomId, roomSeq, actorId, emoji, `${isAdded}`],
  eventOf(change, outcome) {
    const { facts } = outcome.details as Details;
    return {
      roomId: change.roomId,
      roomSeq: outcome.roomSeq,
      kind: reactionsChanged.name,
      actorId: change.actorId,
      subject: change.roomSeq,
      messageSeq: outcome.messageSeq,
      createdAt: outcome.createdAt,
      facts,
      record: messageIn(change, outcome),
      people: peopleIn(change, outcome),
    };
  },
};

// -- changing ------------------------------------------------------------------------------------

interface Reaction {
  readonly messageId: string;
  readonly emoji: string;
}

export interface Reacted {
  readonly message: MessageRecord;
  readonly reactionGroup: ReactionGroup;
  readonly roomSeq: number;
}

/** Adding a reaction that exists succeeds without an event. */
export const addReaction = (ctx: SignedIn, input: Reaction): Promise<Reacted> => react(ctx, input, true);

/** Removing a reaction that does not exist succeeds without an event. */
export const removeReaction = (ctx: SignedIn, input: Reaction): Promise<Reacted> => react(ctx, input, false);

async function react(ctx: SignedIn, { messageId, emoji }: Reaction, isAdded: boolean): Promise<Reacted> {
  const [roomId, roomSeq] = pairOf('Message', messageId) ?? [];
  if (roomId === undefined || roomSeq === undefined) throw noMessage();
  const change = { roomId, roomSeq, actorId: ctx.viewer.userId, emoji: requireEmoji(emoji), isAdded };
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  // One that was deleted stays where it is, and is no longer added.
  if (isAdded) await requireCustomEmoji(ctx, change.emoji);
  const outcome = requireDone(await makeChange(ctx.node, reactionKind, change), reactionRefusals);
  const { facts } = outcome.details as Details;
  const isMade = outcome.status === changeStatus.OK;
  return {
    message: isMade ? messageIn(change, outcome) : await reloadMessage(ctx, change),
    reactionGroup: { ...groupOf(facts), roomId, roomSeq },
    roomSeq: outcome.roomSeq,
  };
}

const groupOf = ({ emoji, count, reactorIds }: ReactionFacts) => ({ emoji, count, reactorIds });

const noMessage = () =>
  refuse('NOT_FOUND', 'This message does not exist, or you may not see it.', {
    path: ['input', 'messageId'],
  });

export const reactionRefusals: StatusRefusals = {
  NOT_FOUND: noMessage,
  DELETED: () => refuse('CONFLICT', 'The message was deleted.'),
  ARCHIVED: roomArchived,
  ...sendingRefusals,
  LIMIT: () =>
    refuse('CONFLICT', `A message can have at most ${MAX_EMOJI} different emoji.`, {
      path: ['input', 'emoji'],
    }),
};
