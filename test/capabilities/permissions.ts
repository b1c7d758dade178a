import { permissionsChanged } from '../../src/permissions/events.ts';
import { MAX_MEMBER_OVERRIDES, overrideRefusals, ROLE_CHANGE_COST } from '../../src/permissions/overrides.ts';
import { roles, roomKinds, roomStates } from '../../src/platform/database-codes.ts';
import { permissionBits } from '../../src/rooms/permissions.ts';
import type { Person } from '../harness/people.ts';
import { row } from '../realtime/convergence/row.ts';
import type { Player, World } from '../realtime/convergence/world.ts';
import type { CapabilityCases } from './cases.ts';

const OVERRIDE = 'role user { id username } allowed denied';
const PERMISSIONS = Object.keys(permissionBits);

const set = (person: Person, roomId: string, target: object, permission: string, effect: string) =>
  person.change('setRoomPermissionOverride', { roomId, target, changes: [{ permission, effect }] });

function override(world: World, actor: Player) {
  const { random } = world;
  const roomId = world.roomWhere(actor, 'OWNER', 'ADMIN', 'MODERATOR');
  const role = random.pick(['GUEST', 'MEMBER', 'MODERATOR', 'ADMIN', 'OWNER']);
  const target = random.chance(0.6) ? { role } : { userId: world.memberOf(actor, roomId) };
  const names = random.chance(0.03) ? [] : [random.pick(PERMISSIONS), random.pick(PERMISSIONS)];
  const changes = [...new Set(names)].map((permission) => ({
    permission,
    effect: random.pick(['ALLOW', 'DENY', 'INHERIT', 'INHERIT']),
  }));
  return { roomId, target, changes };
}

/** What guests never get. */
export const NEVER_FOR_GUESTS = (
  [
    'ADD_MEMBERS',
    'MANAGE_MEMBERS',
    'UPDATE_ROOM',
    'ARCHIVE_ROOM',
    'DELETE_ROOM',
    'TIMEOUT_MEMBERS',
    'BAN_MEMBERS',
    'VIEW_AUDIT_LOG',
  ] as const
).reduce((sum, name) => sum + permissionBits[name], 0);

export const permissions: CapabilityCases = {
  name: 'permissions',
  limits: {
    'members with an override in a room': [MAX_MEMBER_OVERRIDES],
    'an override of a role counts as': [ROLE_CHANGE_COST],
  },
  causes: {
    PermissionsChanged: ({ ada, bob, hall }) =>
      set(ada, hall, { userId: bob.userId }, 'MENTION_EVERYONE', 'ALLOW'),
  },
  mutations: { setRoomPermissionOverride: row(10, override) },
  inputs: {
    target: { role: 'MEMBER' },
    changes: [{ permission: 'PIN_MESSAGES', effect: 'INHERIT' }],
  },
  lists: {
    overrides: {
      query:
        'query ($id: ID!, $after: String) { room(id: $id) { permissionOverrides(first: 1, after: $after) { edges { cursor } } } }',
      seed: 'room.permissionOverrides',
      async fill(person, messageId) {
        const query = 'query ($id: ID!) { node(id: $id) { ... on Message { room { id } } } }';
        const { data } = await person.ask(query, { id: messageId });
        await set(person, data.node.room.id, { role: 'GUEST' }, 'PIN_MESSAGES', 'ALLOW');
      },
    },
  },
  plans: {
    'the permissions of a room': `query ($id: ID!) { room(id: $id) { permissionOverrides(first: 3) { nodes { ${OVERRIDE} } }
      members(first: 3) { nodes { permissions } } } }`,
    async 'overrides of a role and of a member, and their removal'({ ada, bob, roomId }) {
      for (const effect of ['DENY', 'ALLOW', 'INHERIT']) {
        await set(ada, roomId, { role: 'MEMBER' }, 'PIN_MESSAGES', effect);
        await set(ada, roomId, { userId: bob.userId }, 'PIN_MESSAGES', effect);
        await set(ada, roomId, { role: 'MODERATOR' }, 'MENTION_EVERYONE', effect);
      }
    },
    async 'an explanation'({ ada, bob, roomId }) {
      await ada.ask(
        `query ($roomId: ID!, $userId: ID!) { explainPermission(roomId: $roomId, userId: $userId, permission: PIN_MESSAGES) { isAllowed } }`,
        { roomId, userId: bob.userId },
      );
    },
  },
  pages: [
    [
      'the overrides of a room',
      `query ($id: ID!, $n: Int!) { room(id: $id) { permissionOverrides(first: $n) { nodes { ${OVERRIDE} } } } }`,
      3,
    ],
  ],
  selections: { RoomPermissionOverride: '{ role user { id } allowed denied }' },
  sqlNumbers: {
    events: { set_permission_override: [permissionsChanged.number] },
    states: { set_permission_override: [roomStates.ARCHIVED] },
    above: { set_permission_override: [MAX_MEMBER_OVERRIDES - 1] },
    own: {
      default_permissions: [roomKinds.DIRECT],
      effective_permissions: [roles.OWNER],
    },
  },
  statuses: { functions: ['set_permission_override'], refusals: overrideRefusals },
};
