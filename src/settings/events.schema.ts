import { builder } from '../graphql/builder.ts';
import { roomEventType } from '../rooms/events.schema.ts';
import { settingsChanged } from './events.ts';
import { RoomSettings } from './schema.ts';
import type { Settings } from './settings.ts';

builder.objectField(roomEventType(settingsChanged), 'settings', (t) =>
  t.field({
    type: RoomSettings,
    description: 'All settings of the room as of the event.',
    resolve: ({ event }) => event.facts as Settings,
  }),
);
