import type { GraphQLResolveInfo } from 'graphql';
import { loadUser } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { type SignedIn, signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import { idOf } from '../graphql/ids.ts';
import { argumentsAhead } from '../graphql/lookahead.ts';
import { mutation } from '../graphql/mutation.ts';
import { findableNode, globalId, Node } from '../graphql/nodes.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { priced, pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { memberView, type RoomView, viewRoom } from '../rooms/access.ts';
import { viewerField } from '../rooms/permissions.ts';
import { Room } from '../rooms/schema.ts';
import type { MessageRecord } from './events.ts';
import { type HistoryArgs, listMessages, messageCursor, openRoom } from './history.ts';
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
import { mayDelete, mayEdit } from './permissions.ts';
import { PLAIN_TEXT_POINTS, plainTextOf } from './text.ts';

export const Message = builder.objectRef<ShownMessage>('Message');
const types = connectionType<ShownMessage>('RoomMessages', Message, "a room's messages");
export const RoomMessagesEdge = types.EdgeType;

/** Where a message stands in the main timeline, for a list that is shown already. */
export const edgeOf = (message: MessageRecord) => ({ cursor: messageCursor(message), node: message });

Message.implement({
  description: 'Something a member said in a room.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.field({
      type: 'ID',
      description: 'Opaque global id.',
      resolve: (m) => globalId('Message', m.roomId, m.roomSeq),
    }),
    room: t.field({
      type: Room,
      description: 'Where it was said.',
      resolve: (m) => m.room ?? memberView(m.roomId),
    }),
    seq: t.exposeInt('seq', {
      nullable: true,
      description:
        "Dense ordinal in the room's main timeline, from 1; null for replies that live in a thread only.",
    }),
    author: t.field({
      type: User,
      description: 'Who said it.',
      resolve: (m, _a, ctx) => m.author ?? loadUser(ctx, m.authorId),
    }),
    text: t.exposeString('text', {
      nullable: true,
      description: 'As it was sent; null once deleted. Markdown, never HTML: escape it where you show it.',
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
      description: 'When it was stored. Never runs backwards inside a room.',
    }),
    editedAt: t.expose('editedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last edited.',
    }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was deleted.',
    }),
    version: t.exposeInt('version', {
      description: 'Counts up with every edit and the deletion. Keep the highest you saw.',
    }),
    replyTo: t.field({
      type: Message,
      nullable: true,
      description: 'The message that it quotes; null too where the viewer may not see that one.',
      resolve: (m, _a, ctx) =>
        m.replyToRoomSeq === null ? null : loadMessage(ctx, { roomId: m.roomId, roomSeq: m.replyToRoomSeq }),
    }),
    viewerCanEdit: t.boolean({
      description:
        'Whether the viewer may change its text: the author, as long as the author can send messages in the room.',
      ...viewerField(mayEdit),
    }),
    viewerCanDelete: t.boolean({
      description:
        'Whether the viewer may delete it: the author, and members of higher rank whose role allows it.',
      ...viewerField(mayDelete),
    }),
    idempotencyKey: t.exposeID('idempotencyKey', {
      description: 'The key its author sent it with: how a device recognises its own.',
    }),
  }),
});

findableNode('Message', (ctx, [roomId, roomSeq]) => findMessage(ctx, { roomId, roomSeq: roomSeq ?? 0 }));

const MessageAnchor = builder.inputType('MessageAnchor', {
  description: 'A place in a timeline; exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    seq: t.int({ description: 'The number of a message.' }),
    messageId: t.id({ description: 'The id of a message of the room.' }),
    date: t.field({ type: 'DateTime', description: 'The first message at or after this time.' }),
    firstUnread: t.boolean({ description: 'The first message that the viewer has not read.' }),
  }),
});

builder.objectField(Room, 'messages', (t) =>
  t.field({
    type: types.ConnectionType,
    nullable: true,
    description:
      'Main timeline, oldest first inside a page. Without first or last: the newest 20. With `around`, `first` counts from the anchor ' +
      'on and `last` before it. For members.',
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: {
      ...pageArgs(),
      around: t.arg({
        type: MessageAnchor,
        description: 'The place to look at: a permalink, a date, the first unread.',
      }),
    },
    resolve: (room, args, ctx) =>
      room.access === 'member' ? withRefusals(ctx, () => listMessages(ctx, room, args)) : null,
  }),
);

