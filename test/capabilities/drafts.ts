import { randomUUID } from 'node:crypto';
import { draftRefusals, MAX_DRAFTS } from '../../src/drafts/drafts.ts';
import { draftChanged } from '../../src/drafts/events.ts';
import { roomStates } from '../../src/platform/database-codes.ts';
import type { Person } from '../harness/people.ts';
import { row } from '../realtime/convergence/row.ts';
import type { Player, World } from '../realtime/convergence/world.ts';
import type { CapabilityCases } from './cases.ts';

const DRAFT =
  'text idempotencyKey version updatedAt threadRootId quotedMessage { text } room { name } thread { title }';

/** Of a message there is a room: `msg_<room>_<number>`. */
const roomOf = (messageId: string) => `room_${messageId.split('_')[1]}`;

/** Mostly of a room of the player, sometimes of the thread of a message there. */
const place = (world: World, actor: Player) => {
  if (world.random.chance(0.6)) return { roomId: world.roomId(actor) };
  const threadRootId = world.messageId(actor);
  return { roomId: roomOf(threadRootId), threadRootId };
};

const save = (person: Person, roomId: string, more: object = {}) =>
  person.change(
    'saveDraft',
    { roomId, text: randomUUID(), idempotencyKey: randomUUID(), ...more },
    'accountSeq',
  );

export const drafts: CapabilityCases = {
  name: 'drafts',
  limits: { 'drafts of one user': [MAX_DRAFTS] },
  causes: { DraftChanged: ({ bob, hall }) => save(bob, hall) },
  unfolded: ['DraftChanged'],
  mutations: {
    saveDraft: row(
      6,
      (world, actor) => ({
        ...place(world, actor),
        text: world.text(),
        idempotencyKey: world.random.chance(0.2) ? world.random.pick(['one', 'two']) : randomUUID(),
      }),
      'accountSeq',
    ),
    deleteDraft: row(3, place, 'accountSeq'),
  },
  inputs: { quotedMessageId: 'msg_1_1', expectedVersion: 1 },
  lists: {
    drafts: {
      query: 'query ($after: String) { viewer { drafts(first: 1, after: $after) { edges { cursor } } } }',
      seed: 'viewer.drafts',
      fill: (person, threadRootId) => save(person, roomOf(threadRootId), { threadRootId }),
    },
  },
  plans: {
    'the drafts': `{ viewer { drafts(first: 3) { nodes { ${DRAFT} } } } }`,
    'the draft of a room and of its threads': `query ($id: ID!) { room(id: $id) { viewerDraft { ${DRAFT} }
      messages(last: 3) { nodes { thread { viewerDraft { text } } } } } }`,
    async 'a draft that is saved and removed'({ ada, roomId, messageId }) {
      await save(ada, roomId, { quotedMessageId: messageId });
      await save(ada, roomId, { threadRootId: messageId });
      await ada.change('deleteDraft', { roomId }, 'accountSeq');
    },
  },
  pages: [
    [
      'the rooms of the viewer with their drafts',
      'query ($n: Int!) { viewer { rooms(first: $n) { nodes { name viewerDraft { text } } } } }',
      3,
    ],
    ['the drafts', `query ($n: Int!) { viewer { drafts(first: $n) { nodes { ${DRAFT} } } } }`, 5],
  ],
  sqlNumbers: {
    accountEvents: { save_draft: [draftChanged.number] },
    states: { save_draft: [roomStates.DELETED] },
    above: { save_draft: [MAX_DRAFTS - 1, MAX_DRAFTS - 1] },
  },
  statuses: { functions: ['save_draft'], refusals: draftRefusals },
  selections: { Draft: '{ text version }' },
};
