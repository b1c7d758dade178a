import { memberTimedOut } from '../../src/moderation/events.ts';
import { MAX_REASON } from '../../src/moderation/reasons.ts';
import { MAX_TIMEOUT_DAYS, timeoutRefusals } from '../../src/moderation/timeouts.ts';
import { roomStates } from '../../src/platform/database-codes.ts';
import type { Person } from '../harness/people.ts';
import { row } from '../realtime/convergence/row.ts';
import type { Player, World } from '../realtime/convergence/world.ts';
import type { CapabilityCases } from './cases.ts';

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

export const moderation: CapabilityCases = {
  name: 'moderation',
  limits: {
    'a timeout': [MAX_TIMEOUT_DAYS],
    'reason for an act': [MAX_REASON],
  },
  causes: {
    MemberTimedOut: ({ ada, bob, hall }) => timeOut(ada, hall, bob.userId, inHours(1)),
  },
  mutations: { timeoutMember: row(4, timeout) },
  inputs: { until: '2999-01-01T00:00:00Z', reason: 'too loud' },
  plans: {
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
  },
  statuses: { functions: ['time_out_member'], refusals: timeoutRefusals },
};
