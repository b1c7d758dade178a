import type { Capability } from '../capability.ts';
import { eraseAccount } from './erasing.ts';

export const erasure: Capability = {
  name: 'erasure',
  jobs: (node) => ({
    // Added by close_account.
    'erase-account': (payload, { signal }) => eraseAccount(node, userIdIn(payload), signal),
  }),
};

function userIdIn(payload: unknown): number {
  const { userId } = (payload ?? {}) as { userId?: unknown };
  if (typeof userId !== 'number') throw new Error('the job names no user');
  return userId;
}
