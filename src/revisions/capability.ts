import type { Capability } from '../capability.ts';

export const revisions: Capability = { name: 'revisions' };
