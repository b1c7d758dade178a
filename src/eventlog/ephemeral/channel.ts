import { randomUUID } from 'node:crypto';
import type { Bus } from '../../platform/bus.ts';
import type { Metrics } from '../../platform/telemetry.ts';
import { ChangeClock } from './change-clock.ts';
import { DueQueue } from './due-queue.ts';
import { OtherNodes } from './other-nodes.ts';
import { type OwnValue, OwnValues } from './own-values.ts';
import { tellPaced } from './pace.ts';
import type { KnownValue, TopicSubscription } from './topic.ts';
import { WatchedTopics } from './watched-topics.ts';

/** A key changes at most once in this time; of faster changes only the last is sent. */
export const COALESCE_MS = 1_000;
/** Maximum of characters in the JSON of one value. */
export const MAX_VALUE_LENGTH = 2_000;
/** Values that one node may publish. */
export const MAX_OWN_VALUES = 100_000;

export interface EphemeralOptions {
  /** Null if the node runs alone. */
  readonly bus: Bus | null;
  readonly metrics: Metrics;
  /** Values of a node that sends nothing for this time end on all other nodes. */
  readonly leaseMs: number;
  readonly coalesceMs?: number;
  /** The epoch of the data: values belong to its rooms and users. */
  readonly epoch: () => number;
}

/**
 * Small values that are valid for a moment, such as typing. Each has a topic and a key; the latest one counts. They
 * have no sequence number and may be lost, so each is sent again until it ends: with the lease, if its node died.
 */
export class EphemeralChannel {
  /** Identifies this node for its lifetime. */
  readonly nodeId = randomUUID();
  private readonly options: EphemeralOptions;
  private readonly coalesceMs: number;
  private readonly clock = new ChangeClock();
  private readonly due = new DueQueue();
  private readonly own = new OwnValues();
  private readonly topics: WatchedTopics;
  private readonly others: OtherNodes;

  constructor(options: EphemeralOptions) {
    this.options = options;
    this.coalesceMs = options.coalesceMs ?? COALESCE_MS;
    const { due, clock, nodeId, coalesceMs } = this;
    this.topics = new WatchedTopics({
      ...options,
      due,
      clock,
      coalesceMs,
      onOpened: (topic) => this.own.ofTopic(topic).map((own) => [own.key, this.knownOf(own)] as const),
    });
    this.others = new OtherNodes({
      ...options,
      due,
      nodeId,
      watched: () => this.topics.names,
      valuesOf: (topic) => this.own.ofTopic(topic),
      onTold: (from, told) => this.topics.applyTold(from, told),
    });
  }

  /**
   * Sends a value to all watchers of the topic. `null` clears the key. With `forMs` the value ends by itself; without,
   * it lasts until it is cleared or this node ends.
   * @returns false if this node has published as many values as it may
   * @throws RangeError if the value is longer than MAX_VALUE_LENGTH
   */
  publish(topic: string, key: string, value: string | null, forMs: number | null = null): boolean {
    if (value !== null && value.length > MAX_VALUE_LENGTH)
      throw new RangeError(`an ephemeral value has at most ${MAX_VALUE_LENGTH} characters`);
    const known = this.own.get(topic, key);
    if (!known && value === null && !this.isWatched(topic)) return true;
    if (!known && value !== null && this.own.size >= MAX_OWN_VALUES) return false;
    const own = known ?? newValue(topic, key);
    own.version = this.clock.next();
    own.value = value;
    own.endsAt =
      value === null ? performance.now() + this.options.leaseMs : forMs && performance.now() + forMs;
    this.own.add(own);
    this.options.metrics.ephemeralValues.set(this.own.size);
    if (own.endsAt !== null) this.endLater(own);
    this.topics.apply(topic, key, this.knownOf(own));
    if (this.others.isWatching(topic)) tellPaced(this.due, own, this.coalesceMs, () => this.others.tell(own));
    return true;
  }

  /** Forgets the key on this node until it is published again: an event that all nodes see has ended it. */
  forget(topic: string, key: string): void {
    const own = this.own.get(topic, key);
    if (own) this.drop(own);
    this.topics.clear(topic, key, this.nodeId);
  }

  /**
   * Watches a topic: `take` returns first the whole set that this node knows, then the changes. Values of other nodes
   * come with their answers. `onChange` is called when there are changes, for one topic at most once in COALESCE_MS.
   */
  subscribe(topic: string, onChange: () => void): TopicSubscription {
    const isNew = !this.topics.has(topic);
    const subscription = this.topics.subscribe(topic, onChange);
    if (isNew) this.others.ask(topic);
    return subscription;
  }

  /** Clears the values of this node. Nodes that do not receive this drop them at the end of the lease. */
  close(): void {
    for (const own of this.own.all()) {
      Object.assign(own, { value: null, version: this.clock.next() });
      this.others.tell(own);
    }
    this.others.close();
    this.due.close();
  }

  private isWatched(topic: string): boolean {
    return this.topics.has(topic) || this.others.isWatching(topic);
  }

  private endLater(own: OwnValue): void {
    const { version, endsAt } = own;
    if (endsAt === null) return;
    this.due.in(endsAt - performance.now(), () => {
      if (own.version === version) this.drop(own);
    });
  }

  private drop(own: OwnValue): void {
    this.own.delete(own);
    this.options.metrics.ephemeralValues.set(this.own.size);
  }

  private knownOf({ version, value, endsAt }: OwnValue): KnownValue {
    return { origin: this.nodeId, version, value, endsAt: endsAt ?? Infinity };
  }
}

const newValue = (topic: string, key: string): OwnValue => ({
  topic,
  key,
  version: 0,
  value: null,
  endsAt: null,
  toldAt: -Infinity,
  isWaiting: false,
});
