import { loadUser, type UserRow } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { type Context, signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs } from '../graphql/connection.ts';
import { enumValues } from '../graphql/enum-values.ts';
import { changeRefusals, mutation, ROOM_SEQ } from '../graphql/mutation.ts';
import { priced, pricedList } from '../graphql/pricing.ts';
import type { Sent, ShownMessage } from '../messages/messages.ts';
import { partFields, partsOf } from '../messages/parts.schema.ts';
import { edgeOf, Message, RoomMessagesEdge } from '../messages/schema.ts';
import { MAX_TEXT } from '../messages/text.ts';
import { viewerField } from '../rooms/permissions.ts';
import { closePoll, type PollChanged } from './closing.ts';
import { createPoll, MAX_DAYS, MAX_OPTION_TEXT, MAX_OPTIONS, MIN_OPTIONS } from './creating.ts';
import { mayClose, mayVote } from './permissions.ts';
import { optionIdOf, type PollState, showsResults, showsVoters } from './poll.ts';
import {
  knownChoices,
  listVoters,
  MAX_KNOWN_VOTERS,
  pollOf,
  VOTERS_PAGE_SIZE,
  viewerChoices,
} from './reading.ts';
import { votePoll } from './voting.ts';

/** Of a message when nothing else is known: most have no poll. */
const USUAL_OPTIONS = 1;

/** Of a field that is part of the row: few messages have a poll, and the poll itself is counted. */
const PART = priced({ points: 0 });

/** A poll and its message. */
export interface ShownPoll extends PollState {
  readonly message: ShownMessage;
}

/** An option of a poll, by its place. */
interface Option {
  readonly poll: PollState;
  readonly place: number;
}

const { ConnectionType: VotersConnection } = connectionType<UserRow>(
  'PollVoters',
  User,
  'the users who have chosen an option',
);

const PollOption = builder.objectRef<Option>('PollOption').implement({
  description: 'An option of a poll.',
  fields: (t) => ({
    id: t.field({
      type: 'ID',
      description: 'The id of the option, for votePoll. Opaque, and unique across all polls.',
      resolve: ({ poll, place }) => optionIdOf(poll, place),
    }),
    text: t.string({
      description: 'The text of the option: plain text, not Markdown.',
      resolve: ({ poll, place }) => poll.options[place - 1] ?? '',
    }),
    count: t.int({
      nullable: true,
      description: 'How many users have chosen it. Null while the results are hidden.',
      resolve: ({ poll, place }) => (showsResults(poll) ? (poll.counts[place - 1] ?? 0) : null),
    }),
    voters: t.field({
      type: VotersConnection,
      nullable: true,
      description:
        'The users who have chosen it, oldest account first. Null in anonymous polls, and while the results are hidden. Default page: 10.',
      extensions: pricedList({ usualSize: VOTERS_PAGE_SIZE, inEvents: false }),
      args: forwardArgs(),
      resolve: ({ poll, place }, args, ctx) => (showsVoters(poll) ? voters(ctx, poll, place, args) : null),
    }),
  }),
});

async function voters(ctx: Context, poll: PollState, place: number, args: Parameters<typeof listVoters>[3]) {
  const { edges, pageInfo } = await listVoters(ctx, poll, place, args);
  const users = await Promise.all(edges.map(async ({ node }) => loadUser(ctx, node)));
  return { pageInfo, edges: edges.map(({ cursor }, i) => ({ cursor, node: users[i] as UserRow })) };
}

const ResultsVisibility = builder.enumType('PollResultsVisibility', {
  description: 'When the results of a poll are shown.',
  values: enumValues({
    ALWAYS: 'From the first vote on.',
    WHEN_CLOSED: 'When the poll is closed. Until then nobody sees them; users see their own votes.',
  }),
});

const timeOf = (ms: number | null) => (ms === null ? null : new Date(ms));

