import { tellRooms } from './accounts/profile.ts';
import type { Services } from './context.ts';
import type { LogConsumer } from './eventlog/consumers/consumer.ts';
import type { JobHandlers } from './platform/jobs.ts';
import { roomStatistics } from './rooms/statistics.ts';

/** Everything that reads the logs of all rooms. A concept that adds one joins by a line. */
export function createConsumers({ logFollower, metrics }: Services): readonly LogConsumer[] {
  return [roomStatistics(logFollower.registry, metrics)];
}

/** Everything that happens outside the database, or in many transactions. A node without handlers runs no jobs. */
export function createJobHandlers(node: Services): JobHandlers {
  return {
    // Added by rename_user.
    'tell-rename': (payload, { signal }) => tellRooms(node, userIdIn(payload), signal),
  };
}

function userIdIn(payload: unknown): number {
  const { userId } = (payload ?? {}) as { userId?: unknown };
  if (typeof userId !== 'number') throw new Error('the job names no user');
  return userId;
}
