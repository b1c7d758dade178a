import type { Capability } from '../capability.ts';
import { blockEventKinds } from './events.ts';

export const privacy: Capability = { name: 'privacy', accountEvents: blockEventKinds };
