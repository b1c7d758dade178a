import { loadUser } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { builder } from '../graphql/builder.ts';
import { accountEventType } from '../rooms/events.schema.ts';
import { hasBlocked } from './blocks.ts';
import { blockChanged } from './events.ts';

// The event stores the user in place of a number of a room.
builder.objectFields(accountEventType(blockChanged), (t) => ({
  user: t.field({
    type: User,
    description: 'The user.',
    resolve: ({ event }, _args, ctx) => loadUser(ctx, event.roomSeq),
  }),
  isBlocked: t.boolean({
    description: 'Whether the viewer has blocked the user, as of the event or later.',
    resolve: ({ event }, _args, ctx) => hasBlocked(ctx, event.roomSeq),
  }),
}));
