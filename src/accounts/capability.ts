import type { Capability } from '../capability.ts';
import { tellRooms } from './profile.ts';

export const accounts: Capability = {
  name: 'accounts',
  jobs: (node) => ({
    // Added by rename_user.
    'tell-rename': (payload, { signal }) => tellRooms(node, userIdIn(payload), signal),
  }),
};

function userIdIn(payload: unknown): number {
  const { userId } = (payload ?? {}) as { userId?: unknown };
  if (typeof userId !== 'number') throw new Error('the job names no user');
  return userId;
}
