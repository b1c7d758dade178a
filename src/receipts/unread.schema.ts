import { Viewer } from '../accounts/schema.ts';
import type { Context } from '../context.ts';
import type { UnreadTotals as Totals, Unread } from '../eventlog/kinds.ts';
import { builder } from '../graphql/builder.ts';
import { unreadField } from '../graphql/unread-fields.ts';
import type { RoomView } from '../rooms/access.ts';
import { Room } from '../rooms/schema.ts';
import { unreadIn, unreadTotals } from './unread.ts';

const WHERE_NULL = 'Null if the viewer is not a member, and in the stream of one room. The inbox has it.';

/** A number of the viewer in a room, in queries and in the events of the inbox. */
function ofRoom<Value>(pick: (unread: Unread) => Value) {
  return {
    extensions: unreadField(
      ({ roomId }: RoomView) =>
        (viewer) =>
          numberOf(viewer.unreadIn(roomId), pick),
    ),
    resolve: async (room: RoomView, _args: object, ctx: Context) =>
      room.access === 'member' ? numberOf(await unreadIn(ctx, room.roomId), pick) : null,
  };
}

const numberOf = <Of extends object, Value>(unread: Of | null, pick: (unread: Of) => Value) =>
  unread ? pick(unread) : null;

builder.objectFields(Room, (t) => ({
  viewerReadSeq: t.int({
    nullable: true,
    description: `The viewer has read all messages up to this number. In an event, as of that event or later. ${WHERE_NULL}`,
    ...ofRoom(({ readSeq }) => readSeq),
  }),
  viewerUnreadCount: t.int({
    nullable: true,
    description:
      'How many messages the viewer has not read: those of others behind the read mark that were not deleted. Exact. In an event, ' +
      `as of that event or later. ${WHERE_NULL}`,
    ...ofRoom(({ messages }) => messages),
  }),
  viewerUnreadMentionCount: t.int({
    nullable: true,
    description: `How many of the unread messages mention the viewer, by name or with @room. ${WHERE_NULL}`,
    ...ofRoom(({ mentions }) => mentions),
  }),
  viewerMutedUntil: t.field({
    type: 'DateTime',
    nullable: true,
    description:
      'Until when the viewer has muted the room. Null if it is not muted. A mute without an end is far in the future. ' +
      `The time may have passed. ${WHERE_NULL}`,
    ...ofRoom(({ mutedUntil }) => (mutedUntil === null ? null : new Date(mutedUntil))),
  }),
  viewerIsPinned: t.boolean({
    nullable: true,
    description: `Whether the viewer has pinned the room. ${WHERE_NULL}`,
    ...ofRoom(({ isPinned }) => isPinned),
  }),
  viewerIsHidden: t.boolean({
    nullable: true,
    description: `Whether the viewer has hidden the room. The next message shows it again. ${WHERE_NULL}`,
    ...ofRoom(({ isHidden }) => isHidden),
  }),
  viewerSharesReceipts: t.boolean({
    nullable: true,
    description:
      'The setting of the viewer for this room: whether the viewer and the other members see how far each has read. ' +
      `Also null if the setting in \`Viewer.sharesReceipts\` applies. ${WHERE_NULL}`,
    ...ofRoom((unread) => unread.sharesReceipts),
  }),
  viewerFolder: t.string({
    nullable: true,
    description: `The folder of the viewer's own list that contains the room. Also null if no folder does. ${WHERE_NULL}`,
    ...ofRoom(({ folder }) => folder),
  }),
}));

/** Stands for the viewer's numbers, wherever they come from. */
export const OF_VIEWER = {};

function ofViewer(pick: (totals: Totals) => number) {
  return {
    nullable: true as const,
    extensions: unreadField(() => (viewer) => numberOf(viewer.unreadTotals(), pick)),
    resolve: async (_of: object, _args: object, ctx: Context) => numberOf(await unreadTotals(ctx), pick),
  };
}

export const UnreadTotals = builder.objectRef<object>('UnreadTotals').implement({
  description:
    'The unread numbers of all rooms that the viewer has not muted, for the badge of an application. Null in the stream of one room.',
  fields: (t) => ({
    messages: t.int({
      description: 'How many messages are unread.',
      ...ofViewer(({ messages }) => messages),
    }),
    mentions: t.int({
      description: 'How many unread messages mention the viewer.',
      ...ofViewer(({ mentions }) => mentions),
    }),
    rooms: t.int({ description: 'How many rooms have unread messages.', ...ofViewer(({ rooms }) => rooms) }),
  }),
});

builder.objectField(Viewer, 'unread', (t) =>
  t.field({
    type: UnreadTotals,
    description: 'The unread numbers of all rooms that the viewer has not muted.',
    resolve: () => OF_VIEWER,
  }),
);