const chosenIds = (poll: PollState, places: readonly number[] | null) =>
  places?.map((place) => optionIdOf(poll, place)) ?? null;

export const Poll = builder.objectRef<ShownPoll>('Poll').implement({
  description: 'A poll: the content of a message.',
  fields: (t) => ({
    question: t.string({
      description: 'The question: the text of the message, which its author can edit.',
      resolve: ({ message }) => message.text ?? '',
    }),
    options: t.field({
      type: [PollOption],
      description: `The options, in their order: ${MIN_OPTIONS} to ${MAX_OPTIONS}. They never change.`,
      extensions: pricedList({ usualSize: USUAL_OPTIONS, inEvents: true }),
      resolve: (poll) => poll.options.map((_text, i) => ({ poll, place: i + 1 })),
    }),
    maxChoices: t.exposeInt('maxChoices', {
      extensions: PART,
      description: 'How many options a user can choose at most. 1: single choice.',
    }),
    isAnonymous: t.exposeBoolean('isAnonymous', {
      extensions: PART,
      description: 'Whether nobody sees who has voted for what.',
    }),
    resultsVisibility: t.field({
      extensions: PART,
      type: ResultsVisibility,
      description: 'When the results are shown.',
      resolve: ({ hidesResults }) => (hidesResults ? 'WHEN_CLOSED' : 'ALWAYS'),
    }),
    closesAt: t.field({
      extensions: PART,
      type: 'DateTime',
      nullable: true,
      description:
        'Until when votes are accepted. The poll is closed then, or a few seconds later. Null if it is open until a user closes it.',
      resolve: ({ closesAt }) => timeOf(closesAt),
    }),
    closedAt: t.field({
      extensions: PART,
      type: 'DateTime',
      nullable: true,
      description: 'When it was closed. Null if it is open.',
      resolve: ({ closedAt }) => timeOf(closedAt),
    }),
    isClosed: t.boolean({
      extensions: PART,
      description: 'Whether it was closed: the votes can no longer change, and the results are shown.',
      resolve: ({ closedAt }) => closedAt !== null,
    }),
    voterCount: t.exposeInt('voterCount', {
      extensions: PART,
      description: 'How many users have voted, also while the results are hidden.',
    }),
    viewerVotes: t.idList({
      nullable: true,
      description:
        'The ids of the options that the viewer has chosen. Null only in a stream, in a poll with more than ' +
        `${MAX_KNOWN_VOTERS} voters: then it is what it was before, unless the event tells of the viewer's vote.`,
      extensions: {
        ...PART,
        forViewer: async (poll: ShownPoll, ctx: Context) => {
          const choices = await knownChoices(poll, ctx);
          return (viewer: Parameters<typeof choices>[0]) => chosenIds(poll, choices(viewer));
        },
      },
      resolve: async (poll, _args, ctx) => chosenIds(poll, await viewerChoices(poll, ctx)),
    }),
    viewerCanVote: t.boolean({
      description:
        'Whether the viewer may vote now. All members may until the poll closes, also those who cannot send messages.',
      ...viewerField(mayVote),
    }),
    viewerCanClose: t.boolean({
      description:
        'Whether the viewer may close the poll: the author may, and members who may delete the message.',
      ...viewerField(mayClose),
    }),
  }),
});

/** The poll as it is shown with its message; null where there is none. */
export const shownPoll = (poll: PollState | null, message: ShownMessage): ShownPoll | null =>
  poll && { ...poll, message };

builder.objectField(Message, 'poll', (t) =>
  t.field({
    type: Poll,
    nullable: true,
    description:
      'The poll of the message. Null if it has none, if it was deleted, and for users who are not members.',
    // Synchronous for new messages.
    resolve(message, _args, ctx) {
      const poll = pollOf(ctx, message);
      return poll instanceof Promise ? poll.then((row) => shownPoll(row, message)) : shownPoll(poll, message);
    },
  }),
);

