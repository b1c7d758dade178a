import { Viewer } from '../accounts/schema.ts';
import { signedIn } from '../context.ts';
import { encodeInboxCursor, tagOf } from '../eventlog/cursors/inbox-cursor.ts';
import { encodeRoomCursor } from '../eventlog/cursors/room-cursor.ts';
import { readPositionOf } from '../eventlog/streams/inbox-position.ts';
import type { RoomItem, StreamItem } from '../eventlog/streams/items.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs } from '../graphql/connection.ts';
import { enumValues } from '../graphql/enum-values.ts';
import { pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { ephemeralTypes } from '../rooms/ephemeral.schema.ts';
import { accountEventTypes, RoomEventType, roomEventTypes } from '../rooms/events.schema.ts';
import { Room } from '../rooms/schema.ts';
import { controls } from './controls.schema.ts';
import { EVENTS_PAGE_SIZE, type InboxPageItem, listEvents, listInboxEvents, roomCursor } from './pages.ts';
import { watchInbox, watchRoom } from './sync.ts';

// -- the streams -------------------------------------------------------------------------------

const RoomStreamEvent = builder.unionType('RoomStreamEvent', {
  description: 'An item of a room stream.',
  types: () => [...roomEventTypes, ...ephemeralTypes.map(({ type }) => type), ...controls] as never[],
  resolveType: (item: unknown) => (item as StreamItem).kind as never,
});

const InboxEvent = builder.unionType('InboxEvent', {
  description: 'An item of the inbox stream.',
  types: () => [...roomEventTypes, ...accountEventTypes, ...controls] as never[],
  resolveType: (item: unknown) => (item as StreamItem).kind as never,
});

const RoomInclude = builder.enumType('RoomInclude', {
  description:
    'What a room stream carries besides durable events. Each kind begins with the current state, then follows each change.',
  // Those of concepts that src/schema.ts imports before this one.
  values: enumValues(
    Object.fromEntries(
      ephemeralTypes.map(({ kind }) => [kind.include, `${kind.name} items: ${kind.includes}.`]),
    ),
  ),
});

const AFTER = 'The cursor of the last item that the client applied. Without it the stream begins now.';

// Access is checked when a stream is opened, and while it lasts (see server/transport/connections.ts), but not for each
// event.
builder.subscriptionFields((t) => ({
  room: t.field({
    type: RoomStreamEvent,
    description:
      'All durable events of one room after the cursor, in order and once. Without a cursor the stream begins now.',
    args: {
      id: t.arg.id({ required: true, description: 'The id of a room that the viewer is a member of.' }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
      include: t.arg({
        type: [RoomInclude],
        description:
          'What the stream carries besides durable events. These items have no number and no cursor and are never replayed.',
      }),
    },
    subscribe: (_root, args, ctx) => watchRoom(signedIn(ctx), args),
    resolve: (item) => item as never,
  }),
  inbox: t.field({
    type: InboxEvent,
    description:
      "Every durable event of all rooms the viewer is a member of, in order and once per room, and the viewer's own account events. " +
      'Rooms that the viewer joins later are included; rooms that the viewer loses are not.',
    args: { after: t.arg({ type: 'Cursor', description: AFTER }) },
    subscribe: (_root, args, ctx) => watchInbox(signedIn(ctx), args),
    resolve: (item) => item as never,
  }),
}));

// -- the same as pages, and positions ----------------------------------------------------------

const { ConnectionType: RoomEventsConnection } = connectionType<RoomItem>(
  'RoomEvents',
  RoomEventType,
  "a room's log",
);
const { ConnectionType: InboxEventsConnection } = connectionType<InboxPageItem>(
  'InboxEvents',
  InboxEvent,
  'the inbox',
);

builder.objectFields(Room, (t) => ({
  cursor: t.field({
    type: 'Cursor',
    nullable: true,
    description:
      "The position in the room's stream, read before all other data of this query, so the data is never older than it. For members. " +
      'Null in a stream, but for the room of an event: save the cursor of the event.',
    resolve: (room, _args, ctx) => {
      if (room.access !== 'member') return null;
      return room.asOf
        ? encodeRoomCursor(room.asOf.epoch, room.roomId, room.asOf.roomSeq)
        : withRefusals(ctx, () => roomCursor(ctx, room.roomId));
    },
  }),
  events: t.field({
    type: RoomEventsConnection,
    nullable: true,
    description:
      'The events of the room that are retained and visible to the viewer, oldest first: the same events with the same cursors as in the stream.',
    extensions: pricedList({ usualSize: EVENTS_PAGE_SIZE, inEvents: false }),
    args: forwardArgs(),
    resolve: (room, args, ctx) =>
      room.access === 'member' ? withRefusals(ctx, () => listEvents(signedIn(ctx), room.roomId, args)) : null,
  }),
}));

builder.objectField(Viewer, 'inboxCursor', (t) =>
  t.field({
    type: 'Cursor',
    description:
      'The position in the inbox, read before all other data of this query, so the data is never older than it.',
    resolve: (viewer, _args, ctx) =>
      withRefusals(ctx, async () => {
        const { epoch, snapshot, accountSeq } =
          ctx.position ?? (await readPositionOf(ctx.node.db.tail, viewer.userId));
        const position = {
          epoch,
          userTag: tagOf(viewer.userId),
          snapshot,
          accountSeq,
          catchUp: null,
          moved: [],
        };
        return encodeInboxCursor(position, () => []);
      }),
  }),
);

builder.queryField('inboxEvents', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: InboxEventsConnection,
    description:
      'The inbox in pages, for clients that fetch without a socket. Without `after` the page is empty and its endCursor is the current position.',
    extensions: pricedList({ usualSize: EVENTS_PAGE_SIZE, inEvents: false }),
    args: forwardArgs(),
    resolve: (_root, args, ctx) => withRefusals(ctx, () => listInboxEvents(signedIn(ctx), args)),
  }),
);
