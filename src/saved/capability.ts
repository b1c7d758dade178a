import type { Capability } from '../capability.ts';
import { savedEventKinds } from './events.ts';
import { savers } from './savers.ts';

export const saved: Capability = { name: 'saved', accountEvents: savedEventKinds, satellites: [savers] };
