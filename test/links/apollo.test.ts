import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { ParleyLink } from '../../packages/apollo/src/index.ts';
import possibleTypes from '../../packages/client/possibleTypes.json' with { type: 'json' };
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
interface Said {
  readonly room: { readonly message?: { readonly text: string } };
}

/** Items of a stream follow each other; none is a newer form of another. */
const typePolicies = { Subscription: { fields: { room: { merge: false }, inbox: { merge: false } } } };

testCache((client) => {
  const cache = new InMemoryCache({ possibleTypes, typePolicies });
  const link = new ParleyLink(client, cache);
  const apollo = new ApolloClient({ cache, link });
  return {
    async show(id) {
      const query = apollo.watchQuery<Shown>({ query: MESSAGES, variables: { id } });
      let texts: (string | null)[] = [];
      query.subscribe(({ data }) => {
        texts = (data as Shown | undefined)?.room?.messages?.nodes.map(({ text }) => text) ?? texts;
      });
      return () => texts;
    },
    async askPartly(document, variables) {
      const query = gql(document);
      const { data, error } = await apollo.query({ query, variables, errorPolicy: 'all' });
      return { data, messages: error ? [error.message] : [] };
    },
    follow(id, onText) {
      const subscription = apollo
        .subscribe<Said>({ query: FOLLOW, variables: { id } })
        .subscribe(({ data }) => data?.room.message && onText(data.room.message.text));
      return () => subscription.unsubscribe();
    },
    close() {
      link.stop();
      apollo.stop();
    },
  };
});
