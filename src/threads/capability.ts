import type { Capability } from '../capability.ts';
import { threadStateChanged, threadUpdated } from './events.ts';

export const threads: Capability = {
  name: 'threads',
  roomEvents: [threadUpdated],
  accountEvents: [threadStateChanged],
};
