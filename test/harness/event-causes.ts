import type { Person } from './people.ts';

/** Two people, and what they have made so far. */
export interface Scene {
  readonly ada: Person;
  readonly bob: Person;
  /** Ada's room, which bob is added to. */
  readonly hall: string;
  /** Bob's room; empty before `RoomCreated` is caused. */
  corner: string;
  /** Ada's message in the hall; empty before `MessageCreated` is caused. */
  messageId: string;
}

/** Ada and a hall of hers; bob is in no room. */
export async function setScene(ada: Person, bob: Person): Promise<Scene> {
  return { ada, bob, hall: await ada.createRoom('the hall'), corner: '', messageId: '' };
}

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
  ReactionsChanged: ({ bob, messageId }) => bob.change('addReaction', { messageId, emoji: '👍' }),
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
