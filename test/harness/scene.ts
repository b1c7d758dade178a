import type { Person } from './people.ts';

/** Two users, and what they have created so far. */
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
