import type { AccountEventKind } from '../eventlog/registry.ts';

export const readStateChanged: AccountEventKind = {
  number: 3,
  name: 'ReadStateChanged',
  description:
    "The viewer's read mark in a room moved, on any device. Sending a message also moves it, without this event.",
  fields: ['room'],
  clientRule: 'take the `viewer…` numbers of `room`',
  access: 'unchanged',
  changesUnread: true,
};

export const roomPreferencesChanged: AccountEventKind = {
  number: 4,
  name: 'RoomPreferencesChanged',
  description: 'The viewer changed the preferences of a room (mute, pin, hide), on any device.',
  fields: ['room'],
  clientRule: 'take the `viewer…` fields of `room`',
  access: 'unchanged',
  changesUnread: true,
};

export const receiptEventKinds: readonly AccountEventKind[] = [readStateChanged, roomPreferencesChanged];
