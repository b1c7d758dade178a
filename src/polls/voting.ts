import { type ChangeKind, type ChangeOutcome, changeStatus } from '../changes/kind.ts';
import { makeChange } from '../changes/make-change.ts';
import { requireDone } from '../changes/outcomes.ts';
import type { SignedIn } from '../context.ts';
import type { MessageKey } from '../graphql/ids.ts';
import type { MessageRecord } from '../messages/events.ts';
import { type MessageDetails, messageIn, peopleIn } from '../messages/message-details.ts';
import { reloadMessage } from '../messages/messages.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { messageKeyOf, type PollChanged, pollRefusals } from './closing.ts';
import { pollUpdated } from './events.ts';
import { type PollState, placeOf, showsVoters } from './poll.ts';
import { pollSatellite } from './reading.ts';
import type { PollRow } from './store.ts';

/** Maximum in one call with changes of other kinds. */
const MIXED_LIMIT = 32;

/** All choices of a user in a poll. */
interface Vote extends MessageKey {
  readonly actorId: number;
  /** Places, ascending, each once. */
  readonly options: readonly number[];
}

/** The details of `apply_votes`. */
type Details = MessageDetails & { readonly poll: Omit<PollRow, keyof MessageKey> };

function pollAfter({ roomId, roomSeq, actorId, options }: Vote, { details }: ChangeOutcome): PollState {
  const change = { userId: actorId, choices: options };
  return { ...(details as Details).poll, roomId, roomSeq, change };
}

const messageAfter = (vote: Vote, outcome: ChangeOutcome): MessageRecord => ({
  ...messageIn(vote, outcome),
  attached: { [pollSatellite.name]: pollAfter(vote, outcome) },
});

export const voteKind: ChangeKind<Vote> = {
  name: 'vote',
  parameter: 'p_votes',
  type: 'poll_vote',
  mixedLimit: MIXED_LIMIT,
  fields: ({ roomId, roomSeq, actorId, options }) => [roomId, roomSeq, actorId, `{${options.join(',')}}`],
  eventOf(vote, outcome) {
    const record = messageAfter(vote, outcome);
    const isPublic = showsVoters(pollAfter(vote, outcome));
    const people = peopleIn(vote, outcome);
    return {
      roomId: vote.roomId,
      roomSeq: outcome.roomSeq,
      kind: pollUpdated.name,
      actorId: isPublic ? vote.actorId : null,
      subject: vote.roomSeq,
      messageSeq: outcome.messageSeq,
      createdAt: outcome.createdAt,
      facts: { userId: vote.actorId },
      record,
      people: isPublic ? people : people.filter(({ id }) => id === record.authorId),
    };
  },
};

/** Replaces all choices of the viewer; none takes the vote back. The same choices again succeed without an event. */
export async function votePoll(
  ctx: SignedIn,
  { messageId, optionIds }: { readonly messageId: string; readonly optionIds: readonly string[] },
): Promise<PollChanged> {
  const key = messageKeyOf(messageId);
  const vote = { ...key, actorId: ctx.viewer.userId, options: placesOf(key, optionIds) };
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const outcome = requireDone(await makeChange(ctx.node, voteKind, vote), votingRefusals);
  const isMade = outcome.status === changeStatus.OK;
  const message = isMade ? messageAfter(vote, outcome) : await reloadMessage(ctx, key);
  return { message, roomSeq: outcome.roomSeq };
}

const noOption = () => invalid('input.optionIds', 'This poll has no such option.');

/** @throws ValidationError for an id that is none of an option of the poll */
function placesOf(key: MessageKey, optionIds: readonly string[]): number[] {
  const places = optionIds.map((id) => {
    const place = placeOf(key, id);
    if (place === null) throw noOption();
    return place;
  });
  return [...new Set(places)].sort((a, b) => a - b);
}

export const votingRefusals: StatusRefusals = {
  ...pollRefusals,
  NO_OPTION: noOption,
  LIMIT: () => invalid('input.optionIds', 'The poll does not allow that many choices.'),
  CLOSED: () => refuse('CONFLICT', 'The poll is closed.'),
  TIMED_OUT: () => refuse('PERMISSION_DENIED', 'You cannot vote in this room for a limited time.'),
};