// -- mutations ---------------------------------------------------------------------------------

mutation('createPoll', {
  description:
    'Sends a message with a poll. Members who can send messages in the room may. A second call with the same key and content returns ' +
    'the first message.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    question: t.string({
      required: true,
      description: `The question, 1 to ${MAX_TEXT} characters: the text of the message, with the same rules as in sendMessage.`,
    }),
    options: t.stringList({
      required: true,
      description:
        `The texts of ${MIN_OPTIONS} to ${MAX_OPTIONS} different options, each of 1 to ${MAX_OPTION_TEXT} characters. White space around a ` +
        'text is removed.',
    }),
    maxChoices: t.int({
      description: 'How many options a user can choose at most, 1 to the number of options. Default: 1.',
    }),
    isAnonymous: t.boolean({ description: 'True: nobody sees who votes. Default: false.' }),
    resultsVisibility: t.field({
      type: ResultsVisibility,
      description: 'When the results are shown. Default: ALWAYS.',
    }),
    closesAt: t.field({
      type: 'DateTime',
      description: `When the poll closes, at most ${MAX_DAYS} days from now. Without it, it is open until a user closes it.`,
    }),
    idempotencyKey: t.id({
      required: true,
      description: 'A key chosen by the client, with the same rules as in sendMessage.',
    }),
    replyToId: t.id({ description: 'The id of a message of the same room that the new message quotes.' }),
    threadRootId: t.id({
      description:
        'Sends the message as a reply in the thread of this message of the same room, as in sendMessage.',
    }),
    alsoSendToRoom: t.boolean({
      description: 'True: the reply is also in the main timeline. Only with threadRootId.',
    }),
    ...partFields(t),
  }),
  success: builder.objectRef<Sent>('CreatePollSuccess').implement({
    description: 'The message is stored, with its poll.',
    fields: (t) => ({
      message: t.field({ type: Message, description: 'The message.', resolve: (sent) => sent.message }),
      messageEdge: t.field({
        type: RoomMessagesEdge,
        nullable: true,
        description:
          'The edge of the message in the main timeline. Null for a reply that is only in a thread.',
        resolve: (sent) => edgeOf(sent.message),
      }),
      replayed: t.exposeBoolean('replayed', {
        description: 'True if an earlier call with the same key stored the message.',
      }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  }),
  refusals: [...changeRefusals, 'IDEMPOTENCY_CONFLICT'],
  forGuests: true,
  resolve: (ctx, input) => createPoll(signedIn(ctx), input, partsOf(input)),
});

const success = (name: string, description: string) =>
  builder.objectRef<PollChanged>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      message: t.field({
        type: Message,
        description: 'The message, with the poll after the change.',
        resolve: (done) => done.message,
      }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  });

mutation('votePoll', {
  description:
    'Sets all choices of the viewer in a poll, in place of the earlier ones. All members who see the message may, also those who cannot ' +
    'send messages, until the poll closes: after that, only the choices that are there already are accepted.',
  input: (t) => ({
    messageId: t.id({ required: true, description: 'The id of the message.' }),
    optionIds: t.idList({
      required: true,
      description: 'The ids of the chosen options, at most `maxChoices`. None takes the vote back.',
    }),
  }),
  success: success('VotePoll', 'The viewer has chosen these options.'),
  refusals: changeRefusals,
  forGuests: true,
  resolve: (ctx, input) => votePoll(signedIn(ctx), input),
});

mutation('closePoll', {
  description:
    'Closes a poll for good: the votes can no longer change, and the results are shown. The author may, and members who may delete the ' +
    'message.',
  input: (t) => ({ messageId: t.id({ required: true, description: 'The id of the message.' }) }),
  success: success('ClosePoll', 'The poll is closed.'),
  refusals: changeRefusals.filter((code) => code !== 'VALIDATION'),
  forGuests: true,
  resolve: (ctx, input) => closePoll(signedIn(ctx), input),
});
