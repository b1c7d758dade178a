import type { Capability } from '../capability.ts';
import { purgeChallenges } from './retention.ts';
import { sealAgain } from './totp.ts';

export const factors: Capability = {
  name: 'factors',
  chores: (node) => [
    {
      run: () => sealAgain(node),
      done: 'secrets of apps were encrypted again, with the present key',
      failed: 'secrets of apps could not be encrypted again',
    },
    {
      run: () => purgeChallenges(node),
      done: 'challenges of sign-ins that nobody completed were deleted',
      failed: 'challenges of sign-ins could not be deleted',
    },
  ],
};
