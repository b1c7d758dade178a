import { setTimeout as delay } from 'node:timers/promises';
import type { Bus } from '../../platform/bus.ts';
import { createMetrics, type Metrics } from '../../platform/telemetry.ts';
import { EphemeralChannel } from './channel.ts';

const TOPIC = 'nodes';
/** Time until the connection to Redis carries messages. */
const CONNECT_MS = 5_000;
/** Time in which nodes answer, even if they are busy. */
const ANSWER_MS = 2_500;

/** The facts that a node publishes about itself. */
export interface NodeFacts {
  readonly version: string;
  readonly startedAt: Date;
  /** Host and port of its API, as the node knows them; null until its endpoints are open. */
  readonly address: string | null;
}

export interface LivingNode extends NodeFacts {
  /** Chosen at its start. */
  readonly id: string;
}

/**
 * Announces this node as long as it runs, and counts all live nodes, including this one (`parley_nodes`). A node that
 * died, hangs or cannot reach Redis is no longer counted after a lease.
 */
export class NodePresence {
  private readonly channel: EphemeralChannel;
  private readonly facts: Omit<NodeFacts, 'address'>;
  private readonly close: () => void;

  constructor(channel: EphemeralChannel, metrics: Pick<Metrics, 'nodes'>, version: string) {
    this.channel = channel;
    this.facts = { version, startedAt: new Date() };
    const nodes = channel.subscribe(TOPIC, () => metrics.nodes.set(nodes.values.size));
    this.close = () => nodes.close();
    this.tell(null);
  }

  /** The endpoints are open. */
  listensAt(address: string): void {
    this.tell(address);
  }

  end(): void {
    this.close();
    this.channel.publish(TOPIC, this.channel.nodeId, null);
  }

  private tell(address: string | null): void {
    this.channel.publish(TOPIC, this.channel.nodeId, JSON.stringify({ ...this.facts, address }));
  }
}

/**
 * Asks all nodes with the same Redis server, secrets and epoch for their facts.
 * @throws if Redis cannot be reached
 */
export async function listLivingNodes(bus: Bus, epoch: number): Promise<LivingNode[]> {
  const channel = new EphemeralChannel({
    bus,
    metrics: createMetrics(),
    leaseMs: CONNECT_MS + ANSWER_MS,
    epoch: () => epoch,
  });
  const nodes = channel.subscribe(TOPIC, () => undefined);
  try {
    await connected(bus);
    await delay(ANSWER_MS);
    return [...nodes.values].map(([id, text]) => livingNode(id, text)).toSorted(byStart);
  } finally {
    nodes.close();
    channel.close();
  }
}

async function connected(bus: Bus): Promise<void> {
  const giveUpAt = performance.now() + CONNECT_MS;
  while (!bus.isHealthy) {
    if (performance.now() > giveUpAt) throw new Error('Redis does not answer: check REDIS_URL');
    await delay(50);
  }
}

function livingNode(id: string, text: string): LivingNode {
  const { version, startedAt, address } = JSON.parse(text) as NodeFacts & { readonly startedAt: string };
  return { id, version, startedAt: new Date(startedAt), address };
}

const byStart = (a: LivingNode, b: LivingNode) => a.startedAt.getTime() - b.startedAt.getTime();
