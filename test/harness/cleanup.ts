import { afterAll } from 'vitest';
import { killNodes } from './node.ts';

// A file that failed in the middle has stopped nobody. Hooks run in the opposite order, so what a file itself stops is
// stopped by then.
afterAll(killNodes);
