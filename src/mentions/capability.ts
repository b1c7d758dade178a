import type { Capability } from '../capability.ts';
import { mentionSatellite } from './mentions.ts';

export const mentions: Capability = { name: 'mentions', satellites: [mentionSatellite] };
