import { type Context, signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { changeRefusals, mutation, ROOM_SEQ } from '../graphql/mutation.ts';
import { priced } from '../graphql/pricing.ts';
import type { MessageRecord } from '../messages/events.ts';
import { findMessage, type Sent } from '../messages/messages.ts';
import { edgeOf, Message, MessageVisibility, RoomMessagesEdge } from '../messages/schema.ts';
import { visibilityOf } from '../messages/visibility.ts';
import { forwardMessage } from './forwarding.ts';
import { type Origin, originOf } from './origins.ts';

// Who sees the origin depends on another room, of which a stream may not know the viewer's rights.
const ofViewer = priced({ outsideEvents: true });

const findOrigin = (ctx: Context, { originRoomId, originRoomSeq }: Origin): Promise<MessageRecord | null> =>
  findMessage(ctx, { roomId: originRoomId, roomSeq: originRoomSeq });

const Forward = builder.objectRef<Origin>('Forward').implement({
  description: 'Where the text of a forwarded message comes from.',
  fields: (t) => ({
    state: t.field({
      type: MessageVisibility,
      description: 'Whether the viewer may see the origin now. Not in subscriptions.',
      extensions: ofViewer,
      resolve: async (forward, _args, ctx) => visibilityOf(await findOrigin(ctx, forward)),
    }),
    origin: t.field({
      type: Message,
      nullable: true,
      description:
        'The message that was forwarded first, also if it was deleted. Null if the viewer may not see it: then nobody tells its ' +
        'author and its room either. Not in subscriptions.',
      extensions: ofViewer,
      resolve: (forward, _args, ctx) => findOrigin(ctx, forward),
    }),
    sentAt: t.field({
      type: 'DateTime',
      description: 'When the origin was sent.',
      extensions: priced({ points: 0 }),
      resolve: ({ sentAt }) => new Date(sentAt),
    }),
  }),
});

builder.objectField(Message, 'forward', (t) =>
  t.field({
    type: Forward,
    nullable: true,
    description:
      'Set if the message was forwarded and its text has not been edited since. The text is a copy: it stays when the origin is edited ' +
      'or deleted.',
    extensions: priced({ points: 0 }),
    resolve: (message, _args, ctx) => originOf(ctx, message),
  }),
);

mutation('forwardMessage', {
  description:
    'Sends the text of a message that the viewer may see to the same or another room, as a new message of the viewer. It has no poll, ' +
    'no metadata and no quote, and mentions nobody. A message that was forwarded already keeps its first origin. A second call with ' +
    'the same key and input returns the first message, also if the origin was edited or deleted since.',
  input: (t) => ({
    messageId: t.id({ required: true, description: 'The id of the message that is forwarded.' }),
    roomId: t.id({ required: true, description: 'The id of the room that gets the new message.' }),
    idempotencyKey: t.id({
      required: true,
      description: 'A key chosen by the client, with the same rules as in sendMessage.',
    }),
    threadRootId: t.id({
      description:
        'Sends the message as a reply in the thread of this message of that room, as in sendMessage.',
    }),
    alsoSendToRoom: t.boolean({
      description: 'True: the reply is also in the main timeline. Only with threadRootId.',
    }),
  }),
  success: builder.objectRef<Sent>('ForwardMessageSuccess').implement({
    description: 'The new message is stored.',
    fields: (t) => ({
      message: t.field({ type: Message, description: 'The new message.', resolve: (sent) => sent.message }),
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
  resolve: (ctx, input) => forwardMessage(signedIn(ctx), input),
});
