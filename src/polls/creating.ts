import { type ChangeKind, type ChangeOutcome, changeStatus } from '../changes/kind.ts';
import { requireDone } from '../changes/outcomes.ts';
import type { SignedIn } from '../context.ts';
import { type Mentions, type MessageRecord, messageCreated } from '../messages/events.ts';
import { mentionedNames, mentionRows } from '../messages/mention-names.ts';
import { messageRefusals, quotedIn, replayed, type Sent, threadOf } from '../messages/messages.ts';
import { authorOf, messageOf, type Post, post } from '../messages/posts.ts';
import { replyOf } from '../messages/replies.ts';
import { messageText } from '../messages/text.ts';
import { countCharacters, isReadableName } from '../platform/characters.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { invalid } from '../platform/errors.ts';
import { announceDirectRoom } from '../rooms/members.ts';
import { fingerprintOf, requireKey, roomIdOf } from '../rooms/rooms.ts';
import { pollSatellite } from './reading.ts';
import type { PollRow } from './store.ts';

export const MIN_OPTIONS = 2;
export const MAX_OPTIONS = 20;
/** In code points. */
export const MAX_OPTION_TEXT = 100;
/** How far ahead a poll can close. The function `apply_polls` uses the same number. */
export const MAX_DAYS = 366;
/** Maximum in one call with changes of other kinds. */
const MIXED_LIMIT = 32;

interface Settings {
  readonly options: readonly string[];
  readonly maxChoices: number;
  readonly isAnonymous: boolean;
  readonly hidesResults: boolean;
  readonly closesAt: Date | null;
}

/** A message with a poll: its text is the question. */
interface NewPoll extends Post, Settings {
  /** Of a reply. */
  readonly thread: { readonly rootSeq: number; readonly isInRoom: boolean } | null;
}

export const pollKind: ChangeKind<NewPoll> = {
  name: 'poll',
  parameter: 'p_polls',
  type: 'new_poll',
  mixedLimit: MIXED_LIMIT,
  fields: (poll) => [
    poll.roomId,
    poll.authorId,
    poll.key,
    poll.fingerprint,
    poll.text,
    poll.replyToRoomSeq,
    poll.thread?.rootSeq ?? null,
    `${poll.thread?.isInRoom ?? true}`,
    JSON.stringify(poll.options),
    poll.maxChoices,
    `${poll.isAnonymous}`,
    `${poll.hidesResults}`,
    poll.closesAt?.toISOString() ?? null,
  ],
  beside: {
    parameter: 'p_poll_mentions',
    type: 'mention_name',
    rows: ({ mentions }) => mentionRows(mentions),
  },
  eventOf: (poll, outcome) => ({
    roomId: poll.roomId,
    roomSeq: outcome.roomSeq,
    kind: messageCreated.name,
    actorId: poll.authorId,
    subject: outcome.roomSeq,
    messageSeq: outcome.messageSeq,
    createdAt: outcome.createdAt,
    facts: mentionsIn(poll, outcome),
    record: messageWith(poll, outcome),
    people: [authorOf(poll, outcome)],
  }),
};

function mentionsIn({ thread }: NewPoll, { details }: ChangeOutcome): Mentions | null {
  return thread ? (details as { mentions: Mentions | null }).mentions : (details as Mentions | null);
}

function messageWith(poll: NewPoll, outcome: ChangeOutcome): MessageRecord {
  const { options, maxChoices, isAnonymous, hidesResults, closesAt, thread } = poll;
  const message = thread ? replyOf({ ...poll, ...thread }, outcome) : messageOf(poll, outcome);
  const row: PollRow = {
    roomId: message.roomId,
    roomSeq: message.roomSeq,
    options,
    counts: options.map(() => 0),
    voterCount: 0,
    maxChoices,
    isAnonymous,
    hidesResults,
    closesAt: closesAt?.getTime() ?? null,
    closedAt: null,
    choices: {},
  };
  return { ...message, attached: { [pollSatellite.name]: row } };
}

// -- creating --------------------------------------------------------------------------------------

export interface CreatePoll {
  readonly roomId: string;
  readonly question: string;
  readonly options: readonly string[];
  readonly idempotencyKey: string;
  readonly maxChoices?: number | null | undefined;
  readonly isAnonymous?: boolean | null | undefined;
  readonly resultsVisibility?: 'ALWAYS' | 'WHEN_CLOSED' | null | undefined;
  readonly closesAt?: Date | null | undefined;
  readonly replyToId?: string | null | undefined;
  readonly threadRootId?: string | null | undefined;
  readonly alsoSendToRoom?: boolean | null | undefined;
}

/** A repetition with the same key returns the first message (`replayed`); with other content it is refused. */
export async function createPoll(ctx: SignedIn, input: CreatePoll): Promise<Sent> {
  const roomId = roomIdOf(input.roomId);
  const text = messageText(input.question, 'input.question');
  const settings = settingsOf(input);
  const key = requireKey(input.idempotencyKey);
  const replyToRoomSeq = quotedIn(roomId, input.replyToId);
  const thread = threadOf(roomId, input);
  const mentions = mentionedNames(text, 'input.question');
  await ctx.node.limits.spend('post', ctx.viewer.userId);

  const fingerprint = fingerprintOf(roomId, text, replyToRoomSeq, JSON.stringify([settings, thread]));
  const message = { roomId, authorId: ctx.viewer.userId, key, fingerprint, text, replyToRoomSeq, mentions };
  return send(ctx, { ...message, ...settings, thread });
}

async function send(ctx: SignedIn, poll: NewPoll): Promise<Sent> {
  const outcome = requireDone(await post(ctx.node, pollKind, poll), creationRefusals);
  if (outcome.status === changeStatus.REPLAYED) return replayed(ctx, poll.roomId, outcome);
  if (!poll.thread && outcome.messageSeq === 1) await announceDirectRoom(ctx, poll.roomId);
  return { message: messageWith(poll, outcome), replayed: false, roomSeq: outcome.roomSeq };
}

/** @throws ValidationError */
function settingsOf(input: CreatePoll): Settings {
  const options = optionsOf(input.options);
  const maxChoices = input.maxChoices ?? 1;
  if (maxChoices < 1 || maxChoices > options.length)
    throw invalid('input.maxChoices', 'A voter can choose at least one option, and at most all of them.');
  return {
    options,
    maxChoices,
    isAnonymous: input.isAnonymous ?? false,
    hidesResults: input.resultsVisibility === 'WHEN_CLOSED',
    closesAt: input.closesAt ?? null,
  };
}

/** @throws ValidationError */
function optionsOf(texts: readonly string[]): string[] {
  if (texts.length < MIN_OPTIONS || texts.length > MAX_OPTIONS)
    throw invalid('input.options', `A poll must have ${MIN_OPTIONS} to ${MAX_OPTIONS} options.`);
  const options = texts.map(optionOf);
  if (new Set(options).size < options.length)
    throw invalid('input.options', 'The options of a poll must differ.');
  return options;
}

function optionOf(text: string): string {
  const trimmed = text.trim();
  if (!isReadableName(trimmed))
    throw invalid(
      'input.options',
      'An option needs at least one visible character and no control characters.',
    );
  if (countCharacters(trimmed) > MAX_OPTION_TEXT)
    throw invalid('input.options', `An option can have at most ${MAX_OPTION_TEXT} characters.`);
  return trimmed;
}

export const creationRefusals: StatusRefusals = {
  ...messageRefusals.reply,
  TOO_FAR: () =>
    invalid('input.closesAt', `A poll must close in the future, and at most ${MAX_DAYS} days from now.`),
};
