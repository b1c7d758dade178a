import { roomStates } from '../../src/platform/database-codes.ts';
import { savedMessageChanged } from '../../src/saved/events.ts';
import { MAX_SAVED, savedRefusals } from '../../src/saved/saved.ts';
import { row } from '../realtime/convergence/row.ts';
import type { Player, World } from '../realtime/convergence/world.ts';
import type { CapabilityCases } from './cases.ts';

const messageOf = (world: World, actor: Player) => ({ messageId: world.messageId(actor) });
const ENTRY = 'messageId savedAt message { text }';

export const saved: CapabilityCases = {
  name: 'saved',
  limits: { 'saved messages of one user': [MAX_SAVED] },
  causes: {
    SavedMessageChanged: ({ bob, messageId }) => bob.change('saveMessage', { messageId }, 'accountSeq'),
  },
  unfolded: ['SavedMessageChanged'],
  mutations: {
    saveMessage: row(4, messageOf, 'accountSeq'),
    unsaveMessage: row(3, messageOf, 'accountSeq'),
  },
  satellite: {
    selection: 'viewerHasSaved',
    attach: (person, messageId) => person.change('editMessage', { messageId, text: 'edited' }),
    event: 'MessageEdited',
  },
  lists: {
    saved: {
      query:
        'query ($after: String) { viewer { savedMessages(first: 1, after: $after) { edges { cursor } } } }',
      seed: 'viewer.savedMessages',
      fill: (person, messageId) => person.change('saveMessage', { messageId }, 'accountSeq'),
    },
  },
  plans: {
    'what of a page is saved':
      'query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { viewerHasSaved } } } }',
    'the saved messages': `{ viewer { savedMessages(first: 3) { nodes { ${ENTRY} } } } }`,
    async 'a message that is saved and removed'({ ada, messageId }) {
      await ada.change('saveMessage', { messageId }, 'accountSeq');
      await ada.change('unsaveMessage', { messageId }, 'accountSeq');
    },
  },
  pages: [
    [
      'a page of a history with what is saved',
      'query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { text viewerHasSaved } } } }',
      2,
    ],
    [
      'the saved messages',
      `query ($n: Int!) { viewer { savedMessages(first: $n) { nodes { ${ENTRY} } } } }`,
      3,
    ],
  ],
  sqlNumbers: {
    accountEvents: { save_message: [savedMessageChanged.number] },
    states: { save_message: [roomStates.DELETED] },
    above: { save_message: [MAX_SAVED - 1] },
  },
  statuses: { functions: ['save_message'], refusals: savedRefusals },
  selections: { SavedMessage: '{ messageId savedAt }' },
};
