import { User } from '../accounts/schema.ts';
import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { pricedList } from '../graphql/pricing.ts';
import { ephemeralType } from '../rooms/ephemeral.schema.ts';
import { MAX_TYPING_SHOWN, setTyping, typing } from './typing.ts';

// Usually one or two users type at a time.
const USUALLY_TYPING = 3;

builder.objectFields(ephemeralType(typing), (t) => ({
  users: t.field({
    type: [User],
    description: `The users who are typing, including the viewer; at most ${MAX_TYPING_SHOWN} of them.`,
    extensions: pricedList({ usualSize: USUALLY_TYPING, inEvents: true }),
    resolve: ({ ephemeral }) => [...ephemeral.people],
  }),
  userCount: t.int({
    description: 'How many users are typing.',
    resolve: ({ ephemeral }) => ephemeral.count,
  }),
}));

const SetTypingSuccess = builder
  .objectRef<Awaited<ReturnType<typeof setTyping>>>('SetTypingSuccess')
  .implement({
    description: "The viewer's typing state was published to the room.",
    fields: (t) => ({
      roomId: t.exposeID('roomId', { description: 'The id of the room.' }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When the typing state expires unless it is repeated. Null if the viewer is not typing.',
      }),
    }),
  });

mutation('setTyping', {
  description:
    'Reports that the viewer is typing in a room, for 6 seconds, or has stopped. Repeat it every 3 seconds while the user types. ' +
    'Sending a message or leaving the room also ends it.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    isTyping: t.boolean({ required: true, description: 'Whether the viewer is typing.' }),
  }),
  success: SetTypingSuccess,
  refusals: ['NOT_FOUND', 'PERMISSION_DENIED', 'CONFLICT', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => setTyping(signedIn(ctx), input),
});
