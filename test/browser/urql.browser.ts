import { testExample } from '../harness/example-chat.ts';

// urql with Graphcache, unmodified, whose cache is fed from the inbox.
testExample('urql');
