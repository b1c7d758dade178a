import { findPeople } from './accounts/people.ts';
import { EventRegistry } from './eventlog/registry.ts';
import { messageEventKinds } from './messages/events.ts';
import { reactionEventKinds } from './reactions/events.ts';
import { accountEventKinds, roomEventKinds } from './rooms/events.ts';

/** Every kind of event. A concept that adds kinds is added here. */
export function createEventRegistry(): EventRegistry {
  return new EventRegistry({
    room: [...roomEventKinds, ...messageEventKinds, ...reactionEventKinds],
    account: [...accountEventKinds],
    people: findPeople,
  });
}
