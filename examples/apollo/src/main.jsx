import { ApolloClient, InMemoryCache } from '@apollo/client';
import { ApolloProvider } from '@apollo/client/react';
import { ParleyLink } from '@parley/apollo';
import { createClient } from '@parley/client';
import { indexedDBStorage } from '@parley/client/indexeddb';
import possibleTypes from '@parley/client/possibleTypes.json';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Chat } from './chat.jsx';

// To use another server: ?server=https://chat.example.org
const server = new URLSearchParams(location.search).get('server') ?? 'http://localhost:4000';

const parley = createClient({ url: `${server}/graphql`, storage: indexedDBStorage('parley example') });
const cache = new InMemoryCache({
  possibleTypes,
  // Items of a stream follow each other; none is a newer form of another.
  typePolicies: { Subscription: { fields: { inbox: { merge: false }, room: { merge: false } } } },
});
const apollo = new ApolloClient({ cache, link: new ParleyLink(parley, cache) });

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <ApolloProvider client={apollo}>
      <Chat parley={parley} />
    </ApolloProvider>
  </StrictMode>,
);
