import { findPeople } from './accounts/people.ts';
import { EventRegistry } from './eventlog/registry.ts';
import { messageEventKinds } from './messages/events.ts';
import { accountEventKinds, roomEventKinds } from './rooms/events.ts';

/** Every kind of event there is. A concept that adds kinds joins by a line. */
export function createEventRegistry(): EventRegistry {
  return new EventRegistry({
    room: [...roomEventKinds, ...messageEventKinds],
    account: [...accountEventKinds],
    people: findPeople,
  });
}
