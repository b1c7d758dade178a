import type { Services } from './context.ts';
import type { LogConsumer } from './eventlog/consumers/consumer.ts';
import type { JobHandlers } from './platform/jobs.ts';
import { roomStatistics } from './rooms/statistics.ts';

/** Everything that reads the logs of all rooms. A concept that adds one joins by a line. */
export function createConsumers({ hub, metrics }: Services): readonly LogConsumer[] {
  return [roomStatistics(hub.registry, metrics)];
}

/** Everything that happens outside the database. A node without handlers runs no jobs. */
export function createJobHandlers(_services: Services): JobHandlers {
  return {};
}
