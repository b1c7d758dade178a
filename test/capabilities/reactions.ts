import { MAX_BATCH } from '../../src/changes/queue.ts';
import { roomStates } from '../../src/platform/database-codes.ts';
import { reactionsChanged } from '../../src/reactions/events.ts';
import { MAX_EMOJI, reactionKind, reactionRefusals } from '../../src/reactions/reactions.ts';
import { MAX_KNOWN_REACTORS } from '../../src/reactions/store.ts';
import { MESSAGE, row } from '../realtime/convergence/row.ts';
import type { Player, World } from '../realtime/convergence/world.ts';
import type { CapabilityCases, SatelliteCases } from './cases.ts';

const reaction = (world: World, actor: Player) => ({
  messageId: world.messageId(actor),
  emoji: world.random.chance(0.03)
    ? 'no emoji'
    : world.random.pick(['👍', '❤️', '🏳️‍🌈', '🇪🇺', ':party:', ':nothing:']),
});

const attach: SatelliteCases['attach'] = (person, messageId, nth = 0) =>
  person.change('addReaction', { messageId, emoji: ['👍', '🎉'][nth] ?? '❤️' });

const GROUP = 'emoji count viewerHasReacted';
const ofPage = (fields: string) =>
  `query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { reactions { ${fields} } } } } }`;

export const reactions: CapabilityCases = {
  name: 'reactions',
  limits: { 'different emoji under a message': [MAX_EMOJI] },
  causes: { ReactionsChanged: ({ bob, messageId }) => attach(bob, messageId) },
  mutations: { addReaction: row(12, reaction, MESSAGE), removeReaction: row(8, reaction, MESSAGE) },
  inputs: { emoji: '👍' },
  satellite: { selection: `reactions { ${GROUP} }`, attach, event: 'ReactionsChanged' },
  lists: {
    reactors: {
      query: `query ($id: ID!, $after: String) { room(id: $id) { messages(last: 1) { nodes { reactions {
        reactors(first: 1, after: $after) { edges { cursor } } } } } } }`,
      seed: 'room.messages.nodes.0.reactions.0.reactors',
    },
  },
  plans: {
    'the reactions of a page': ofPage('count viewerHasReacted'),
    'the reactors of a page': ofPage('reactors(first: 1) { nodes { displayName } pageInfo { hasNextPage } }'),
    async 'a reaction and its removal'({ ada, messageId }) {
      await ada.change('addReaction', { messageId, emoji: '❤️' });
      await ada.change('removeReaction', { messageId, emoji: '❤️' });
    },
  },
  batches: {
    kind: reactionKind,
    fill: [
      `INSERT INTO reactions (room_id, room_seq, emoji, user_id)
       SELECT room_id, room_seq, '👍', author_id FROM messages WHERE room_id = $1`,
      `INSERT INTO reaction_groups (room_id, room_seq, emoji, count, first_seq)
       SELECT room_id, room_seq, '👍', 1, room_seq FROM messages WHERE room_id = $1`,
    ],
    first: (roomId, { seq, author }) => [
      [roomId, seq, author, '🎉', 'true'],
      [roomId, seq, author, '🎉', 'false'],
    ],
    full: {
      'reactions to many messages': ({ roomId, next }) =>
        next().map(({ seq, author }) => [roomId, seq, author, '🎉', 'true']),
      'removals of reactions': ({ roomId, next }) =>
        next().map(({ seq, author }) => [roomId, seq, author, '👍', 'false']),
      'another reaction instead': ({ roomId, next }) =>
        next(MAX_BATCH / 2).flatMap(({ seq, author }) => [
          [roomId, seq, author, '👍', 'false'],
          [roomId, seq, author, '🎉', 'true'],
        ]),
      'reactions to one message': ({ roomId, members, next }) =>
        next(1).flatMap(({ seq }) => members.map((user) => [roomId, seq, user, '🎉', 'true'])),
    },
  },
  pages: [
    [
      'a page of a history with its reactions',
      `query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { text reactions { ${GROUP} } } } } }`,
      2,
    ],
    [
      'a page of a history with those who reacted',
      'query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { reactions { emoji reactors(first: 3) { nodes { displayName } } } } } } }',
      4,
    ],
  ],
  sqlNumbers: {
    events: {
      apply_reactions: [reactionsChanged.number],
      remove_reactions: [reactionsChanged.number],
    },
    states: {
      apply_reactions: [roomStates.DELETED, roomStates.ARCHIVED],
      remove_reactions: [roomStates.DELETED],
    },
    above: { apply_reactions: [MAX_EMOJI], reaction_rounds: [MAX_EMOJI] },
    upTo: {
      apply_reactions: [MAX_KNOWN_REACTORS, MAX_KNOWN_REACTORS],
      reaction_facts: [MAX_KNOWN_REACTORS],
    },
    // Whether a count is odd, twice.
    own: { apply_reactions: [2, 2] },
  },
  statuses: { functions: ['apply_reactions', 'post_status'], refusals: reactionRefusals },
  selections: { ReactionGroup: `{ ${GROUP} }` },
  audits: {
    'groups of reactions': `SELECT * FROM reaction_groups g
      FULL JOIN (SELECT room_id, room_seq, emoji, count(*)::int AS reactors FROM reactions GROUP BY 1, 2, 3) r USING (room_id, room_seq, emoji)
      WHERE g.count IS DISTINCT FROM r.reactors`,
  },
  repeatable: (random, messageId) => [
    random.chance(0.7) ? 'addReaction' : 'removeReaction',
    { messageId, emoji: random.pick(['👍', '🎉']) },
  ],
};
