import { builder } from '../graphql/builder.ts';
import { viewOrGone } from '../rooms/access.ts';
import { AccountEventType, accountEventType, RoomEventType } from '../rooms/events.schema.ts';
import { Room } from '../rooms/schema.ts';
import { readStateChanged, roomPreferencesChanged } from './events.ts';
import { OF_VIEWER, UnreadTotals } from './schema.ts';

for (const kind of [readStateChanged, roomPreferencesChanged]) {
  builder.objectField(accountEventType(kind), 'room', (t) =>
    t.field({
      type: Room,
      description: 'The room. Where access was lost since, nothing but its id is shown.',
      resolve: ({ event }, _args, ctx) => viewOrGone(ctx, event.roomId),
    }),
  );
}

builder.interfaceField(RoomEventType, 'viewerUnread', (t) =>
  t.field({
    type: UnreadTotals,
    description: 'What the viewer has not read in all rooms, as of the event or later.',
    resolve: () => OF_VIEWER,
  }),
);

builder.interfaceField(AccountEventType, 'viewerUnread', (t) =>
  t.field({
    type: UnreadTotals,
    description: 'What the viewer has not read in all rooms, as of the event or later.',
    resolve: () => OF_VIEWER,
  }),
);
