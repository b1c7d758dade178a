import { banRefusals, MAX_BANS } from '../../src/moderation/bans.ts';
import { MAX_DELETED } from '../../src/moderation/deletions.ts';
import { memberTimedOut } from '../../src/moderation/events.ts';
import { MAX_TIMEOUT_DAYS, timeoutRefusals } from '../../src/moderation/timeouts.ts';
import { roomStates } from '../../src/platform/database-codes.ts';
import { MAX_REASON } from '../../src/rooms/reasons.ts';
import { type Person, signUp } from '../harness/people.ts';
import { row } from '../realtime/convergence/row.ts';
import type { Player, World } from '../realtime/convergence/world.ts';
import type { CapabilityCases } from './cases.ts';

const ENTRY = 'auditSeq action reason actor { username } target { username } changes { field before after }';
const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

const timeOut = (person: Person, roomId: string, userId: string, until: string | null) =>
  person.change('timeoutMember', { roomId, userId, until, reason: 'too loud' });

function timeout(world: World, actor: Player) {
  const { random } = world;
  const roomId = world.roomWhere(actor, 'OWNER', 'ADMIN', 'MODERATOR');
  const until = random.pick([null, null, inHours(1), inHours(-1), inHours(24 * 365)]);
  return { roomId, userId: world.memberOf(actor, roomId), until };
}

function someone(world: World, actor: Player) {
  const roomId = world.roomWhere(actor, 'OWNER', 'ADMIN', 'MODERATOR');
  const userId = world.random.chance(0.5) ? world.memberOf(actor, roomId) : world.userId();
  return { roomId, userId };
}

const ban = (world: World, actor: Player) =>
  world.leaving({
    ...someone(world, actor),
    ...(world.random.chance(0.5) && { expiresAt: inHours(world.random.pick([-1, 1])) }),
  });

const deletions = (world: World, actor: Player) => ({
  roomId: world.roomWhere(actor, 'OWNER', 'ADMIN', 'MODERATOR'),
  messageIds: Array.from({ length: world.random.int(4) }, () => world.messageId(actor)),
});

export const moderation: CapabilityCases = {
  name: 'moderation',
  limits: {
    'a timeout': [MAX_TIMEOUT_DAYS],
    'bans of a room': [MAX_BANS],
    'messages in one `deleteMessages`': [MAX_DELETED],
    'reason for an act': [MAX_REASON],
  },
  causes: {
    MemberTimedOut: ({ ada, bob, hall }) => timeOut(ada, hall, bob.userId, inHours(1)),
  },
  mutations: {
    timeoutMember: row(4, timeout),
    banUser: row(3, ban),
    unbanUser: row(4, someone),
    deleteMessages: () => ({
      weight: 2,
      async play(world, actor, person) {
        const input = deletions(world, actor);
        const { __typename, roomSeq } = await person.change('deleteMessages', input);
        // Null if each message was refused.
        return { __typename, ...(roomSeq && { roomSeq, roomId: input.roomId }) };
      },
    }),
  },
  lists: {
    audit: {
      query:
        'query ($id: ID!, $after: String) { room(id: $id) { auditLog(first: 1, after: $after) { edges { cursor } } } }',
      seed: 'room.auditLog',
      async fill(person, messageId) {
        const query = 'query ($id: ID!) { node(id: $id) { ... on Message { room { id } } } }';
        const { data } = await person.ask(query, { id: messageId });
        await person.change('createInvite', { roomId: data.node.room.id, role: 'GUEST' }, 'inviteCode');
      },
    },
    bans: {
      query:
        'query ($id: ID!, $after: String) { room(id: $id) { bans(first: 1, after: $after) { edges { cursor } } } }',
      seed: 'room.bans',
      async fill(person, messageId) {
        const query = 'query ($id: ID!) { node(id: $id) { ... on Message { room { id } } } }';
        const { data } = await person.ask(query, { id: messageId });
        const { userId } = await signUp(person.node, 'banned');
        await person.change('banUser', { roomId: data.node.room.id, userId });
      },
    },
  },
  inputs: { messageIds: ['message_1_1'], until: '2999-01-01T00:00:00Z', reason: 'too loud' },
  plans: {
    'the audit log of a room': `query ($id: ID!) { room(id: $id) { auditLog(first: 3) { nodes { ${ENTRY} } } } }`,
    'the audit log of a room by action':
      'query ($id: ID!) { room(id: $id) { auditLog(filter: { action: USER_BANNED }) { nodes { action } } } }',
    async 'the audit log of a room by actor'({ ada, roomId }) {
      const query = `query ($id: ID!, $filter: AuditLogFilter) { room(id: $id) { auditLog(filter: $filter) { nodes { action } } } }`;
      for (const more of [{}, { action: 'USER_BANNED' }])
        await ada.ask(query, { id: roomId, filter: { actorId: ada.userId, ...more } });
    },
    'the bans of a room':
      'query ($id: ID!) { room(id: $id) { bans(first: 3) { nodes { reason user { id } bannedBy { id } } } } }',
    async 'deletions of messages'({ ada, roomId, messageId }) {
      await ada.change('deleteMessages', { roomId, messageIds: [messageId] });
    },
    async 'a ban, what it refuses, and its end'({ ada, bob, roomId }) {
      const { inviteCode } = await ada.change('createInvite', { roomId, role: 'MEMBER' }, 'inviteCode');
      await ada.change('banUser', { roomId, userId: bob.userId });
      await bob.change('joinRoom', { roomId });
      await bob.change('acceptInvite', { inviteCode });
      await ada.change('addMembers', { roomId, userIds: [bob.userId] });
      await ada.change('unbanUser', { roomId, userId: bob.userId });
      await ada.change('addMembers', { roomId, userIds: [bob.userId] });
    },
    'timeouts of members':
      'query ($id: ID!) { room(id: $id) { members(first: 3) { nodes { timeoutUntil } } } }',
    async 'a timeout of a member who leaves and returns'({ ada, bob, roomId }) {
      await timeOut(ada, roomId, bob.userId, inHours(1));
      await bob.change('leaveRoom', { roomId });
      await ada.change('addMembers', { roomId, userIds: [bob.userId] });
      await timeOut(ada, roomId, bob.userId, null);
    },
  },
  sqlNumbers: {
    events: { time_out_member: [memberTimedOut.number] },
    states: { time_out_member: [roomStates.ARCHIVED] },
    above: { ban_user: [MAX_BANS - 1] },
  },
  pages: [
    [
      'the audit log of a room',
      `query ($id: ID!, $n: Int!) { room(id: $id) { auditLog(first: $n) { nodes { ${ENTRY} } } } }`,
      3,
    ],
    [
      'the bans of a room',
      'query ($id: ID!, $n: Int!) { room(id: $id) { bans(first: $n) { nodes { reason user { username } bannedBy { username } } } } }',
      3,
    ],
  ],
  statuses: {
    functions: ['time_out_member', 'ban_user', 'unban_user'],
    refusals: { ...banRefusals, ...timeoutRefusals },
  },
};
