import { Client, gql, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { createParley } from '../../packages/urql/src/index.ts';
import { testCache } from '../harness/cache-suite.ts';

const MESSAGES = gql`
  query Messages($id: ID!) {
    room(id: $id) { id messages(last: 5) { nodes { id seq text } } }
  }
`;
const FOLLOW = gql`
  subscription Follow($id: ID!) {
    room(id: $id) { ... on MessageCreated { message { id seq text } } }
  }
`;

interface Shown {
  readonly room: { readonly messages: { readonly nodes: readonly { readonly text: string | null }[] } };
}

testCache((client) => {
  const { keys, updates, forwardSubscription, start } = createParley(client);
  const urql = new Client({
    url: 'http://localhost/graphql',
    preferGetMethod: false,
    exchanges: [
      cacheExchange({ keys: { ...keys, RoomEventsConnection: () => null }, updates }),
      subscriptionExchange({ forwardSubscription, enableAllOperations: true }),
    ],
  });
  const stop = start(urql);
  const stops = [stop];
  return {
    async show(id) {
      let texts: (string | null)[] = [];
      const query = urql.query<Shown>(MESSAGES, { id }).subscribe(({ data }) => {
        texts = data?.room?.messages?.nodes.map(({ text }) => text) ?? texts;
      });
      stops.push(() => query.unsubscribe());
      return () => texts;
    },
    async askPartly(document, variables) {
      const { data, error } = await urql.query(document, variables).toPromise();
      return { data, messages: error?.graphQLErrors.map(({ message }) => message) ?? [] };
    },
    follow(id, onText) {
      const subscription = urql
        .subscription(FOLLOW, { id })
        .subscribe(({ data }) => data?.room.message && onText(data.room.message.text));
      return () => subscription.unsubscribe();
    },
    close() {
      for (const end of stops) end();
    },
  };
});
