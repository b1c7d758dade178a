import { builder } from './builder.ts';

builder.queryType({ description: 'All queries.' });
builder.mutationType({
  description:
    'Everything that can be changed. Each mutation returns a union: its success, or a refusal as data. ' +
    'Mutations without an idempotency key describe the desired state, and succeed if the state is already so.',
});
builder.subscriptionType({
  description:
    'All streams. A stream delivers the events after a cursor, then new events as they happen, in order and once.',
});
