import type { GraphQLResolveInfo } from 'graphql';
import { loadUser } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { type Context, type SignedIn, signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import { enumValues } from '../graphql/enum-values.ts';
import { idOf } from '../graphql/ids.ts';
import { argumentsAhead } from '../graphql/lookahead.ts';
import { changeRefusals, mutation, ROOM_SEQ } from '../graphql/mutation.ts';
import { findableNode, globalId, Node } from '../graphql/nodes.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { priced, pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { memberView, type RoomView, viewRoom } from '../rooms/access.ts';
import { viewerField } from '../rooms/permissions.ts';
import { Room } from '../rooms/schema.ts';
import type { MessageRecord } from './events.ts';
import { type HistoryArgs, lastMessage, listMessages, messageCursor, openRoom } from './history.ts';
import {
  type ChangedMessage,
  deleteMessage,
  editMessage,
  findMessage,
  loadMessage,
  type Sent,
  type ShownMessage,
  sendMessage,
} from './messages.ts';
import { editedPartsOf, editFields, partFields, partsOf } from './parts.schema.ts';
import { mayDelete, mayEdit } from './permissions.ts';
import { PLAIN_TEXT_POINTS, plainTextOf } from './text.ts';
import { visibilityOf } from './visibility.ts';

export const Message = builder.objectRef<ShownMessage>('Message');
const types = connectionType<ShownMessage>('RoomMessages', Message, "a room's messages");
export const RoomMessagesEdge = types.EdgeType;

/** The edge of a message in the main timeline, for a list that the client already shows; null if it is only in a thread. */
export const edgeOf = (message: MessageRecord) =>
  message.seq === null ? null : { cursor: messageCursor(message), node: message };

export const MessageVisibility = builder.enumType('MessageVisibility', {
  description:
    'What the viewer sees of a message that another message refers to. There will be more values: treat those that you do not know like ' +
    'INVISIBLE.',
  values: enumValues({
    VISIBLE: 'The viewer may see it.',
    DELETED: 'It was deleted: it has no text.',
    INVISIBLE: 'The viewer may not see it, or it does not exist any more.',
  }),
});

/** The message that another one quotes; null if the viewer may not see it. */
const Quote = builder.objectRef<{ readonly message: MessageRecord | null }>('Quote').implement({
  description: 'That a message quotes another one, and what the viewer sees of that.',
  fields: (t) => ({
    state: t.field({
      type: MessageVisibility,
      description: 'What the viewer sees of the quoted message.',
      extensions: priced({ points: 0 }),
      resolve: ({ message }) => visibilityOf(message),
    }),
    message: t.field({
      type: Message,
      nullable: true,
      description: 'The quoted message, without text if it was deleted. Null if the viewer may not see it.',
      resolve: ({ message }) => message,
    }),
  }),
});

/** The message that it quotes; null if the viewer may not see it, or there is none. */
async function quotedBy(
  { roomId, replyToRoomSeq }: ShownMessage,
  ctx: Context,
): Promise<MessageRecord | null> {
  return replyToRoomSeq === null ? null : loadMessage(ctx, { roomId, roomSeq: replyToRoomSeq });
}

Message.implement({
  description: 'A message in a room.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.field({
      type: 'ID',
      description: 'The global id. Opaque.',
      resolve: (m) => globalId('Message', m.roomId, m.roomSeq),
    }),
    room: t.field({
      type: Room,
      description: 'The room of the message.',
      resolve: (m) => m.room ?? memberView(m.roomId),
    }),
    seq: t.exposeInt('seq', {
      nullable: true,
      description:
        'The number of the message in the main timeline of the room, from 1 without gaps. Null for replies that are only in a thread.',
    }),
    threadSeq: t.exposeInt('threadSeq', {
      nullable: true,
      description:
        'The number of a reply in its thread, from 1 without gaps. Null for messages that are not in a thread, and for its root.',
    }),
    author: t.field({
      type: User,
      description: 'The user who sent it.',
      resolve: (m, _a, ctx) => m.author ?? loadUser(ctx, m.authorId),
    }),
    text: t.exposeString('text', {
      nullable: true,
      description:
        'The text as it was sent, in Markdown, never HTML: escape it before you show it. Null after deletion.',
    }),
    plainText: t.string({
      nullable: true,
      description:
        'The text without its Markdown, a line per block, for notifications and screen readers; tables, HTML and references as ' +
        'they were written. Null once deleted.',
      extensions: priced({ points: PLAIN_TEXT_POINTS }),
      resolve: (m, _a, ctx) => (m.text === null ? null : plainTextOf(ctx.node, m.text)),
    }),
    sentAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When it was stored. Never decreases within a room.',
    }),
    editedAt: t.expose('editedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last edited. Null if it never was.',
    }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was deleted. Null if it was not.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When it disappears: from then on it is shown as deleted, and MessageDeleted follows. Null if it stays.',
      extensions: priced({ points: 0 }),
    }),
    version: t.exposeInt('version', {
      description:
        'Increases with every edit and with the deletion. When you merge data, keep the highest version.',
    }),
    replyTo: t.field({
      type: Message,
      nullable: true,
      description:
        'The message that it quotes. Null if it quotes none, or if the viewer may not see that message; `quote` tells which.',
      resolve: (m, _a, ctx) => quotedBy(m, ctx),
    }),
    quote: t.field({
      type: Quote,
      nullable: true,
      description: 'Set if it quotes a message, also one that was deleted or that the viewer may not see.',
      extensions: priced({ points: 0 }),
      resolve: (m, _a, ctx) =>
        m.replyToRoomSeq === null ? null : quotedBy(m, ctx).then((message) => ({ message })),
    }),
    viewerCanEdit: t.boolean({
      description:
        'Whether the viewer may edit it. The author may, as long as the author can send messages in the room.',
      ...viewerField(mayEdit),
    }),
    viewerCanDelete: t.boolean({
      description:
        'Whether the viewer may delete it. The author may, and members with a higher role that allows it.',
      ...viewerField(mayDelete),
    }),
    idempotencyKey: t.exposeID('idempotencyKey', {
      description:
        'The idempotency key that the author sent it with. A client recognises its own messages by it.',
    }),
  }),
});

