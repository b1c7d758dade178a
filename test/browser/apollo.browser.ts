import { testExample } from '../harness/example-chat.ts';

// Apollo Client, unmodified, whose cache is fed from the inbox.
testExample('apollo');
