import {
  createOperationDescriptor,
  Environment,
  fetchQuery,
  Network,
  RecordSource,
  requestSubscription,
  Store,
} from 'relay-runtime';
import { createParley } from '../../packages/relay/src/index.ts';
import { testCache } from '../harness/cache-suite.ts';
import { compile } from '../harness/relay-artifact.ts';

const MESSAGES = compile(`query Messages($id: ID!) {
  room(id: $id) { id messages(last: 5) { nodes { id seq text } } }
}`);
const FOLLOW = compile(`subscription Follow($id: ID!) {
  room(id: $id) { ... on MessageCreated { message { id seq text } } }
}`);

interface Shown {
  readonly room?: { readonly messages?: { readonly nodes: readonly { readonly text: string | null }[] } };
}
interface Said {
  readonly room?: { readonly message?: { readonly text: string } };
}

testCache((client) => {
  const parley = createParley(client, { lists: [{ last: 5 }] });
  const environment = new Environment({
    network: Network.create(parley.fetchQuery, parley.subscribe),
    store: new Store(new RecordSource()),
  });
  const stop = parley.start(environment);
  return {
    async show(id) {
      const operation = createOperationDescriptor(MESSAGES, { id });
      environment.retain(operation);
      await fetchQuery(environment, MESSAGES, { id }).toPromise();
      const snapshot = environment.lookup(operation.fragment);
      const textsOf = (data: unknown) => (data as Shown).room?.messages?.nodes.map(({ text }) => text) ?? [];
      let texts = textsOf(snapshot.data);
      environment.subscribe(snapshot, ({ data }) => {
        texts = textsOf(data);
      });
      return () => texts;
    },
    async askPartly(document, variables) {
      const response = await parley.fetchQuery(compile(document).params, variables).toPromise();
      const { data, errors = [] } = response as { data: unknown; errors?: { message: string }[] };
      return { data, messages: errors.map(({ message }) => message) };
    },
    follow(id, onText) {
      const subscription = requestSubscription(environment, {
        subscription: FOLLOW,
        variables: { id },
        onNext: (data) => {
          const { room } = data as Said;
          if (room?.message) onText(room.message.text);
        },
      });
      return () => subscription.dispose();
    },
    close: stop,
  };
});
