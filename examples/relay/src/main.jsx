import { createClient } from '@parley/client';
import { indexedDBStorage } from '@parley/client/indexeddb';
import { createParley } from '@parley/relay';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RelayEnvironmentProvider } from 'react-relay';
import { Environment, Network, RecordSource, Store } from 'relay-runtime';
import { Chat } from './chat.jsx';

// To use another server: ?server=https://chat.example.org
const server = new URLSearchParams(location.search).get('server') ?? 'http://localhost:4000';

const client = createClient({ url: `${server}/graphql`, storage: indexedDBStorage('parley example') });
// The arguments of the lists `Room.messages` that receive new messages.
const { fetchQuery, subscribe, start } = createParley(client, { lists: [{ last: 50 }] });
const environment = new Environment({
  network: Network.create(fetchQuery, subscribe),
  store: new Store(new RecordSource()),
});
start(environment);

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <RelayEnvironmentProvider environment={environment}>
      <Chat parley={client} />
    </RelayEnvironmentProvider>
  </StrictMode>,
);
