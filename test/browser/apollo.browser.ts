import { testExample } from '../harness/example-chat.ts';

// Unmodified Apollo Client, with a cache that is fed from the inbox.
testExample('apollo');
