import { testExample } from '../harness/example-chat.ts';

// Unmodified urql with Graphcache, with a cache that is fed from the inbox.
testExample('urql');
