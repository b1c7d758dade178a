import type { Capability } from '../capability.ts';
import { purgeInvites } from './retention.ts';

/** Joins through invites are the events of `rooms`. */
export const invites: Capability = {
  name: 'invites',
  chores: (node) => [
    {
      run: () => purgeInvites(node),
      done: 'invites that ended long ago were deleted',
      failed: 'invites that ended long ago could not be deleted',
    },
  ],
};
