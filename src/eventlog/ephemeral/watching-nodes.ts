/** The other nodes that watch topics. A node repeats its request; a node that stops asking is forgotten. */
export class WatchingNodes {
  private readonly leaseMs: number;
  private readonly topics = new Map<string, Map<string, number>>();

  constructor(leaseMs: number) {
    this.leaseMs = leaseMs;
  }

  add(topic: string, node: string): void {
    const nodes = this.topics.get(topic) ?? new Map<string, number>();
    this.topics.set(topic, nodes.set(node, performance.now() + this.leaseMs));
  }

  of(topic: string): readonly string[] {
    const now = performance.now();
    return [...(this.topics.get(topic) ?? [])].filter(([, until]) => until > now).map(([node]) => node);
  }

  /** Forgets nodes that have not asked for the time of a lease. */
  sweep(): void {
    const now = performance.now();
    for (const [topic, nodes] of this.topics) {
      for (const [node, until] of nodes) if (until <= now) nodes.delete(node);
      if (nodes.size === 0) this.topics.delete(topic);
    }
  }
}
