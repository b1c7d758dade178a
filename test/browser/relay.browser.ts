import { testExample } from '../harness/example-chat.ts';

// Relay, unmodified, whose cache is fed from the inbox.
testExample('relay');
