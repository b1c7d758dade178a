import type { Capability } from '../capability.ts';
import { purgeOidcRequests } from './oidc.ts';

export const identities: Capability = {
  name: 'identities',
  chores: (node) => [
    {
      run: () => purgeOidcRequests(node),
      done: 'sign-ins that were not completed were deleted',
      failed: 'sign-ins that were not completed could not be deleted',
    },
  ],
};
