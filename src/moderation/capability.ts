import type { Capability } from '../capability.ts';
import { moderationEventKinds } from './events.ts';
import { purgeAudit, purgeEnded } from './retention.ts';

export const moderation: Capability = {
  name: 'moderation',
  roomEvents: moderationEventKinds,
  chores: (node) => [
    {
      run: () => purgeEnded(node),
      done: 'bans and timeouts of former members that are over were deleted',
      failed: 'bans and timeouts of former members that are over could not be deleted',
    },
    {
      run: () => purgeAudit(node),
      done: 'old entries of audit logs were deleted',
      failed: 'old entries of audit logs could not be deleted',
    },
  ],
};
