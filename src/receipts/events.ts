import type { AccountEventKind } from '../eventlog/registry.ts';

export const readStateChanged: AccountEventKind = {
  number: 3,
  name: 'ReadStateChanged',
  description:
    "The viewer's read mark in a room was moved, on whatever device. Sending a message moves it, too, without this event.",
  fields: ['room'],
  clientRule: 'take the `viewer…` numbers of `room`',
  access: 'unchanged',
  changesUnread: true,
};

export const roomPreferencesChanged: AccountEventKind = {
  number: 4,
  name: 'RoomPreferencesChanged',
  description: 'The viewer has muted, pinned or hidden a room, or ended that, on whatever device.',
  fields: ['room'],
  clientRule: 'take the `viewer…` fields of `room`',
  access: 'unchanged',
  changesUnread: true,
};

export const receiptEventKinds: readonly AccountEventKind[] = [readStateChanged, roomPreferencesChanged];
