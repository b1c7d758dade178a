import { loadUser } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs } from '../graphql/connection.ts';
import { changeRefusals, mutation, ROOM_SEQ } from '../graphql/mutation.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import type { ShownMessage } from '../messages/messages.ts';
import { Message } from '../messages/schema.ts';
import { Room } from '../rooms/schema.ts';
import { listPinned, pinOf } from './pinned.ts';
import { MAX_PINS, type Pinned, pinMessage, unpinMessage } from './pins.ts';

builder.objectFields(Message, (t) => ({
  isPinned: t.boolean({
    description: 'Whether it is pinned in its room. False once deleted. For members.',
    resolve: async (message, _args, ctx) => (await pinOf(ctx, message)) !== null,
  }),
  pinnedBy: t.field({
    type: User,
    nullable: true,
    description: 'The user who pinned it. Null if it is not pinned.',
    resolve: async (message, _args, ctx) => {
      const pin = await pinOf(ctx, message);
      return pin && loadUser(ctx, pin.pinnedBy);
    },
  }),
  pinnedAt: t.field({
    type: 'DateTime',
    nullable: true,
    description: 'When it was pinned. Null if it is not pinned.',
    resolve: async (message, _args, ctx) => {
      const pin = await pinOf(ctx, message);
      return pin && new Date(pin.pinnedAt);
    },
  }),
}));

const { ConnectionType: PinnedMessagesConnection } = connectionType<ShownMessage>(
  'PinnedMessages',
  Message,
  'the pinned messages of a room',
);

builder.objectField(Room, 'pinnedMessages', (t) =>
  t.field({
    type: PinnedMessagesConnection,
    nullable: true,
    description: `The pinned messages that the viewer may see, the newest pin first; at most ${MAX_PINS}. Default page: 20. For members.`,
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: forwardArgs(),
    resolve: (room, args, ctx) =>
      room.access === 'member' ? withRefusals(ctx, () => listPinned(ctx, room.roomId, args)) : null,
  }),
);

// -- mutations ---------------------------------------------------------------------------------

const success = (name: string, description: string) =>
  builder.objectRef<Pinned>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      message: t.field({ type: Message, description: 'The message.', resolve: (done) => done.message }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  });

const input = { messageId: 'The id of the message.' };
const refusals = changeRefusals.filter((code) => code !== 'VALIDATION');

mutation('pinMessage', {
  description:
    'Pins a message in its room. Members with the permission PIN_MESSAGES may, and all members of a direct room. ' +
    `A room has at most ${MAX_PINS} pinned messages; one more is a ConflictError.`,
  input: (t) => ({ messageId: t.id({ required: true, description: input.messageId }) }),
  success: success('PinMessage', 'The message is pinned.'),
  refusals,
  forGuests: true,
  resolve: (ctx, given) => pinMessage(signedIn(ctx), given),
});

mutation('unpinMessage', {
  description: 'Unpins a message. Members who can pin may unpin any pinned message.',
  input: (t) => ({ messageId: t.id({ required: true, description: input.messageId }) }),
  success: success('UnpinMessage', 'The message is not pinned.'),
  refusals,
  forGuests: true,
  resolve: (ctx, given) => unpinMessage(signedIn(ctx), given),
});
