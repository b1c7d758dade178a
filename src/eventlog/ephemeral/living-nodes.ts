import type { Metrics } from '../../platform/telemetry.ts';
import type { EphemeralChannel } from './channel.ts';

const TOPIC = 'nodes';

/**
 * Says that this node is there, as long as it is, and counts all that do, this one included (`parley_nodes`). One that
 * died, hangs or cannot reach Redis is not counted any more after a lease. Returns what ends it.
 */
export function countNodes(channel: EphemeralChannel, metrics: Pick<Metrics, 'nodes'>): () => void {
  const nodes = channel.subscribe(TOPIC, () => metrics.nodes.set(nodes.values.size));
  channel.publish(TOPIC, channel.nodeId, 'true');
  return () => {
    nodes.close();
    channel.publish(TOPIC, channel.nodeId, null);
  };
}
