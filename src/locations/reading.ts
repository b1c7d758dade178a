import type { MessagePart } from '../messages/parts.ts';
import { type MessageSatellite, satelliteReader, withAttached } from '../messages/satellites.ts';
import { refuse } from '../platform/errors.ts';
import { MAX_LIVE_OF_AUTHOR, type NewLocation } from './location.ts';
import { type LocationRow, locationsOfMessages } from './store.ts';

export const locationSatellite: MessageSatellite<LocationRow | null> = {
  name: 'locations',
  fields: ['location'],
  tables: ['message_locations'],
  audience: 'members',
  attached: { rows: locationsOfMessages, of: (row: LocationRow) => row, none: null },
  // It is content of the message, like its text.
  eraseUsers: async () => 0,
};

/** The location of a message; null where it has none. */
export const messageLocation = satelliteReader(locationSatellite);

export const locationPart: MessagePart<NewLocation> = {
  name: 'location',
  refusals: {
    LIMIT: () =>
      refuse(
        'CONFLICT',
        `You share ${MAX_LIVE_OF_AUTHOR} live locations in this room. End one of them first.`,
      ),
  },
  shownBy(message, { liveForSeconds, ...location }) {
    const { roomId, roomSeq, createdAt } = message;
    const endsAt = liveForSeconds === null ? null : createdAt.getTime() + liveForSeconds * 1_000;
    const row = { roomId, roomSeq, ...location, endsAt, endedAt: null, position: null };
    return withAttached(message, locationSatellite, row);
  },
};
