import type { Capability } from '../capability.ts';
import { requestAccountKinds, requestEventKinds } from './events.ts';

export const requests: Capability = {
  name: 'requests',
  roomEvents: requestEventKinds,
  accountEvents: requestAccountKinds,
};
