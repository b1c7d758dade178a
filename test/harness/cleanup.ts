import { afterAll } from 'vitest';
import { killNodes } from './node.ts';

// A test file that failed halfway has stopped nothing. Hooks run in reverse order, so this runs after the hooks of the
// file.
afterAll(killNodes);
