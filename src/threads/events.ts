import type { AccountEventKind, RoomEventKind } from '../eventlog/registry.ts';
import { messageSubject } from '../messages/events.ts';

export const threadUpdated: RoomEventKind = {
  number: 12,
  name: 'ThreadUpdated',
  description: 'The title of a thread changed. Its replies are messages, and have the events of messages.',
  fields: ['thread'],
  clientRule: 'replace what is stored of the thread; every event of a message carries its thread, too',
  affects: 'nothing',
  subject: messageSubject,
};

export const threadStateChanged: AccountEventKind = {
  number: 5,
  name: 'ThreadStateChanged',
  description:
    "The viewer's read mark in a thread moved, or the viewer follows it or no longer does, on any device. Replying and being mentioned " +
    'also do that, without this event.',
  fields: ['thread'],
  clientRule: 'take the `viewer…` fields of `thread`',
  access: 'unchanged',
  changesRendered: true,
};
