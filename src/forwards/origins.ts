import { type MessageSatellite, satelliteReader } from '../messages/satellites.ts';
import { type Origin, originsOfMessages } from './store.ts';

export type { Origin } from './store.ts';

export const forwardSatellite: MessageSatellite<Origin | null> = {
  name: 'forwards',
  fields: ['forward'],
  tables: ['forwards'],
  audience: 'readers',
  attached: { rows: originsOfMessages, of: (row: Origin) => row, none: null },
  // It is content of the message, like its text.
  eraseUsers: async () => 0,
};

/** Where the text of a message comes from; null where the message was not forwarded. */
export const originOf = satelliteReader(forwardSatellite);
