import { testExample } from '../harness/example-chat.ts';

// Unmodified Relay, with a cache that is fed from the inbox.
testExample('relay');
