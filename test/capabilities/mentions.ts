import { MAX_CONTENT_ADDRESSES, MAX_CONTENT_NODES } from '../../src/messages/content.ts';
import { MAX_ADDRESS } from '../../src/messages/markdown-address.ts';
import { MAX_NESTING } from '../../src/messages/markdown-blocks.ts';
import { MAX_MENTIONS } from '../../src/messages/mention-names.ts';
import { roles } from '../../src/platform/database-codes.ts';
import type { CapabilityCases } from './cases.ts';

const CONTENT =
  'content { blocks { depth ... on InlinesBlock { inlines { text styles url ... on UserMentionInline { user { username } } } } } }';
const FIELDS = `mentions { username } mentionsEveryone viewerIsMentioned ${CONTENT}`;

export const mentions: CapabilityCases = {
  name: 'mentions',
  limits: {
    'people whom a message mentions by name': [MAX_MENTIONS],
    'blocks and inlines': [MAX_CONTENT_NODES, MAX_CONTENT_ADDRESSES],
    'nested quotes': [MAX_NESTING],
    'address of a link': [MAX_ADDRESS],
  },
  causes: {},
  satellite: {
    selection: FIELDS,
    attach: (person, messageId, nth = 0) => person.change('editMessage', { messageId, text: `@room ${nth}` }),
    event: 'MessageEdited',
  },
  plans: {
    'the mentions of a page': `query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { ${FIELDS} } } } }`,
    async 'a post that mentions'({ ada, bob, roomId }) {
      await ada.say(roomId, `@${bob.username}, @owners, @moderators and @room`);
    },
  },
  sqlNumbers: {
    above: { mention_facts: [roles.MEMBER], mentioned_roles: [roles.MEMBER] },
    upTo: { mentioned_roles: [MAX_MENTIONS] },
    own: { mentioned_roles: [MAX_MENTIONS + 1] },
  },
  pages: [
    [
      'a page of a history with its mentions',
      `query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { text ${FIELDS} } } } }`,
      3,
    ],
  ],
};
