import type { Capability } from '../capability.ts';

export const identities: Capability = { name: 'identities' };
