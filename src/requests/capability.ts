import type { Capability } from '../capability.ts';
import { requestAccountKinds, requestEventKinds } from './events.ts';
import { purgePauses } from './retention.ts';

export const requests: Capability = {
  name: 'requests',
  roomEvents: requestEventKinds,
  accountEvents: requestAccountKinds,
  chores: (node) => [
    {
      run: () => purgePauses(node),
      done: 'pauses between requests to join that are over were deleted',
      failed: 'pauses between requests to join that are over could not be deleted',
    },
  ],
};
