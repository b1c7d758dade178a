import type { Capability } from '../capability.ts';
import { accountEventKinds, roomEventKinds } from './events.ts';
import { roomStatistics } from './statistics.ts';

export const rooms: Capability = {
  name: 'rooms',
  roomEvents: roomEventKinds,
  accountEvents: accountEventKinds,
  consumers: ({ logFollower, metrics }) => [roomStatistics(logFollower.registry, metrics)],
};
