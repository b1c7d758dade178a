import { createClient } from '@parley/client';
import { indexedDBStorage } from '@parley/client/indexeddb';
import { createParley } from '@parley/urql';
import { cacheExchange } from '@urql/exchange-graphcache';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Client, Provider, subscriptionExchange } from 'urql';
import { Chat } from './chat.jsx';

// To use another server: ?server=https://chat.example.org
const server = new URLSearchParams(location.search).get('server') ?? 'http://localhost:4000';

const client = createClient({ url: `${server}/graphql`, storage: indexedDBStorage('parley example') });
const { keys, updates, forwardSubscription, start } = createParley(client);
const urql = new Client({
  url: `${server}/graphql`,
  exchanges: [
    cacheExchange({ keys, updates }),
    subscriptionExchange({ forwardSubscription, enableAllOperations: true }),
  ],
});
start(urql);

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <Provider value={urql}>
      <Chat parley={client} />
    </Provider>
  </StrictMode>,
);
