import type { Capability } from '../capability.ts';
import { typing } from './typing.ts';

export const presence: Capability = { name: 'presence', ephemeral: [typing] };
