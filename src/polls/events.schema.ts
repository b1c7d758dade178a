import { builder } from '../graphql/builder.ts';
import { messageEventType } from '../messages/events.schema.ts';
import { messageIn } from '../messages/events.ts';
import { factsIn, pollUpdated } from './events.ts';
import { pollOf } from './reading.ts';
import { Poll, shownPoll } from './schema.ts';

builder.objectField(messageEventType(pollUpdated), 'poll', (t) =>
  t.field({
    type: Poll,
    nullable: true,
    description: 'The whole poll as of the event or later. Null if the message was deleted since.',
    resolve: async ({ event }, _args, ctx) => {
      const message = messageIn(event, ctx.node.logFollower.now());
      const poll = await pollOf(ctx, message);
      const change = factsIn(event);
      return shownPoll(poll && change ? { change, ...poll } : poll, message);
    },
  }),
);