findableNode('Message', (ctx, [roomId, roomSeq]) => findMessage(ctx, { roomId, roomSeq: roomSeq ?? 0 }));

const MessageAnchor = builder.inputType('MessageAnchor', {
  description: 'A place in a timeline. Give exactly one field.',
  isOneOf: true,
  fields: (t) => ({
    seq: t.int({ description: 'The number of a message.' }),
    messageId: t.id({ description: 'The id of a message of this room.' }),
    date: t.field({ type: 'DateTime', description: 'The first message at or after this time.' }),
    firstUnread: t.boolean({ description: 'True: the first message that the viewer has not read.' }),
  }),
});

builder.objectField(Room, 'messages', (t) =>
  t.field({
    type: types.ConnectionType,
    nullable: true,
    description:
      'The messages of the main timeline, oldest first in each page. Without first and last: the newest 20. With `around`, ' +
      '`first` counts from the anchor on and `last` before it. For members.',
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: {
      ...pageArgs(),
      around: t.arg({
        type: MessageAnchor,
        description: 'Where the page is: at a message, a date, or the first unread message.',
      }),
    },
    resolve: (room, args, ctx) =>
      room.access === 'member' ? withRefusals(ctx, () => listMessages(ctx, room, args)) : null,
  }),
);

builder.objectField(Room, 'lastMessage', (t) =>
  t.field({
    type: Message,
    nullable: true,
    description:
      'The newest message of the main timeline, also if it was deleted. Null if there is none. In an event, as of that event. For members.',
    resolve: (room, _args, ctx) => (room.access === 'member' ? lastMessage(ctx, room) : null),
  }),
);

// Defined here and not in rooms, because it reads a room together with a page of its messages.
builder.queryField('room', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: Room,
    nullable: true,
    description: 'The room with this id. Null if it does not exist or the viewer may not see it.',
    args: { id: t.arg.id({ required: true, description: 'The id of a room.' }) },
    resolve: (_root, { id }, ctx, info) => withRefusals(ctx, () => roomById(ctx, id, info)),
  }),
);

