import { allOf } from '../capabilities/all.ts';
import type { Scene } from './scene.ts';

/**
 * How each kind of event comes about, in an order in which all of them can. Bob receives every one in his inbox. The
 * convergence test, the leak test and the upgrade test take their events from here.
 */
export const eventCauses: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  RoomAccessGranted: ({ ada, bob, hall }) =>
    ada.change('addMembers', { roomId: hall, userIds: [bob.userId] }),
  async MessageCreated(scene) {
    scene.messageId = (await scene.ada.say(scene.hall, 'one')).message.id;
  },
  MessageEdited: ({ ada, messageId }) => ada.change('editMessage', { messageId, text: 'two' }),
  ...allOf('causes'),
  MessageDeleted: ({ ada, messageId }) => ada.change('deleteMessage', { messageId }),
  RoomUpdated: ({ ada, hall }) => ada.change('updateRoom', { roomId: hall, name: 'the great hall' }),
  MemberUpdated: ({ ada, bob, hall }) =>
    ada.change('changeMemberRole', { roomId: hall, userId: bob.userId, role: 'GUEST' }),
  RoomArchived: ({ ada, hall }) => ada.change('archiveRoom', { roomId: hall }),
  RoomAccessLost: ({ ada, bob, hall }) => ada.change('removeMember', { roomId: hall, userId: bob.userId }),
  async RoomCreated(scene) {
    scene.corner = await scene.bob.createRoom('a corner');
  },
  MemberJoined: ({ ada, corner }) => ada.change('joinRoom', { roomId: corner }),
  MemberLeft: ({ ada, corner }) => ada.change('leaveRoom', { roomId: corner }),
  RoomDeleted: ({ bob, corner }) => bob.change('deleteRoom', { roomId: corner }),
};
