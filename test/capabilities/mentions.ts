import { MAX_MENTIONS } from '../../src/messages/mention-names.ts';
import type { CapabilityCases } from './cases.ts';

const FIELDS = 'mentions { username } mentionsEveryone viewerIsMentioned';

export const mentions: CapabilityCases = {
  name: 'mentions',
  limits: { 'people whom a message mentions by name': [MAX_MENTIONS] },
  causes: {},
  satellite: {
    selection: FIELDS,
    attach: (person, messageId, nth = 0) => person.change('editMessage', { messageId, text: `@room ${nth}` }),
    event: 'MessageEdited',
  },
  plans: {
    'the mentions of a page': `query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { ${FIELDS} } } } }`,
    async 'a post that mentions'({ ada, bob, roomId }) {
      await ada.say(roomId, `@${bob.username} and @room`);
    },
  },
  pages: [
    [
      'a page of a history with its mentions',
      `query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { text ${FIELDS} } } } }`,
      3,
    ],
  ],
};
