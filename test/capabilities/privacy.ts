import { permissionsChanged } from '../../src/permissions/events.ts';
import { contactRules, roles, roomKinds } from '../../src/platform/database-codes.ts';
import { blockRefusals, MAX_BLOCKED } from '../../src/privacy/blocks.ts';
import { blockChanged } from '../../src/privacy/events.ts';
import { signUp } from '../harness/people.ts';
import { row } from '../realtime/convergence/row.ts';
import type { World } from '../realtime/convergence/world.ts';
import type { CapabilityCases } from './cases.ts';

const user = (world: World) => ({ userId: world.userId() });
const RULES = Object.keys(contactRules);

export const privacy: CapabilityCases = {
  name: 'privacy',
  limits: { 'users whom one user has blocked': [MAX_BLOCKED] },
  causes: {
    // Ada's calls of other cases concern bob.
    BlockChanged: ({ ada, bob }) => bob.change('blockUser', { userId: ada.userId }, 'accountSeq'),
  },
  unfolded: ['BlockChanged'],
  mutations: {
    blockUser: row(2, user, 'accountSeq'),
    unblockUser: row(4, user, 'accountSeq'),
    updatePrivacy: row(
      3,
      ({ random }) => ({
        ...(random.chance(0.4) && { sharesReceipts: random.chance(0.7) }),
        ...(random.chance(0.4) && { directMessagesFrom: random.pick(['EVERYONE', ...RULES]) }),
        ...(random.chance(0.4) && { addableBy: random.pick(['EVERYONE', ...RULES]) }),
      }),
      'viewer { user { id } }',
    ),
  },
  lists: {
    blocks: {
      query:
        'query ($after: String) { viewer { blockedUsers(first: 1, after: $after) { edges { cursor } } } }',
      seed: 'viewer.blockedUsers',
      async fill(person) {
        const { userId } = await signUp(person.node, 'blocked');
        await person.change('blockUser', { userId }, 'accountSeq');
      },
    },
  },
  plans: {
    'the blocked users':
      '{ viewer { blockedUsers(first: 3) { nodes { blockedAt user { username } } } directMessagesFrom addableBy } }',
    'which authors of a page are blocked':
      'query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { author { viewerHasBlocked } } } } }',
    async 'a block, what it refuses, and its end'({ ada, bob, roomId }) {
      await ada.change('openDirectRoom', { userIds: [bob.userId] });
      await ada.change(
        'updatePrivacy',
        { directMessagesFrom: 'SHARED_ROOMS', addableBy: 'SHARED_ROOMS' },
        '__typename',
      );
      await ada.change('blockUser', { userId: bob.userId }, 'accountSeq');
      await bob.change('openDirectRoom', { userIds: [ada.userId] });
      await bob.change('addMembers', { roomId, userIds: [ada.userId] });
      await ada.change('unblockUser', { userId: bob.userId }, 'accountSeq');
      await bob.change('openDirectRoom', { userIds: [ada.userId] });
    },
  },
  pages: [
    [
      'the blocked users',
      'query ($n: Int!) { viewer { blockedUsers(first: $n) { nodes { blockedAt user { username } } } } }',
      2,
    ],
    [
      'a page of a history with which authors are blocked',
      'query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { author { viewerHasBlocked } } } } }',
      2,
    ],
  ],
  sqlNumbers: {
    events: { close_direct_room: [permissionsChanged.number] },
    accountEvents: { set_block: [blockChanged.number] },
    above: { set_block: [MAX_BLOCKED - 1] },
    own: {
      close_direct_room: [roles.MEMBER, roomKinds.DIRECT],
      refuse_contact: [contactRules.NOBODY],
    },
  },
  statuses: { functions: ['set_block'], refusals: blockRefusals },
};
