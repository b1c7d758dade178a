import type { Capability } from '../capability.ts';

export const emojis: Capability = { name: 'emojis' };
