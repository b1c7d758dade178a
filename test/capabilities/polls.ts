import { randomUUID } from 'node:crypto';
import { messageWithPartsKind } from '../../src/messages/parts.ts';
import { roomStates } from '../../src/platform/database-codes.ts';
import { closingRefusals } from '../../src/polls/closing.ts';
import { MAX_DAYS, MAX_OPTION_TEXT, MAX_OPTIONS, MIN_OPTIONS, pollPart } from '../../src/polls/creating.ts';
import { pollUpdated } from '../../src/polls/events.ts';
import { MAX_KNOWN_VOTERS } from '../../src/polls/store.ts';
import { voteKind, votingRefusals } from '../../src/polls/voting.ts';
import type { Person } from '../harness/people.ts';
import { MESSAGE, row } from '../realtime/convergence/row.ts';
import type { Player, World } from '../realtime/convergence/world.ts';
import type { CapabilityCases } from './cases.ts';

const OPTION = 'id text count';
const POLL = `question options { ${OPTION} } maxChoices isAnonymous resultsVisibility closesAt closedAt isClosed voterCount viewerVotes`;

/** A message that everything can be attached to: it has all parts from the start. */
export const sayPoll = (
  person: Person,
  roomId: string,
  question: string,
  more: object = {},
): Promise<{ message: { id: string; seq: number } }> =>
  person.change(
    'createPoll',
    {
      roomId,
      question,
      options: ['yes', 'no', 'perhaps'],
      maxChoices: 2,
      metadata: [{ key: 'ticket', value: { number: 17 } }],
      idempotencyKey: randomUUID(),
      ...more,
    },
    'message { id seq }',
  );

/** The id of the n-th option of the poll of a message. */
export const optionOf = (messageId: string, n: number) => `${messageId.replace(/^msg/, 'option')}_${n}`;

const vote = (person: Person, messageId: string, ...options: number[]) =>
  person.change('votePoll', { messageId, optionIds: options.map((n) => optionOf(messageId, n)) });

const hasPoll = ({ poll }: { poll?: object | null }) => Boolean(poll);

function newPoll({ random }: World, roomId: string) {
  return {
    roomId,
    question: random.chance(0.03) ? ' ' : 'Which?',
    options: random.chance(0.05) ? ['one'] : ['one', 'two', 'three'],
    maxChoices: random.pick([1, 1, 2, 3]),
    isAnonymous: random.chance(0.3),
    resultsVisibility: random.pick(['ALWAYS', 'WHEN_CLOSED']),
    ...(random.chance(0.2) && { closesAt: new Date(Date.now() + 3_600_000).toISOString() }),
    idempotencyKey: randomUUID(),
  };
}

function voting(world: World, actor: Player) {
  const messageId = world.messageId(actor, hasPoll);
  const places = world.random.subset([1, 2, 3], 0.4);
  return { messageId, optionIds: places.map((n) => optionOf(messageId, n)) };
}

const newRow = (roomId: number, author: number, root: number | null = null) => [
  roomId,
  author,
  randomUUID(),
  randomUUID(),
  'Which?',
  null,
  root,
  'true',
  JSON.stringify({
    poll: { options: ['one', 'two', 'three'], maxChoices: 2, isAnonymous: false, hidesResults: false },
    metadata: [{ key: 'ticket', number: 17 }],
    forward: { originRoomId: 1, originRoomSeq: 1, sentAt: 0 },
  }),
];

const FILL = `INSERT INTO polls (room_id, room_seq, options, counts, voter_count, max_choices, is_anonymous, hides_results)
  SELECT room_id, room_seq, '{one,two,three}', '{1,0,0}', 1, 2, false, false FROM messages WHERE room_id = $1`;

