import type { Capability } from '../capability.ts';
import { pinEventKinds } from './events.ts';
import { pinSatellite } from './pinned.ts';

export const pins: Capability = { name: 'pins', roomEvents: pinEventKinds, satellites: [pinSatellite] };