async function roomById(ctx: SignedIn, id: string, info: GraphQLResolveInfo): Promise<RoomView | null> {
  const roomId = idOf('Room', id);
  if (roomId === null) return null;
  // Several rooms are read together, and so are their pages.
  const isAlone = info.operation.selectionSet.selections.length === 1;
  const page = isAlone ? (argumentsAhead(info, 'messages') as HistoryArgs | null) : null;
  return page && !page.around ? openRoom(ctx, roomId, page) : viewRoom(ctx, roomId);
}

// -- mutations ---------------------------------------------------------------------------------

mutation('sendMessage', {
  description:
    'Sends a message to a room. A second call with the same key and content returns the first message.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    text: t.string({
      required: true,
      description:
        '1 to 5,000 Unicode characters, without U+0000. Stored as sent, without line breaks at the end. @username mentions a ' +
        'member, @room and @here all members, @owners, @admins and @moderators those with the role; code mentions nobody.',
    }),
    idempotencyKey: t.id({
      required: true,
      description:
        'A key chosen by the client, 1 to 128 characters, unique per author and room. The server keeps it for ever. Use UUIDv7: time-ordered keys are fastest.',
    }),
    replyToId: t.id({ description: 'The id of a message of the same room that the new message quotes.' }),
    threadRootId: t.id({
      description:
        'Sends a reply in the thread of this message of the same room; the first reply begins the thread. A reply to a reply goes to ' +
        'the same thread. The reply is not in the main timeline, and does not count as unread in the room.',
    }),
    alsoSendToRoom: t.boolean({
      description:
        'True: the reply is also in the main timeline, as one message with both numbers. Only with threadRootId.',
    }),
    ...partFields(t),
  }),
  success: builder.objectRef<Sent>('SendMessageSuccess').implement({
    description: 'The message is stored. It survives any crash, and every member will receive it.',
    fields: (t) => ({
      message: t.field({ type: Message, description: 'The message.', resolve: (sent) => sent.message }),
      messageEdge: t.field({
        type: RoomMessagesEdge,
        nullable: true,
        description:
          'The edge of the message in the main timeline. Null for a reply that is only in a thread.',
        resolve: (sent) => edgeOf(sent.message),
      }),
      replayed: t.exposeBoolean('replayed', {
        description: 'True if an earlier call with the same key stored the message.',
      }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  }),
  refusals: [...changeRefusals, 'IDEMPOTENCY_CONFLICT'],
  forGuests: true,
  resolve: (ctx, input) => sendMessage(signedIn(ctx), input, partsOf(input)),
});

const changedMessage = (name: string, what: string) =>
  builder.objectRef<ChangedMessage>(`${name}Success`).implement({
    description: what,
    fields: (t) => ({
      message: t.field({
        type: Message,
        description: 'The message after the change.',
        resolve: (done) => done.message,
      }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  });

mutation('editMessage', {
  description: 'Changes the text of a message of the viewer, and its metadata if there is new.',
  input: (t) => ({
    messageId: t.id({ required: true, description: 'The id of the message.' }),
    text: t.string({ required: true, description: 'The new text, with the same rules as in sendMessage.' }),
    expectedVersion: t.int({
      description:
        'The version that the user edited. If the message has another version, the result is a ConflictError.',
    }),
    ...editFields(t),
  }),
  success: changedMessage('EditMessage', 'The message has the new text.'),
  refusals: changeRefusals,
  forGuests: true,
  resolve: (ctx, input) => editMessage(signedIn(ctx), input, editedPartsOf(input)),
});

mutation('deleteMessage', {
  description:
    'Deletes a message of the viewer, or of a member with a lower role. The message keeps its number, without its text.',
  input: (t) => ({ messageId: t.id({ required: true, description: 'The id of the message.' }) }),
  success: changedMessage('DeleteMessage', 'The message was deleted: its text is gone, its number stays.'),
  refusals: changeRefusals.filter((code) => code !== 'VALIDATION'),
  forGuests: true,
  resolve: (ctx, input) => deleteMessage(signedIn(ctx), input),
});
