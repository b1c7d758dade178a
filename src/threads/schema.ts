import { loadUser } from '../accounts/people.ts';
import { User, Viewer } from '../accounts/schema.ts';
import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs, pageArgs } from '../graphql/connection.ts';
import { enumValues } from '../graphql/enum-values.ts';
import { findableNode, globalId, Node } from '../graphql/nodes.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { loadMessage, type ShownMessage } from '../messages/messages.ts';
import { Message } from '../messages/schema.ts';
import { memberView, viewOrGone } from '../rooms/access.ts';
import { Room } from '../rooms/schema.ts';
import { listMyThreads, listThreads } from './lists.ts';
import { listReplies } from './replies.ts';
import {
  findThread,
  MAX_KNOWN_MEMBERS,
  MAX_SHOWN_PARTICIPANTS,
  stateField,
  type ThreadRow,
  threadOf,
} from './threads.ts';

/** Of a thread when nothing else is known. */
const USUAL_PARTICIPANTS = 3;
const IN_EVENTS = `In an event: as of the event or later; null if more than ${MAX_KNOWN_MEMBERS} users have to do with the thread.`;

const { ConnectionType: RepliesConnection } = connectionType<ShownMessage>(
  'ThreadReplies',
  Message,
  'the replies of a thread',
);

const ReplyAnchor = builder.inputType('ReplyAnchor', {
  description: 'A place in a thread. Give exactly one field.',
  isOneOf: true,
  fields: (t) => ({
    threadSeq: t.int({ description: 'The number of a reply.' }),
    messageId: t.id({ description: 'The id of a reply, or of the root.' }),
    firstUnread: t.boolean({ description: 'True: the first reply that the viewer has not read.' }),
  }),
});

export const Thread = builder.objectRef<ThreadRow>('Thread').implement({
  description:
    'The replies to a message. It exists from the first reply on, and stays if the message is deleted.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.field({
      type: 'ID',
      description: 'The global id. Opaque.',
      resolve: ({ roomId, rootSeq }) => globalId('Thread', roomId, rootSeq),
    }),
    room: t.field({
      type: Room,
      description: 'The room of the thread.',
      resolve: ({ roomId, isGone }, _args, ctx) => (isGone ? viewOrGone(ctx, roomId) : memberView(roomId)),
    }),
    root: t.field({
      type: Message,
      nullable: true,
      description:
        'The message that the thread belongs to, also if it was deleted. Null if the viewer may not see it.',
      resolve: ({ roomId, rootSeq, isGone }, _args, ctx) =>
        isGone ? null : loadMessage(ctx, { roomId, roomSeq: rootSeq }),
    }),
    title: t.exposeString('title', { nullable: true, description: 'The title. Null if it has none.' }),
    replyCount: t.int({
      description: 'How many replies it has. Deleted replies do not count.',
      resolve: ({ lastThreadSeq, deletedCount }) => lastThreadSeq - deletedCount,
    }),
    lastThreadSeq: t.exposeInt('lastThreadSeq', {
      description: 'The number of the newest reply, also if it was deleted.',
    }),
    lastReplyAt: t.expose('lastReplyAt', {
      type: 'DateTime',
      description: 'When the newest reply was sent.',
    }),
    participantCount: t.exposeInt('participantCount', { description: 'How many users have replied.' }),
    participants: t.field({
      type: [User],
      description: `The users who have replied, in the order of their first replies; at most ${MAX_SHOWN_PARTICIPANTS}.`,
      extensions: pricedList({ usualSize: USUAL_PARTICIPANTS, inEvents: true }),
      resolve: ({ participantIds }, _args, ctx) =>
        Promise.all(participantIds.map(async (userId) => loadUser(ctx, userId))),
    }),
    replies: t.field({
      type: RepliesConnection,
      description:
        'The replies, oldest first in each page. Without first and last: the newest 20. With `around`, `first` counts from the anchor on ' +
        'and `last` before it.',
      extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
      args: {
        ...pageArgs(),
        around: t.arg({
          type: ReplyAnchor,
          description: 'Where the page is: at a reply, or at the first unread one.',
        }),
      },
      resolve: (thread, args, ctx) => withRefusals(ctx, () => listReplies(ctx, thread, args)),
    }),
    viewerIsFollowing: t.boolean({
      nullable: true,
      description:
        'Whether the viewer follows the thread: the author of its root, whoever replies or is mentioned by name, and by followThread. ' +
        IN_EVENTS,
      ...stateField(({ isFollowing }) => isFollowing),
    }),
    viewerReadSeq: t.int({
      nullable: true,
      description: `The viewer has read all replies up to this number. Replying moves it to the reply. ${IN_EVENTS}`,
      ...stateField(({ readSeq }) => readSeq),
    }),
    viewerUnreadCount: t.int({
      nullable: true,
      description: `How many replies the viewer has not read: those above the read mark that were not deleted. Exact. ${IN_EVENTS}`,
      ...stateField(({ replies }) => replies),
    }),
    viewerUnreadMentionCount: t.int({
      nullable: true,
      description: `How many of the unread replies mention the viewer, by name or with @room. ${IN_EVENTS}`,
      ...stateField(({ mentions }) => mentions),
    }),
  }),
});

findableNode('Thread', (ctx, [roomId, rootSeq]) => findThread(ctx, { roomId, rootSeq: rootSeq ?? 0 }));

builder.objectField(Message, 'thread', (t) =>
  t.field({
    type: Thread,
    nullable: true,
    description:
      'The thread that the message begins or is a reply in. In an event: as of the event or later. Null if there is none. For members.',
    resolve: (message, _args, ctx) => threadOf(ctx, message),
  }),
);

// -- lists ---------------------------------------------------------------------------------------

const { ConnectionType: ThreadsConnection } = connectionType<ThreadRow>('Threads', Thread, 'threads');

const ThreadOrder = builder.enumType('ThreadOrder', {
  description: 'The order of the threads of a room.',
  values: enumValues({
    LAST_REPLY: 'The thread with the newest reply first.',
    NEWEST: 'The thread of the newest message first.',
  }),
});

const ThreadFilter = builder.enumType('ThreadFilter', {
  description: "Which of the viewer's threads.",
  values: enumValues({
    ALL: 'All that the viewer follows, or has replied to, read or been mentioned in.',
    FOLLOWED: 'Those that the viewer follows.',
    UNREAD: 'Those that the viewer follows and that have unread replies.',
  }),
});

builder.objectField(Room, 'threads', (t) =>
  t.field({
    type: ThreadsConnection,
    nullable: true,
    description: 'The threads of the room. Default page: 20. For members.',
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: { ...pageArgs(), orderBy: t.arg({ type: ThreadOrder, description: 'LAST_REPLY by default.' }) },
    resolve: (room, args, ctx) =>
      room.access === 'member' ? withRefusals(ctx, () => listThreads(ctx, room.roomId, args)) : null,
  }),
);

builder.objectField(Viewer, 'threads', (t) =>
  t.field({
    type: ThreadsConnection,
    description: "The viewer's threads in all rooms, those with the newest replies first. Default page: 20.",
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: { ...forwardArgs(), filter: t.arg({ type: ThreadFilter, description: 'FOLLOWED by default.' }) },
    resolve: (_viewer, args, ctx) => withRefusals(ctx, () => listMyThreads(signedIn(ctx), args)),
  }),
);
