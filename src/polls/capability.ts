import type { Capability } from '../capability.ts';
import { closeWhenOver } from './closing.ts';
import { pollUpdated } from './events.ts';
import { pollSatellite } from './reading.ts';

export const polls: Capability = {
  name: 'polls',
  roomEvents: [pollUpdated],
  satellites: [pollSatellite],
  jobs: (node) => ({
    // Added by store_polls.
    'close-poll': (payload) => closeWhenOver(node, payload),
  }),
};
