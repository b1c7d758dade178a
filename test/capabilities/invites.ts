import { inviteRefusals, MAX_INVITES, MAX_USES } from '../../src/invites/invites.ts';
import { roles, roomStates } from '../../src/platform/database-codes.ts';
import { memberUpdated } from '../../src/rooms/events.ts';
import { ROOM } from '../realtime/convergence/row.ts';
import type { World } from '../realtime/convergence/world.ts';
import type { CapabilityCases } from './cases.ts';

/** Codes that users of a run have created, and the ids of their invites. */
interface Created {
  readonly code: string;
  readonly id: string;
}
const created = new WeakMap<World, Created[]>();

function invitesOf(world: World): Created[] {
  const known = created.get(world) ?? [];
  created.set(world, known);
  return known;
}

const NOBODY: Created = { code: 'A'.repeat(22), id: 'invite_999999' };
const some = (world: World) => world.random.some(invitesOf(world)) ?? NOBODY;

export const invites: CapabilityCases = {
  name: 'invites',
  limits: {
    'open invites of a room': [MAX_INVITES],
    'uses of an invite': [MAX_USES],
  },
  mutations: {
    createInvite: () => ({
      weight: 3,
      async play(world, actor, person) {
        const { random } = world;
        const input = {
          roomId: world.roomWhere(actor, 'OWNER', 'ADMIN', 'MODERATOR'),
          role: random.pick(['GUEST', 'MEMBER', 'MODERATOR', 'OWNER']),
          ...(random.chance(0.3) && { maxUses: 1 + random.int(2) }),
        };
        const answer = await person.change('createInvite', input, 'inviteCode invite { id }');
        if (answer.invite) invitesOf(world).push({ code: answer.inviteCode, id: answer.invite.id });
        return { __typename: answer.__typename };
      },
    }),
    revokeInvite: () => ({
      weight: 1,
      play: (world, _actor, person) =>
        person.change('revokeInvite', { inviteId: some(world).id }, '__typename'),
    }),
    acceptInvite: () => ({
      weight: 4,
      async play(world, _actor, person) {
        const { __typename, room, roomSeq } = await person.change(
          'acceptInvite',
          { inviteCode: some(world).code },
          ROOM,
        );
        return { __typename, roomSeq, roomId: room?.id };
      },
    }),
    joinAsGuest: () => ({
      weight: 1,
      play: (world, _actor, person) =>
        person.change('joinAsGuest', { inviteCode: some(world).code, displayName: 'a guest' }, '__typename'),
    }),
    upgradeGuest: () => ({
      weight: 1,
      async play(world, _actor, person) {
        const guest = { inviteCode: some(world).code, displayName: 'a guest' };
        const { tokens } = await person.change('joinAsGuest', guest, 'tokens { accessToken }');
        const by = tokens ? person.withToken(tokens.accessToken) : person;
        const username = world.newName('made').replaceAll(/[^A-Za-z0-9_-]/g, '-');
        const account = { username, email: `${username}@example.org`, password: 'correct horse battery' };
        return by.change('upgradeGuest', account, '__typename');
      },
    }),
  },
  inputs: {
    inviteCode: NOBODY.code,
    inviteId: NOBODY.id,
    maxUses: 1,
    expiresAt: '2999-01-01T00:00:00Z',
  },
  lists: {
    invites: {
      query:
        'query ($id: ID!, $after: String) { room(id: $id) { invites(first: 1, after: $after) { edges { cursor } } } }',
      seed: 'room.invites',
      async fill(person, messageId) {
        const { data } = await person.ask(
          'query ($id: ID!) { node(id: $id) { ... on Message { room { id } } } }',
          {
            id: messageId,
          },
        );
        await person.change('createInvite', { roomId: data.node.room.id, role: 'GUEST' }, 'inviteCode');
      },
    },
  },
  plans: {
    'the invites of a room':
      'query ($id: ID!) { room(id: $id) { invites(first: 3) { nodes { isOpen createdBy { id } } } } }',
    async 'an invite that is accepted, joined by a guest, and revoked'({ ada, bob, roomId }) {
      const { inviteCode: code, invite } = await ada.change(
        'createInvite',
        { roomId, role: 'MEMBER' },
        'inviteCode invite { id }',
      );
      await bob.ask('query ($code: String!) { invite(code: $code) { roomName } }', { code });
      await bob.change('acceptInvite', { inviteCode: code });
      await bob.change('joinAsGuest', { inviteCode: code, displayName: 'guest' });
      await ada.change('revokeInvite', { inviteId: invite.id }, 'inviteId');
    },
  },
  pages: [
    [
      'the invites of a room',
      'query ($id: ID!, $n: Int!) { room(id: $id) { invites(first: $n) { nodes { useCount createdBy { username } } } } }',
      3,
    ],
  ],
  sqlNumbers: {
    events: { upgrade_guest: [memberUpdated.number] },
    states: {
      accept_invite: [roomStates.DELETED],
      create_invite: [roomStates.ARCHIVED],
      invite_is_open: [roomStates.OPEN],
    },
    above: { create_invite: [MAX_INVITES - 1] },
    own: { add_members: [roles.GUEST], join_as_guest: [roles.GUEST] },
  },
  statuses: {
    functions: ['create_invite', 'revoke_invite', 'accept_invite', 'join_as_guest'],
    refusals: inviteRefusals,
  },
};
