import type { RoomEventKind } from '../eventlog/registry.ts';
import { messageSubject } from '../messages/events.ts';

export const liveLocationEnded: RoomEventKind = {
  number: 23,
  name: 'LiveLocationEnded',
  description:
    'The author of a message no longer shares a live location, or its time is over: then the `actor` is null. The `location` of the message ' +
    'has the last position.',
  fields: ['message'],
  clientRule: 'replace the `location` of the message',
  affects: 'nothing',
  subject: messageSubject,
};
