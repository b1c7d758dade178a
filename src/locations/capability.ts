import type { Capability } from '../capability.ts';
import { liveLocationEnded } from './events.ts';
import { endWhenOver, liveLocationsChanged } from './live.ts';
import { locationSatellite } from './reading.ts';

export const locations: Capability = {
  name: 'locations',
  roomEvents: [liveLocationEnded],
  ephemeral: [liveLocationsChanged],
  satellites: [locationSatellite],
  jobs: (node) => ({
    // Added by store_locations.
    'end-live-location': (payload) => endWhenOver(node, payload),
  }),
};
