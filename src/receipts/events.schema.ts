import { builder } from '../graphql/builder.ts';
import { viewOrGone } from '../rooms/access.ts';
import { AccountEventType, accountEventType, RoomEventType } from '../rooms/events.schema.ts';
import { Room } from '../rooms/schema.ts';
import { readStateChanged, roomPreferencesChanged } from './events.ts';
import { OF_VIEWER, UnreadTotals } from './unread.schema.ts';

for (const kind of [readStateChanged, roomPreferencesChanged]) {
  builder.objectField(accountEventType(kind), 'room', (t) =>
    t.field({
      type: Room,
      description: 'The room. If the viewer has lost access since, only the id can be read.',
      resolve: ({ event }, _args, ctx) => viewOrGone(ctx, event.roomId),
    }),
  );
}

builder.interfaceField(RoomEventType, 'viewerUnread', (t) =>
  t.field({
    type: UnreadTotals,
    description: 'The unread numbers of all rooms that the viewer has not muted, as of the event or later.',
    resolve: () => OF_VIEWER,
  }),
);

builder.interfaceField(AccountEventType, 'viewerUnread', (t) =>
  t.field({
    type: UnreadTotals,
    description: 'The unread numbers of all rooms that the viewer has not muted, as of the event or later.',
    resolve: () => OF_VIEWER,
  }),
);
