import { roles, roomStates } from '../../src/platform/database-codes.ts';
import { permissionBits } from '../../src/rooms/permissions.ts';
import { settingsChanged } from '../../src/settings/events.ts';
import { MAX_SLOW_MODE, settingsRefusals } from '../../src/settings/settings.ts';
import { row } from '../realtime/convergence/row.ts';
import type { Player, World } from '../realtime/convergence/world.ts';
import type { CapabilityCases } from './cases.ts';

const POSTING = ['EVERYONE', 'EVERYONE', 'MODERATORS', 'MODERATORS_AND_REPLIES', 'CUSTOM'];

function change(world: World, actor: Player) {
  const { random } = world;
  return {
    roomId: world.roomWhere(actor, 'OWNER', 'ADMIN'),
    ...(random.chance(0.5) && { slowModeSeconds: random.pick([0, 0, 1]) }),
    ...(random.chance(0.5) && { posting: random.pick(POSTING) }),
    ...(random.chance(0.2) && { expectedVersion: 1 + random.int(4) }),
  };
}

const { SEND_MESSAGES, ADD_REACTIONS, REPLY_IN_THREADS } = permissionBits;

export const settings: CapabilityCases = {
  name: 'settings',
  limits: { 'wait of slow mode (`MAX_SLOW_MODE`)': [MAX_SLOW_MODE / 3_600, MAX_SLOW_MODE] },
  causes: {
    RoomSettingsChanged: ({ ada, hall }) =>
      ada.change('updateRoomSettings', { roomId: hall, slowModeSeconds: 1 }),
  },
  mutations: { updateRoomSettings: row(3, change) },
  inputs: { slowModeSeconds: 0, posting: 'EVERYONE' },
  plans: {
    'the settings of a room': `query ($id: ID!) { room(id: $id) { settings { version slowModeSeconds posting } viewerCanSendAt } }`,
    async 'settings that change, and messages in slow mode'({ ada, bob, roomId, messageId }) {
      const set = (change: object) => ada.change('updateRoomSettings', { roomId, ...change });
      const send = (key: string, more: object = {}) =>
        bob.change('sendMessage', { roomId, text: key, idempotencyKey: `slow ${key}`, ...more });
      await set({ slowModeSeconds: MAX_SLOW_MODE });
      await send('one');
      await Promise.all([send('two'), send('three'), send('four', { threadRootId: messageId })]);
      for (const posting of ['MODERATORS', 'MODERATORS_AND_REPLIES', 'EVERYONE']) await set({ posting });
      await set({ slowModeSeconds: 0 });
    },
  },
  selections: { RoomSettings: '{ version slowModeSeconds posting }' },
  sqlNumbers: {
    events: { update_room_settings: [settingsChanged.number] },
    states: { update_room_settings: [roomStates.ARCHIVED] },
    own: {
      posting_policy: [2, 2, 2, REPLY_IN_THREADS, roles.GUEST, roles.MEMBER],
      set_posting_policy: [roles.GUEST, roles.MEMBER, SEND_MESSAGES + ADD_REACTIONS + REPLY_IN_THREADS],
      slow_mode_wait: [1_000],
    },
  },
  statuses: {
    functions: ['update_room_settings', 'set_posting_policy', 'set_permission_override'],
    refusals: settingsRefusals,
  },
};
