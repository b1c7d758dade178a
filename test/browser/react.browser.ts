import { testExample } from '../harness/example-chat.ts';

// The hooks, in an application with StrictMode.
testExample('react');
