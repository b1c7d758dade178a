import type { Capability } from '../capability.ts';

/** Joins through invites are the events of `rooms`. */
export const invites: Capability = { name: 'invites' };
