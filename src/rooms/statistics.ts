import type { LogConsumer } from '../eventlog/consumers/consumer.ts';
import { type EventRegistry, UNAVAILABLE } from '../eventlog/registry.ts';
import type { Metrics } from '../platform/telemetry.ts';
import { addToStatistics, type KindCount, readStatistics } from './statistics.store.ts';

/** Counts the events of all rooms by kind, each once, and exports the totals as a metric of the node that counts. */
export function roomStatistics(registry: EventRegistry, { roomEvents }: Metrics): LogConsumer {
  const show = (counts: readonly KindCount[]) => {
    for (const { kind, events } of counts)
      roomEvents.set({ kind: registry.roomKind(kind)?.name ?? UNAVAILABLE }, events);
  };
  return {
    name: 'room-statistics',
    lead: async (sql) => show(await readStatistics(sql)),
    apply: async ({ events, sql }) =>
      show(
        await addToStatistics(
          sql,
          events.map(({ kind }) => kind),
        ),
      ),
    resign: () => roomEvents.reset(),
  };
}
