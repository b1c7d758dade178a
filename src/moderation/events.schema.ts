import { loadUser } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { builder } from '../graphql/builder.ts';
import { roomEventType } from '../rooms/events.schema.ts';
import { memberTimedOut, type TimeoutFacts } from './events.ts';
import { dateOf } from './timeouts.ts';

builder.objectFields(roomEventType(memberTimedOut), (t) => ({
  user: t.field({
    type: User,
    description: 'The member.',
    resolve: ({ event }, _args, ctx) => loadUser(ctx, event.subject ?? 0),
  }),
  until: t.field({
    type: 'DateTime',
    nullable: true,
    description:
      'Until when the member may not send messages. The end itself is no event. Null if the timeout was ended.',
    resolve: ({ event }) => dateOf((event.facts as TimeoutFacts).until),
  }),
}));
