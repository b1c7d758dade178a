import type { Capability } from '../capability.ts';
import { forwardSatellite } from './origins.ts';

export const forwards: Capability = { name: 'forwards', satellites: [forwardSatellite] };
