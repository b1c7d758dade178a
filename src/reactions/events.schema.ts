import { builder } from '../graphql/builder.ts';
import { messageEventType } from '../messages/events.schema.ts';
import { groupIn, reactionsChanged } from './events.ts';
import { ReactionGroup } from './schema.ts';

builder.objectField(messageEventType(reactionsChanged), 'reactionGroup', (t) =>
  t.field({
    type: ReactionGroup,
    description: 'All reactions with this emoji as of the event.',
    resolve: ({ event }, _args, { node }) => groupIn(event, node.logFollower.now()),
  }),
);
