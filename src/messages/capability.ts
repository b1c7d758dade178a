import type { Capability } from '../capability.ts';
import { messageEventKinds } from './events.ts';

export const messages: Capability = { name: 'messages', roomEvents: messageEventKinds };
