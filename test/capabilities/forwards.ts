import { randomUUID } from 'node:crypto';
import { forwardPart } from '../../src/forwards/forwarding.ts';
import type { Person } from '../harness/people.ts';
import { MESSAGE, row } from '../realtime/convergence/row.ts';
import type { CapabilityCases } from './cases.ts';

export const FORWARD = 'forward { state sentAt origin { id text author { username } } }';

export const forward = (by: Person, messageId: string, roomId: string, more: object = {}) =>
  by.change(
    'forwardMessage',
    { messageId, roomId, idempotencyKey: randomUUID(), ...more },
    `replayed roomSeq message { id seq threadSeq text ${FORWARD} }`,
  );

const ofPage = 'query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes';

export const forwards: CapabilityCases = {
  name: 'forwards',
  mutations: {
    forwardMessage: row(
      8,
      (world, actor) => ({
        messageId: world.messageId(actor),
        roomId: world.roomId(actor),
        idempotencyKey: randomUUID(),
      }),
      MESSAGE,
    ),
  },
  // Its state and its origin are not in events.
  satellite: { selection: 'forward { sentAt }' },
  async beneath(person, roomId, messageId) {
    await forward(person, messageId, roomId, { threadRootId: messageId });
  },
  plans: {
    'the forwards of a page': `query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { ${FORWARD} } } } }`,
    async 'a forward, its edit and its deletion'({ ada, bob, roomId, messageId }) {
      const { message } = await forward(ada, messageId, roomId);
      await forward(bob, message.id, roomId);
      await ada.change('editMessage', { messageId: message.id, text: 'other words' });
      const again = await forward(ada, messageId, roomId);
      await ada.change('deleteMessage', { messageId: again.message.id });
    },
  },
  pages: [['a page of a history with its forwards', `${ofPage} { text ${FORWARD} } } } }`, 6]],
  // Milliseconds of a second.
  sqlNumbers: { own: { store_forwards: [1_000] } },
  statuses: { functions: ['forward_status'], refusals: forwardPart.refusals ?? {} },
  selections: { Forward: '{ sentAt }' },
};
