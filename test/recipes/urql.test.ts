import type { Client } from '@urql/core';
import { testRecipe } from '../harness/recipe-suite.ts';

// Graphcache stores nothing where this is `test`.
process.env['NODE_ENV'] = 'development';

interface Chat {
  readonly client: Client;
  stop(): void;
}

testRecipe<Chat>('urql', {
  read: ({ client }, query) => client.readQuery(query, {}, { requestPolicy: 'cache-only' })?.data,
});
