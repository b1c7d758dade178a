import { type MessageSatellite, satelliteReader } from '../messages/satellites.ts';
import { findOrigins, type Origin, type Place } from './store.ts';

export type { Origin } from './store.ts';

const nameOf = ({ roomId, roomSeq }: Place) => `${roomId}.${roomSeq}`;

export const forwardSatellite: MessageSatellite<Origin | null> = {
  name: 'forwards',
  fields: ['forward'],
  tables: ['forwards'],
  audience: 'readers',
  none: null,
  async load(sql, messages) {
    const found = new Map((await findOrigins(sql, messages)).map((row) => [nameOf(row), row]));
    return messages.map((message) => found.get(nameOf(message)) ?? null);
  },
  // It is content of the message, like its text.
  eraseUsers: async () => 0,
};

/** Where the text of a message comes from; null where the message was not forwarded. */
export const originOf = satelliteReader(forwardSatellite);
