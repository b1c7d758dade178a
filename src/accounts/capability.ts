import type { Capability } from '../capability.ts';
import { removeUnusedGuests } from './guests.ts';
import { mailJobs } from './mail-jobs.ts';
import { tellRooms } from './profile.ts';

export const accounts: Capability = {
  name: 'accounts',
  chores: (node) => [
    {
      run: () => removeUnusedGuests(node),
      done: 'guests who did not come back were removed',
      failed: 'guests who did not come back could not be removed',
    },
  ],
  jobs: (node) => ({
    // Added by rename_user.
    'tell-rename': (payload, { signal }) => tellRooms(node, userIdIn(payload), signal),
    ...mailJobs(node),
  }),
};

function userIdIn(payload: unknown): number {
  const { userId } = (payload ?? {}) as { userId?: unknown };
  if (typeof userId !== 'number') throw new Error('the job names no user');
  return userId;
}
