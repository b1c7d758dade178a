import type { ApolloClient, TypedDocumentNode } from '@apollo/client';
import { testRecipe } from '../harness/recipe-suite.ts';

interface Chat {
  readonly client: ApolloClient;
  stop(): void;
}

testRecipe<Chat>('apollo', {
  read: ({ client }, query: TypedDocumentNode<any>) => client.cache.readQuery({ query }),
});