export const polls: CapabilityCases = {
  name: 'polls',
  limits: {
    'options of a poll': [MIN_OPTIONS, MAX_OPTIONS],
    'option of a poll': [MAX_OPTION_TEXT],
    'closing of a poll': [MAX_DAYS],
    'voters of a poll whose votes are in events': [MAX_KNOWN_VOTERS],
  },
  causes: {
    async PollUpdated({ ada, bob, hall }) {
      const { message } = await sayPoll(ada, hall, 'Which?');
      return vote(bob, message.id, 1);
    },
  },
  mutations: {
    createPoll: row(8, (world, actor) => newPoll(world, world.roomId(actor)), MESSAGE),
    votePoll: row(16, voting, MESSAGE),
    closePoll: row(3, (world, actor) => ({ messageId: world.messageId(actor, hasPoll) }), MESSAGE),
  },
  inputs: {
    question: 'Which?',
    options: ['one', 'two'],
    maxChoices: 1,
    isAnonymous: true,
    resultsVisibility: 'ALWAYS',
    closesAt: new Date(Date.now() + 86_400_000).toISOString(),
    optionIds: [],
  },
  satellite: {
    selection: `poll { ${POLL} }`,
    attach: (person, messageId, nth = 0) => vote(person, messageId, nth + 1),
    event: 'PollUpdated',
  },
  audits: {
    'votes of polls': `SELECT p.room_id, p.room_seq, p.counts, p.voter_count FROM polls p
      CROSS JOIN LATERAL (SELECT count(DISTINCT user_id) AS voters FROM poll_votes v WHERE v.room_id = p.room_id AND v.room_seq = p.room_seq) v
      WHERE p.voter_count <> v.voters OR p.counts <> ARRAY(SELECT (SELECT count(*)::int FROM poll_votes v
        WHERE v.room_id = p.room_id AND v.room_seq = p.room_seq AND v.option = o) FROM generate_subscripts(p.counts, 1) AS o ORDER BY o)`,
  },
  lists: {
    voters: {
      query: `query ($id: ID!, $after: String) { room(id: $id) { messages(last: 1) { nodes { poll { options {
        voters(first: 1, after: $after) { edges { cursor } } } } } } } }`,
      seed: 'room.messages.nodes.0.poll.options.0.voters',
    },
  },
  plans: {
    'the polls of a page': `query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { poll { ${POLL} viewerCanVote viewerCanClose } } } } }`,
    'the voters of a page':
      'query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { poll { options { voters(first: 1) { nodes { displayName } } } } } } } }',
    async 'a poll, votes and its closing'({ ada, bob, roomId }) {
      const closesAt = new Date(Date.now() + 86_400_000).toISOString();
      const { message } = await sayPoll(ada, roomId, `Which, @${bob.username}?`, { closesAt });
      await vote(bob, message.id, 1, 2);
      await vote(bob, message.id);
      await vote(ada, message.id, 3);
      await ada.change('closePoll', { messageId: message.id });
      await ada.change('deleteMessage', { messageId: message.id });
    },
    async 'a poll in a thread'({ ada, roomId, messageId }) {
      await sayPoll(ada, roomId, 'Which?', { threadRootId: messageId });
    },
  },
  batches: [
    {
      kind: messageWithPartsKind,
      fill: [],
      first: (roomId, { seq, author }) => [newRow(roomId, author), newRow(roomId, author, seq)],
      full: {
        'messages with parts': ({ roomId, members }) => members.map((author) => newRow(roomId, author)),
        'replies with parts': ({ roomId, next }) =>
          next().map(({ seq, author }) => newRow(roomId, author, seq)),
      },
    },
    {
      kind: voteKind,
      before: [FILL],
      fill: [
        `${FILL} ON CONFLICT DO NOTHING`,
        `INSERT INTO poll_votes (room_id, room_seq, option, user_id)
         SELECT room_id, room_seq, 1, author_id FROM messages WHERE room_id = $1`,
      ],
      first: (roomId, { seq, author }) => [
        [roomId, seq, author, '{1,2}'],
        [roomId, seq, author, '{2}'],
      ],
      full: {
        'votes in many polls': ({ roomId, next }) =>
          next().map(({ seq, author }) => [roomId, seq, author, '{2,3}']),
        'votes that are taken back': ({ roomId, next }) =>
          next().map(({ seq, author }) => [roomId, seq, author, '{}']),
        'votes in one poll': ({ roomId, members, next }) =>
          next(1).flatMap(({ seq }) => members.map((user) => [roomId, seq, user, '{2}'])),
      },
    },
  ],
  pages: [
    [
      'a page of a history with its polls',
      `query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { text poll { ${POLL} viewerCanVote } } } } }`,
      2,
    ],
    [
      'a page of a history with the voters of its polls',
      'query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { poll { options { voters(first: 3) { nodes { displayName } } } } } } } }',
      4,
    ],
  ],
  sqlNumbers: {
    events: { apply_votes: [pollUpdated.number], close_poll: [pollUpdated.number] },
    states: {
      apply_votes: [roomStates.DELETED, roomStates.ARCHIVED],
      close_poll: [roomStates.DELETED, roomStates.ARCHIVED],
    },
    upTo: { apply_votes: [MAX_KNOWN_VOTERS, MAX_KNOWN_VOTERS] },
  },
  statuses: {
    functions: ['poll_status', 'apply_votes', 'close_poll'],
    refusals: { ...pollPart.refusals, ...votingRefusals, ...closingRefusals },
  },
  selections: {
    Poll: `{ options { ${OPTION} } closedAt voterCount viewerVotes }`,
    PollOption: `{ ${OPTION} }`,
  },
};
