import { MAX_REVISIONS } from '../../src/revisions/revisions.ts';
import type { Person } from '../harness/people.ts';
import type { CapabilityCases } from './cases.ts';

const edit = (person: Person, messageId: string, text: string) =>
  person.change('editMessage', { messageId, text });

export const revisions: CapabilityCases = {
  name: 'revisions',
  limits: { 'earlier texts that are kept of a message': [MAX_REVISIONS] },
  async beneath(person, _roomId, messageId) {
    await edit(person, messageId, 'second');
    await edit(person, messageId, 'third');
  },
  lists: {
    revisions: {
      query:
        'query ($id: ID!, $after: String) { room(id: $id) { messages(last: 1) { nodes { revisions(first: 1, after: $after) { edges { cursor } } } } } }',
      seed: 'room.messages.nodes.0.revisions',
    },
  },
  plans: {
    'the earlier texts of a page':
      'query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { revisions { nodes { text } } } } } }',
    async 'edits and the deletion of an edited message'({ ada, roomId }) {
      const { message } = await ada.say(roomId, 'one');
      await edit(ada, message.id, 'two');
      await ada.change('deleteMessage', { messageId: message.id });
    },
  },
  pages: [
    [
      'a page of a history with its earlier texts',
      'query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { text revisions(first: 2) { nodes { text } } } } } }',
      4,
    ],
  ],
  sqlNumbers: { above: { apply_edits: [MAX_REVISIONS] }, own: { apply_edits: [MAX_REVISIONS] } },
};
