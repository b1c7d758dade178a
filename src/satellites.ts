import type { MessageSatellite } from './messages/satellites.ts';
import { reactionSatellite } from './reactions/groups.ts';

/** Everything that is attached to messages. A concept that adds data is added here. */
export const messageSatellites: readonly MessageSatellite<unknown>[] = [reactionSatellite];
