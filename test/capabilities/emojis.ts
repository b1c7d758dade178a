import { emojiRefusals, MAX_EMOJIS } from '../../src/emojis/emojis.ts';
import type { CapabilityCases } from './cases.ts';

const NOT_ADMIN = 'Only administrators of the server may; test/emojis.test.ts calls it.';

export const emojis: CapabilityCases = {
  name: 'emojis',
  limits: { 'emoji of a server': [MAX_EMOJIS] },
  stored: ["INSERT INTO custom_emojis (name) VALUES ('party'), ('ship_it')"],
  mutations: { createEmoji: NOT_ADMIN, deleteEmoji: NOT_ADMIN },
  beneath: (person, _roomId, messageId) => person.change('addReaction', { messageId, emoji: ':party:' }),
  lists: {
    emojis: {
      query: 'query ($after: String) { emojis(first: 1, after: $after) { edges { cursor } } }',
      seed: 'emojis',
    },
  },
  plans: {
    'the emoji of the server': '{ emojis(first: 3) { nodes { name createdBy { username } } } }',
    'the emoji of a page':
      'query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { reactions { customEmoji { name } } } } } }',
    'who may change emoji': '{ viewer { canManageEmojis } }',
  },
  pages: [
    [
      'a page of a history with its custom emoji',
      `query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes {
        reactions { emoji customEmoji { id } }
        content { blocks { ... on InlinesBlock { inlines { ... on CustomEmojiInline { emoji { id } } } } } } } } } }`,
      3,
    ],
    ['the emoji of the server', 'query ($n: Int!) { emojis(first: $n) { nodes { name } } }', 1],
  ],
  sqlNumbers: { above: { create_emoji: [MAX_EMOJIS - 1] } },
  statuses: { functions: ['create_emoji', 'delete_emoji'], refusals: emojiRefusals },
};
