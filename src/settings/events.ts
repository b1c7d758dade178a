import type { RoomEventKind } from '../eventlog/registry.ts';

export const settingsChanged: RoomEventKind = {
  number: 33,
  name: 'RoomSettingsChanged',
  description:
    'The `actor` changed settings of the room. Overrides that change with them have events of their own before it.',
  fields: ['settings'],
  clientRule: 'take the fields of `room`',
  affects: 'nothing',
  subject: null,
};

export const settingsEventKinds: readonly RoomEventKind[] = [settingsChanged];
