import type { Paced } from './pace.ts';

/** A value that this node published. */
export interface OwnValue extends Paced {
  readonly topic: string;
  readonly key: string;
  version: number;
  /** JSON; null if it was cleared and watchers do not know it yet. */
  value: string | null;
  /** On the clock of `performance.now()`; null if it lasts until it is cleared. */
  endsAt: number | null;
}

/** The values that this node published, by topic and key. */
export class OwnValues {
  private readonly topics = new Map<string, Map<string, OwnValue>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(topic: string, key: string): OwnValue | undefined {
    return this.topics.get(topic)?.get(key);
  }

  ofTopic(topic: string): readonly OwnValue[] {
    return [...(this.topics.get(topic)?.values() ?? [])];
  }

  all(): readonly OwnValue[] {
    return [...this.topics.values()].flatMap((values) => [...values.values()]);
  }

  add(own: OwnValue): void {
    const values = this.topics.get(own.topic) ?? new Map<string, OwnValue>();
    if (!values.has(own.key)) this.count++;
    this.topics.set(own.topic, values.set(own.key, own));
  }

  delete({ topic, key }: OwnValue): void {
    const values = this.topics.get(topic);
    if (!values?.delete(key)) return;
    this.count--;
    if (values.size === 0) this.topics.delete(topic);
  }
}
