import type { Capability } from '../capability.ts';
import { metadataSatellite } from './metadata.ts';

export const metadata: Capability = { name: 'metadata', satellites: [metadataSatellite] };
