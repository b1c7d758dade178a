import { createClient } from '@parley/client';
import { indexedDBStorage } from '@parley/client/indexeddb';
import { ParleyProvider } from '@parley/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Chat } from './chat.jsx';

// To use another server: ?server=https://chat.example.org
const server = new URLSearchParams(location.search).get('server') ?? 'http://localhost:4000';

const client = createClient({ url: `${server}/graphql`, storage: indexedDBStorage('parley example') });

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <ParleyProvider client={client}>
      <Chat />
    </ParleyProvider>
  </StrictMode>,
);
