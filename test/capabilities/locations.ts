import { randomUUID } from 'node:crypto';
import { liveLocationEnded } from '../../src/locations/events.ts';
import { liveRefusals, MAX_LIVE_SHOWN } from '../../src/locations/live.ts';
import { MAX_LIVE_OF_AUTHOR, MAX_LOCATION_LABEL } from '../../src/locations/location.ts';
import { locationPart } from '../../src/locations/reading.ts';
import { roomStates } from '../../src/platform/database-codes.ts';
import type { Person } from '../harness/people.ts';
import { MESSAGE, row } from '../realtime/convergence/row.ts';
import type { CapabilityCases } from './cases.ts';

const LOCATION =
  'location { latitude longitude accuracyMeters label live { endsAt endedAt isActive position { latitude longitude heading at } } }';

export const somewhere = { latitude: 52.52, longitude: 13.405, accuracyMeters: 12.5, label: 'The tower' };
const liveThere = { ...somewhere, liveForSeconds: 600 };

/** A message that shares a live location. */
export const sayLive = (person: Person, roomId: string): Promise<{ message: { id: string } }> =>
  person.change(
    'sendMessage',
    { roomId, text: 'I am here', idempotencyKey: randomUUID(), location: liveThere },
    'message { id }',
  );

const move = (person: Person, messageId: string) =>
  person.change('moveLiveLocation', { messageId, position: { latitude: 1, longitude: 2 } }, 'messageId');

export const locations: CapabilityCases = {
  name: 'locations',
  limits: {
    'label of a location': [MAX_LOCATION_LABEL],
    'live locations of one author in a room': [MAX_LIVE_OF_AUTHOR],
    'live locations in `LiveLocationsChanged`': [MAX_LIVE_SHOWN],
  },
  causes: {
    async LiveLocationEnded({ ada, hall }) {
      const { message } = await sayLive(ada, hall);
      return ada.change('stopLiveLocation', { messageId: message.id });
    },
  },
  mutations: {
    moveLiveLocation: row(
      2,
      (world, actor) => ({
        messageId: world.messageId(actor, () => true),
        position: { latitude: 1, longitude: 2 },
      }),
      'messageId',
    ),
    stopLiveLocation: row(2, (world, actor) => ({ messageId: world.messageId(actor, () => true) }), MESSAGE),
  },
  inputs: { location: somewhere, position: { latitude: 1, longitude: 2 }, expiresInSeconds: 3_600 },
  satellite: { selection: LOCATION },
  plans: {
    'the locations of a page': `query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { ${LOCATION} } } } }`,
    async 'a live location, its moves and its end'({ ada, roomId }) {
      const { message } = await sayLive(ada, roomId);
      await move(ada, message.id);
      await ada.change('stopLiveLocation', { messageId: message.id });
      await ada.change('deleteMessage', { messageId: message.id });
    },
    async 'a message with a lifetime of its own'({ ada, roomId }) {
      const input = { roomId, text: 'for an hour', idempotencyKey: randomUUID(), expiresInSeconds: 3_600 };
      await ada.change('sendMessage', input);
    },
  },
  pages: [
    [
      'a page of a history with its locations',
      `query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { text ${LOCATION} } } } }`,
      2,
    ],
  ],
  sqlNumbers: {
    own: { location_status: [MAX_LIVE_OF_AUTHOR] },
    events: { end_live_location: [liveLocationEnded.number] },
    states: { end_live_location: [roomStates.DELETED], move_live_location: [roomStates.DELETED] },
  },
  statuses: {
    functions: ['end_live_location', 'move_live_location', 'post_status', 'location_status'],
    refusals: { ...liveRefusals, ...locationPart.refusals },
  },
  selections: { Location: '{ latitude longitude label }' },
};
