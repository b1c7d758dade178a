import type { SignedIn } from '../context.ts';
import type { MessageKey } from '../graphql/ids.ts';
import { type Sent, sendMessage } from '../messages/messages.ts';
import { type MessagePart, type NewPart, newPart } from '../messages/parts.ts';
import { withAttached } from '../messages/satellites.ts';
import { countCharacters, isReadableName } from '../platform/characters.ts';
import { invalid } from '../platform/errors.ts';
import { pollSatellite } from './reading.ts';
import type { PollRow } from './store.ts';

export const MIN_OPTIONS = 2;
export const MAX_OPTIONS = 20;
/** In code points. */
export const MAX_OPTION_TEXT = 100;
/** How far ahead a poll can close. The function `poll_status` uses the same number. */
export const MAX_DAYS = 366;
/** What a new poll contains. The function `store_polls` reads it. */
interface Settings {
  readonly options: readonly string[];
  readonly maxChoices: number;
  readonly isAnonymous: boolean;
  readonly hidesResults: boolean;
  readonly closesAt: Date | null;
}

/** The text of its message is the question. */
export const pollPart: MessagePart<Settings> = {
  name: 'poll',
  shownBy: (message, settings) => withAttached(message, pollSatellite, newPoll(message, settings)),
  refusals: {
    TOO_FAR: () =>
      invalid('input.closesAt', `A poll must close in the future, and at most ${MAX_DAYS} days from now.`),
  },
};

const newPoll = ({ roomId, roomSeq }: MessageKey, { closesAt, ...settings }: Settings): PollRow => ({
  ...settings,
  roomId,
  roomSeq,
  counts: settings.options.map(() => 0),
  voterCount: 0,
  closesAt: closesAt?.getTime() ?? null,
  closedAt: null,
  choices: {},
});

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

/**
 * Sends the message with its poll, and other parts of it. A repetition with the same key returns the first message
 * (`replayed`); with other content it is refused.
 */
export function createPoll(ctx: SignedIn, input: CreatePoll, parts: readonly NewPart[] = []): Promise<Sent> {
  const poll = newPart(pollPart, settingsOf(input));
  return sendMessage(ctx, { ...input, text: input.question }, [poll, ...parts], 'input.question');
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
