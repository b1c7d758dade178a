import { MAX_BATCH } from '../../src/changes/queue.ts';
import { messagePinned, messageUnpinned } from '../../src/pins/events.ts';
import { MAX_PINS, pinKind, pinRefusals } from '../../src/pins/pins.ts';
import { roomStates } from '../../src/platform/database-codes.ts';
import { MESSAGE, row } from '../realtime/convergence/row.ts';
import type { Player, World } from '../realtime/convergence/world.ts';
import type { CapabilityCases } from './cases.ts';

const FIELDS = 'isPinned pinnedAt pinnedBy { username }';
const messageOf = (world: World, actor: Player) => ({ messageId: world.messageId(actor) });

export const pins: CapabilityCases = {
  name: 'pins',
  limits: { 'pinned messages of a room': [MAX_PINS] },
  causes: {
    MessagePinned: ({ ada, messageId }) => ada.change('pinMessage', { messageId }),
    MessageUnpinned: ({ ada, messageId }) => ada.change('unpinMessage', { messageId }),
  },
  mutations: { pinMessage: row(6, messageOf, MESSAGE), unpinMessage: row(4, messageOf, MESSAGE) },
  satellite: {
    selection: FIELDS,
    attach: (person, messageId) => person.change('pinMessage', { messageId }),
    event: 'MessagePinned',
  },
  lists: {
    pins: {
      query:
        'query ($id: ID!, $after: String) { room(id: $id) { pinnedMessages(first: 1, after: $after) { edges { cursor } } } }',
      seed: 'room.pinnedMessages',
    },
  },
  plans: {
    'the pins of a page': `query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { ${FIELDS} } } } }`,
    'the pinned messages of a room': `query ($id: ID!) { room(id: $id) { pinnedMessages(first: 3) { nodes { text ${FIELDS} } } } }`,
    async 'a pin and its removal'({ ada, messageId }) {
      await ada.change('pinMessage', { messageId });
      await ada.change('unpinMessage', { messageId });
    },
  },
  batches: {
    kind: pinKind,
    fill: [
      'UPDATE memberships SET permission_bits = permission_bits | 256 WHERE room_id = $1',
      `INSERT INTO pins (room_id, room_seq, pin_seq, pinned_by, pinned_at)
       SELECT room_id, room_seq, room_seq, author_id, now() FROM messages WHERE room_id = $1 ORDER BY room_seq DESC LIMIT ${MAX_PINS - 1}`,
    ],
    first: (roomId, { seq, author }) => [
      [roomId, seq, author, 'true'],
      [roomId, seq, author, 'false'],
    ],
    full: {
      'pins and removals of one message': ({ roomId, next }) =>
        next(1).flatMap(({ seq, author }) =>
          Array.from({ length: MAX_BATCH }, (_, i) => [roomId, seq, author, `${i % 2 === 0}`]),
        ),
    },
  },
  pages: [
    [
      'a page of a history with its pins',
      `query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { text ${FIELDS} } } } }`,
      3,
    ],
    [
      'the pinned messages of a room',
      `query ($id: ID!, $n: Int!) { room(id: $id) { pinnedMessages(first: $n) { nodes { text ${FIELDS} author { username } } } } }`,
      5,
    ],
  ],
  sqlNumbers: {
    events: { apply_pins: [messagePinned.number, messageUnpinned.number] },
    states: { apply_pins: [roomStates.DELETED, roomStates.ARCHIVED] },
    above: { apply_pins: [MAX_PINS] },
  },
  statuses: { functions: ['apply_pins', 'post_status'], refusals: pinRefusals },
  repeatable: (random, messageId) => [random.chance(0.6) ? 'pinMessage' : 'unpinMessage', { messageId }],
};
