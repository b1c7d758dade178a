import { roles, roomStates } from '../../src/platform/database-codes.ts';
import { joinRequestChanged, joinRequestsChanged, requestStates } from '../../src/requests/events.ts';
import {
  MAX_JOIN_REQUESTS,
  MAX_REQUEST_TEXT,
  MAX_ROOM_REQUESTS,
  requestPauses,
  requestRefusals,
} from '../../src/requests/requests.ts';
import { type Person, signUp } from '../harness/people.ts';
import { row } from '../realtime/convergence/row.ts';
import type { World } from '../realtime/convergence/world.ts';
import type { CapabilityCases } from './cases.ts';

/** A room of the owner that answers requests, with a request of the other. */
async function ask(owner: Person, other: Person): Promise<{ roomId: string; requestId: string }> {
  const roomId = await owner.createRoom('by request');
  await owner.change('updateRoomSettings', { roomId, joinPolicy: 'REQUEST' });
  const { request } = await other.change('requestToJoin', { roomId, text: 'please' }, 'request { id }');
  return { roomId, requestId: request.id };
}

/** Another user asks to join a room of the owner, which is open before and afterwards. */
async function askIn(owner: Person, roomId: string): Promise<void> {
  await owner.change('updateRoomSettings', { roomId, joinPolicy: 'REQUEST' });
  const asker = await signUp(owner.node, 'asker');
  await asker.change('requestToJoin', { roomId, text: 'please' }, 'room { id }');
  await owner.change('updateRoomSettings', { roomId, joinPolicy: 'OPEN' });
}

/** Mostly one that may exist. */
function requestIn(world: World, roomId: string): string {
  const [room, user] = [roomId, world.userId()].map((id) => id.split('_')[1] ?? '1');
  return `request_${room}_${user}`;
}

const anyRoom = ({ random, roomIds }: World) => random.some(roomIds) ?? 'nowhere';
const REQUEST = 'id text createdAt user { id username } room { id }';

export const requests: CapabilityCases = {
  name: 'requests',
  limits: {
    'requests of one user to join rooms': [MAX_JOIN_REQUESTS],
    'requests of users to join one room': [MAX_ROOM_REQUESTS],
    'wait before the next request for the same room': [
      requestPauses.TAKEN_BACK / 60,
      requestPauses.DECLINED / 3_600,
    ],
    'text of such a request': [MAX_REQUEST_TEXT],
  },
  causes: {
    JoinRequestsChanged: ({ ada, hall }) => askIn(ada, hall),
    JoinRequestChanged: ({ ada, bob }) => ask(ada, bob),
  },
  unfolded: ['JoinRequestChanged'],
  mutations: {
    requestToJoin: row(3, (world) => ({ roomId: anyRoom(world) }), 'room { id }'),
    cancelJoinRequest: row(1, (world) => ({ roomId: anyRoom(world) }), 'room { id }'),
    answerJoinRequest: row(3, (world, actor) => {
      const roomId = world.roomWhere(actor, 'OWNER', 'ADMIN', 'MODERATOR');
      return { requestId: requestIn(world, roomId), isAccepted: world.random.chance(0.7) };
    }),
  },
  inputs: { requestId: 'request_99999999_1', isAccepted: false },
  lists: {
    joinRequests: {
      query:
        'query ($id: ID!, $after: String) { room(id: $id) { joinRequests(first: 1, after: $after) { edges { cursor } pageInfo { endCursor } } } }',
      seed: 'room.joinRequests',
      async fill(person, messageId) {
        const query = 'query ($id: ID!) { node(id: $id) { ... on Message { room { id } } } }';
        const { data } = await person.ask(query, { id: messageId });
        await askIn(person, data.node.room.id);
      },
    },
  },
  plans: {
    'the requests of a room': `query ($id: ID!) { room(id: $id) { joinPolicy joinRequests(first: 3) { nodes { ${REQUEST} } } }
      viewer { joinRequests { ${REQUEST} } } }`,
    async 'requests that are made, taken back, declined and accepted'({ ada, bob, roomId }) {
      await bob.change('leaveRoom', { roomId }, 'roomId');
      await ada.change('updateRoomSettings', { roomId, joinPolicy: 'REQUEST' });
      const made = (by: Person) => by.change('requestToJoin', { roomId }, 'request { id }');
      const other = await signUp(ada.node, 'other');
      await made(other);
      await other.change('cancelJoinRequest', { roomId }, 'room { id }');
      for (const [by, isAccepted] of [
        [await signUp(ada.node, 'another'), false],
        [bob, true],
      ] as const) {
        const { request } = await made(by);
        await ada.change('answerJoinRequest', { requestId: request.id, isAccepted });
      }
      await ada.change('updateRoomSettings', { roomId, joinPolicy: 'OPEN' });
    },
  },
  pages: [
    [
      'the requests of a room',
      `query ($id: ID!, $n: Int!) { room(id: $id) { joinRequests(first: $n) { nodes { ${REQUEST} } } } }`,
      3,
    ],
  ],
  sqlNumbers: {
    events: { tell_join_requests: [joinRequestsChanged.number] },
    accountEvents: {
      request_to_join: [joinRequestChanged.number],
      tell_join_answers: [joinRequestChanged.number],
      decline_join_requests: [joinRequestChanged.number],
    },
    states: { request_to_join: [roomStates.ARCHIVED], answer_join_request: [roomStates.ARCHIVED] },
    above: { request_to_join: [MAX_JOIN_REQUESTS - 1, MAX_ROOM_REQUESTS - 1] },
    own: {
      request_to_join: [3],
      answer_join_request: [roles.MEMBER, roles.MEMBER, requestStates.DECLINED, requestPauses.DECLINED],
      cancel_join_request: [requestStates.TAKEN_BACK, requestPauses.TAKEN_BACK],
      join_request_wait: [1_000],
      admit_members: [requestStates.ACCEPTED],
      apply_joins: [requestStates.ACCEPTED],
      decline_join_requests: [requestStates.DECLINED],
      ban_user: [requestStates.DECLINED],
    },
  },
  statuses: {
    functions: ['request_to_join', 'cancel_join_request', 'answer_join_request'],
    refusals: requestRefusals,
  },
};
