import type { Capability } from '../capability.ts';
import { reactionEventKinds } from './events.ts';
import { reactionSatellite } from './groups.ts';

export const reactions: Capability = {
  name: 'reactions',
  roomEvents: reactionEventKinds,
  satellites: [reactionSatellite],
};
