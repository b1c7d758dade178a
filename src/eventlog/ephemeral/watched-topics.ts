import type { Metrics } from '../../platform/telemetry.ts';
import type { ChangeClock } from './change-clock.ts';
import type { DueQueue } from './due-queue.ts';
import { tellPaced } from './pace.ts';
import type { ToldTopic, ToldValue } from './packets.ts';
import { type KnownValue, Topic, TopicSubscription } from './topic.ts';

/** Keys of one topic. More are not taken. */
export const MAX_KEYS = 1_000;

interface WatchedTopicsOptions {
  readonly due: DueQueue;
  readonly clock: ChangeClock;
  readonly metrics: Metrics;
  readonly leaseMs: number;
  readonly coalesceMs: number;
  /** Returns the values that this node knows of a newly watched topic. */
  readonly onOpened: (topic: string) => Iterable<readonly [key: string, value: KnownValue]>;
}

/** The topics that streams on this node watch, with all known values: its own and those of other nodes. */
export class WatchedTopics {
  private readonly options: WatchedTopicsOptions;
  private readonly topics = new Map<string, Topic>();

  constructor(options: WatchedTopicsOptions) {
    this.options = options;
  }

  get names(): Iterable<string> {
    return this.topics.keys();
  }

  has(name: string): boolean {
    return this.topics.has(name);
  }

  subscribe(name: string, onChange: () => void): TopicSubscription {
    const topic = this.topics.get(name) ?? this.open(name);
    const subscription = new TopicSubscription(topic, onChange, () => {
      topic.subscriptions.delete(subscription);
      if (topic.subscriptions.size === 0 && this.topics.get(name) === topic) this.topics.delete(name);
    });
    topic.subscriptions.add(subscription);
    return subscription;
  }

  /** Takes a value, if the topic is watched and no newer value of the key is known. */
  apply(name: string, key: string, next: KnownValue): void {
    const topic = this.topics.get(name);
    if (topic) this.take(topic, key, next);
  }

  /** Clears a key until a newer value of it comes. */
  clear(name: string, key: string, origin: string): void {
    const topic = this.topics.get(name);
    if (!topic?.has(key)) return;
    const { clock, leaseMs } = this.options;
    const endsAt = performance.now() + leaseMs;
    this.take(topic, key, { origin, version: clock.next(), value: null, endsAt });
  }

  /** Applies the values of one topic from another node. */
  applyTold(origin: string, { topic: name, isWhole, values }: ToldTopic): void {
    const topic = this.topics.get(name);
    if (!topic) return; // no longer watched
    if (isWhole) topic.retain(origin, new Set(values.map(([key]) => key)));
    for (const value of values) this.take(topic, value[0], this.knownOf(origin, value));
    if (topic.hasNews) this.tell(topic);
  }

  private knownOf(origin: string, [, version, forMs, value]: ToldValue): KnownValue {
    const { clock, leaseMs } = this.options;
    clock.hear(version);
    const endsAt = performance.now() + Math.min(forMs ?? leaseMs, leaseMs);
    return { origin, version, value, endsAt };
  }

  private open(name: string): Topic {
    const topic = new Topic(name, MAX_KEYS);
    this.topics.set(name, topic);
    for (const [key, value] of this.options.onOpened(name)) this.keep(topic, key, value);
    topic.tell(); // there are no listeners yet
    return topic;
  }

  private take(topic: Topic, key: string, next: KnownValue): void {
    if (this.keep(topic, key, next) === 'changed') this.tell(topic);
  }

  private keep(topic: Topic, key: string, next: KnownValue): ReturnType<Topic['apply']> {
    const outcome = topic.apply(key, next);
    if (outcome === 'full') this.options.metrics.ephemeralPackets.inc({ outcome: 'full' });
    if (outcome === 'changed' || outcome === 'kept') this.expireLater(topic, key, next);
    return outcome;
  }

  private expireLater(topic: Topic, key: string, { endsAt }: KnownValue): void {
    if (endsAt === Infinity) return;
    this.options.due.in(endsAt - performance.now(), () => {
      // A later value of the key has its own task.
      topic.expire(key);
      if (topic.hasNews) this.tell(topic);
    });
  }

  private tell(topic: Topic): void {
    const { due, coalesceMs } = this.options;
    tellPaced(due, topic, coalesceMs, () => topic.tell());
  }
}
