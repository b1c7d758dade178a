import { builder } from './builder.ts';

builder.queryType({ description: 'Everything that can be read.' });
builder.mutationType({
  description:
    'Everything that can be changed. Each mutation returns a union: its success, or a refusal as data. ' +
    'Mutations without an idempotency key describe a goal state: asking for what already is so succeeds.',
});
builder.subscriptionType({
  description: 'Streams: the backlog after a cursor, then everything new, in order and once.',
});