// Here and not with the rooms, because it reads them together with a page of their messages.
builder.queryField('room', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: Room,
    nullable: true,
    description: 'A room by its id; null where there is none that the viewer may see.',
    args: { id: t.arg.id({ required: true, description: 'The id of a room.' }) },
    resolve: (_root, { id }, ctx, info) => withRefusals(ctx, () => roomById(ctx, id, info)),
  }),
);

async function roomById(ctx: SignedIn, id: string, info: GraphQLResolveInfo): Promise<RoomView | null> {
  const roomId = idOf('Room', id);
  if (roomId === null) return null;
  // Several rooms are read together, their pages, too.
  const isAlone = info.operation.selectionSet.selections.length === 1;
  const page = isAlone ? (argumentsAhead(info, 'messages') as HistoryArgs | null) : null;
  return page && !page.around ? openRoom(ctx, roomId, page) : viewRoom(ctx, roomId);
}

// -- mutations ---------------------------------------------------------------------------------

const ROOM_SEQ =
  "The position in the room's log that covers this write; a stream that has passed it shows it.";
const refusals = [
  'VALIDATION',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
  'UNAVAILABLE',
] as const;

mutation('sendMessage', {
  description:
    'Says something in a room. Sending again with the same key and content gives back the first message.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    text: t.string({
      required: true,
      description:
        '1 to 5,000 characters of any Unicode but U+0000. Stored as sent, line breaks at the end taken off.',
    }),
    idempotencyKey: t.id({
      required: true,
      description:
        'Made by the client, 1 to 128 characters, unique per author and room, kept for ever. Time-ordered ones (UUIDv7) are best.',
    }),
    replyToId: t.id({ description: 'The id of a message of the same room that it quotes.' }),
  }),
  success: builder.objectRef<Sent>('SendMessageSuccess').implement({
    description: 'The message is stored: it survives any crash, and every member will receive it.',
    fields: (t) => ({
      message: t.field({ type: Message, description: 'The message.', resolve: (sent) => sent.message }),
      messageEdge: t.field({
        type: RoomMessagesEdge,
        nullable: true,
        description: 'Its edge in the main timeline.',
        resolve: (sent) => edgeOf(sent.message),
      }),
      replayed: t.exposeBoolean('replayed', { description: 'It had been sent before with the same key.' }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  }),
  refusals: [...refusals, 'IDEMPOTENCY_CONFLICT'],
  resolve: (ctx, input) => sendMessage(signedIn(ctx), input),
});

const changedMessage = (name: string, what: string) =>
  builder.objectRef<ChangedMessage>(`${name}Success`).implement({
    description: what,
    fields: (t) => ({
      message: t.field({
        type: Message,
        description: 'The message after it.',
        resolve: (done) => done.message,
      }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  });

mutation('editMessage', {
  description: "Changes the text of the viewer's own message.",
  input: (t) => ({
    messageId: t.id({ required: true, description: 'The id of the message.' }),
    text: t.string({ required: true, description: 'The new text, as for sendMessage.' }),
    expectedVersion: t.int({
      description: 'Refuse with a ConflictError if the message is not in this version any more.',
    }),
  }),
  success: changedMessage('EditMessage', 'The message says what was asked.'),
  refusals,
  resolve: (ctx, input) => editMessage(signedIn(ctx), input),
});

mutation('deleteMessage', {
  description:
    "Deletes the viewer's own message, or that of a member of lower rank. A tombstone keeps its number.",
  input: (t) => ({ messageId: t.id({ required: true, description: 'The id of the message.' }) }),
  success: changedMessage('DeleteMessage', 'The text is gone.'),
  refusals: refusals.filter((code) => code !== 'VALIDATION'),
  resolve: (ctx, input) => deleteMessage(signedIn(ctx), input),
});
