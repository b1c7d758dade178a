import { MAX_METADATA, MAX_METADATA_KEY, MAX_METADATA_TEXT } from '../../src/metadata/metadata.ts';
import type { CapabilityCases } from './cases.ts';

const METADATA = 'metadata { key value { text number isTrue } }';

/** Each type of value once. */
export const someMetadata = [
  { key: 'ticket', value: { text: 'A-17' } },
  { key: 'weight', value: { number: -1.5 } },
  { key: 'isUrgent', value: { isTrue: false } },
];

export const metadata: CapabilityCases = {
  name: 'metadata',
  limits: {
    'metadata entries of a message': [MAX_METADATA],
    'key in metadata': [MAX_METADATA_KEY],
    'text in metadata': [MAX_METADATA_TEXT],
  },
  inputs: { metadata: someMetadata },
  satellite: { selection: METADATA },
  plans: {
    'the metadata of a page': `query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { ${METADATA} } } } }`,
    async 'a message with metadata'({ ada, roomId }) {
      const input = { roomId, text: 'see', idempotencyKey: 'with metadata', metadata: someMetadata };
      const { message } = await ada.change('sendMessage', input, 'message { id }');
      await ada.change('deleteMessage', { messageId: message.id });
    },
  },
  pages: [
    [
      'a page of a history with its metadata',
      `query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { text ${METADATA} } } } }`,
      2,
    ],
  ],
  selections: { MetadataEntry: '{ key value { text number isTrue } }' },
};
