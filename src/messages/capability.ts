import type { Capability } from '../capability.ts';
import { messageEventKinds } from './events.ts';
import { startExpirations } from './expirations.ts';

export const messages: Capability = {
  name: 'messages',
  roomEvents: messageEventKinds,
  tasks: [startExpirations],
};
