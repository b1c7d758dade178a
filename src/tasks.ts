import type { Services } from './context.ts';
import type { LogConsumer } from './eventlog/consumers/consumer.ts';
import { roomStatistics } from './rooms/statistics.ts';

/** Everything that reads the logs of all rooms. A concept that adds one joins by a line. */
export function createConsumers({ hub, metrics }: Services): readonly LogConsumer[] {
  return [roomStatistics(hub.registry, metrics)];
}
