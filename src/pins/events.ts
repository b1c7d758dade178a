import type { RoomEventKind } from '../eventlog/registry.ts';
import { messageSubject } from '../messages/events.ts';

export const messagePinned: RoomEventKind = {
  number: 20,
  name: 'MessagePinned',
  description: 'The `actor` pinned a message.',
  fields: ['message'],
  clientRule: 'take `isPinned` of the message',
  affects: 'nothing',
  subject: messageSubject,
};

export const messageUnpinned: RoomEventKind = {
  number: 21,
  name: 'MessageUnpinned',
  description: 'The `actor` unpinned a message.',
  fields: ['message'],
  clientRule: 'take `isPinned` of the message',
  affects: 'nothing',
  subject: messageSubject,
};

export const pinEventKinds: readonly RoomEventKind[] = [messagePinned, messageUnpinned];
