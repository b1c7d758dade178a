import { randomUUID } from 'node:crypto';
import type { Bus } from '../../platform/bus.ts';
import type { Metrics } from '../../platform/telemetry.ts';
import { ChangeClock } from './change-clock.ts';
import { DueQueue } from './due-queue.ts';
import { type OwnValue, OwnValues } from './own-values.ts';
import {
  askPackets,
  decodePacket,
  type EphemeralPacket,
  type ToldTopic,
  type ToldValue,
  tellPackets,
  toldValue,
} from './packets.ts';
import { type KnownValue, Topic, TopicSubscription } from './topic.ts';
import { WatchingNodes } from './watching-nodes.ts';

/** A key changes at most once in this time; what comes faster is left out but for the last. */
export const COALESCE_MS = 1_000;
/** Characters of one value's JSON. */
export const MAX_VALUE_LENGTH = 2_000;
/** Keys of one topic, and values that one node may publish. More are not taken. */
export const MAX_KEYS = 1_000;
export const MAX_OWN_VALUES = 100_000;

/** A lease is renewed this often within its length, so that two lost packets do not end it. */
const RENEWALS_PER_LEASE = 3;
/** Nodes notice the end of an outage one after the other. */
const RECOVERED_MS = 2_000;
const TO_ALL = 'parley:ephemeral';

export interface EphemeralOptions {
  /** Null where the node is alone. */
  readonly bus: Bus | null;
  readonly metrics: Metrics;
  /** Values of a node that is not heard of for so long end on all others. */
  readonly leaseMs: number;
  readonly coalesceMs?: number;
  /** The epoch of the data: values are about rooms and users of it. */
  readonly epoch: () => number;
}

/**
 * Small values that last for a moment: who types, who is there. Each has a topic and a key; the latest counts. They
 * have no sequence number and may be lost, hence each is told again until it ends.
 *
 * A node asks all others for the topics that somebody watches on it, three times in a lease. They answer with their
 * values, and tell it of changes until the lease ends. So nothing is sent for topics that nobody watches, values of a
 * node that died end with the lease, and whatever was lost comes with the next answer.
 */
export class EphemeralChannel {
  /** Names this node among all, for its lifetime. */
  readonly nodeId = randomUUID();
  private readonly options: EphemeralOptions;
  private readonly coalesceMs: number;
  private readonly clock = new ChangeClock();
  private readonly due = new DueQueue();
  private readonly own = new OwnValues();
  private readonly watching: WatchingNodes;
  /** Topics that somebody watches on this node. */
  private readonly topics = new Map<string, Topic>();
  private unasked = new Set<string>();
  /** What to tell with the next flush: by node, the values. */
  private untold = new Map<string, Set<OwnValue>>();
  private isFlushing = false;
  private isClosed = false;

  constructor(options: EphemeralOptions) {
    this.options = options;
    this.coalesceMs = options.coalesceMs ?? COALESCE_MS;
    this.watching = new WatchingNodes(options.leaseMs);
    const hear = (text: string, epoch: number) => this.hear(text, epoch);
    options.bus?.subscribe(TO_ALL, hear);
    options.bus?.subscribe(channelOf(this.nodeId), hear);
    // After an outage: what was told meanwhile is lost, in both directions. Again, because another node may subscribe later.
    options.bus?.onRecovered(() => {
      this.askAll();
      this.due.in(RECOVERED_MS, () => this.askAll());
    });
    if (options.bus) this.renewLater();
  }

  /**
   * Tells everybody who watches the topic. `null` clears the key. With `forMs` the value ends by itself; without, it lasts
   * until it is cleared or this node ends.
   * @returns false where this node has published as many values as it may
   * @throws RangeError where the value is longer than MAX_VALUE_LENGTH
   */
  publish(topic: string, key: string, value: string | null, forMs: number | null = null): boolean {
    if (value !== null && value.length > MAX_VALUE_LENGTH)
      throw new RangeError(`an ephemeral value has at most ${MAX_VALUE_LENGTH} characters`);
    const known = this.own.get(topic, key);
    if (!known && value === null && !this.isWatched(topic)) return true;
    if (!known && value !== null && this.own.size >= MAX_OWN_VALUES) return false;
    const own = known ?? this.begin(topic, key);
    own.version = this.clock.next();
    own.value = value;
    own.endsAt =
      value === null ? performance.now() + this.options.leaseMs : forMs && performance.now() + forMs;
    this.own.add(own);
    this.options.metrics.ephemeralValues.set(this.own.size);
    if (own.endsAt !== null) this.endLater(own);
    this.showOwn(own);
    this.tellWatchers(own);
    return true;
  }

  /** Forgets the key on this node alone, until it is published again: an event that all nodes see has ended it. */
  forget(topic: string, key: string): void {
    const own = this.own.get(topic, key);
    if (own) this.drop(own);
    const shown = this.topics.get(topic);
    if (shown?.has(key)) this.apply(shown, key, this.cleared());
  }

  /**
   * Watches a topic: `take` gives the whole set, as this node knows it, then what changes. Values of other nodes come
   * with their answers. `onChange` is called when there is something to take, for one topic at most once in COALESCE_MS.
   */
  subscribe(name: string, onChange: () => void): TopicSubscription {
    const topic = this.topics.get(name) ?? this.open(name);
    const subscription = new TopicSubscription(topic, onChange, () => {
      topic.subscriptions.delete(subscription);
      if (topic.subscriptions.size === 0 && this.topics.get(name) === topic) this.topics.delete(name);
    });
    topic.subscriptions.add(subscription);
    return subscription;
  }

  /** Clears what this node published. Nodes that do not hear it learn by the end of the lease. */
  close(): void {
    for (const own of this.own.all()) {
      Object.assign(own, { value: null, version: this.clock.next() });
      for (const node of this.watching.of(own.topic)) this.queue(node, own);
    }
    this.flush();
    this.isClosed = true;
    this.due.close();
  }

  // -- own values -----------------------------------------------------------------------------

  private begin(topic: string, key: string): OwnValue {
    return { topic, key, version: 0, value: null, endsAt: null, toldAt: -Infinity, isWaiting: false };
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

  private isWatched(topic: string): boolean {
    return this.topics.has(topic) || this.watching.of(topic).length > 0;
  }

  private showOwn(own: OwnValue): void {
    const topic = this.topics.get(own.topic);
    if (topic) this.apply(topic, own.key, this.knownOf(own));
  }

  private knownOf({ version, value, endsAt }: OwnValue): KnownValue {
    return { origin: this.nodeId, version, value, endsAt: endsAt ?? Infinity };
  }

  private tellWatchers(own: OwnValue): void {
    const wait = own.toldAt + this.coalesceMs - performance.now();
    if (own.isWaiting || this.watching.of(own.topic).length === 0) return;
    if (wait <= 0) return this.tellNow(own);
    own.isWaiting = true;
    this.due.in(wait, () => {
      own.isWaiting = false;
      this.tellNow(own);
    });
  }

  private tellNow(own: OwnValue): void {
    own.toldAt = performance.now();
    for (const node of this.watching.of(own.topic)) this.queue(node, own);
  }

  // -- topics ---------------------------------------------------------------------------------

  private open(name: string): Topic {
    const topic = new Topic(name, MAX_KEYS);
    this.topics.set(name, topic);
    for (const own of this.own.ofTopic(name)) this.keep(topic, own.key, this.knownOf(own));
    topic.tell(); // nobody listens yet
    this.unasked.add(name);
    this.flushSoon();
    return topic;
  }

  private cleared(): KnownValue {
    const endsAt = performance.now() + this.options.leaseMs;
    return { origin: this.nodeId, version: this.clock.next(), value: null, endsAt };
  }

  private apply(topic: Topic, key: string, next: KnownValue): void {
    if (this.keep(topic, key, next) === 'changed') this.tellTopic(topic);
  }

  private keep(topic: Topic, key: string, next: KnownValue): ReturnType<Topic['apply']> {
    const outcome = topic.apply(key, next);
    if (outcome === 'full') this.options.metrics.ephemeralPackets.inc({ outcome: 'full' });
    if (outcome === 'changed' || outcome === 'kept') this.expireLater(topic, key, next);
    return outcome;
  }

  private expireLater(topic: Topic, key: string, { endsAt }: KnownValue): void {
    if (endsAt === Infinity) return;
    this.due.in(endsAt - performance.now(), () => {
      // A later value of the key has a task of its own.
      topic.expire(key);
      if (topic.hasNews) this.tellTopic(topic);
    });
  }

  private readonly toldTopics = new WeakMap<Topic, { at: number; isWaiting: boolean }>();

  private tellTopic(topic: Topic): void {
    const told = this.toldTopics.get(topic) ?? { at: -Infinity, isWaiting: false };
    this.toldTopics.set(topic, told);
    if (told.isWaiting) return;
    const tell = () => {
      [told.at, told.isWaiting] = [performance.now(), false];
      topic.tell();
    };
    const wait = told.at + this.coalesceMs - performance.now();
    if (wait <= 0) return tell();
    told.isWaiting = true;
    this.due.in(wait, tell);
  }

  // -- other nodes ----------------------------------------------------------------------------

  private renewLater(): void {
    const every = this.options.leaseMs / RENEWALS_PER_LEASE;
    this.due.in(every * (0.8 + Math.random() * 0.2), () => {
      this.watching.sweep();
      this.askAll();
      this.renewLater();
    });
  }

  private askAll(): void {
    for (const name of this.topics.keys()) this.unasked.add(name);
    this.flushSoon();
  }

  private queue(node: string, own: OwnValue): void {
    const values = this.untold.get(node) ?? new Set<OwnValue>();
    this.untold.set(node, values.add(own));
    this.flushSoon();
  }

  private flushSoon(): void {
    if (this.isFlushing || !this.options.bus) return;
    this.isFlushing = true;
    setImmediate(() => {
      this.isFlushing = false;
      if (!this.isClosed) this.flush();
    });
  }

  /** What came up in this turn of the event loop: one packet for each node, if it fits. */
  private flush(): void {
    const { untold, unasked } = this;
    [this.untold, this.unasked] = [new Map(), new Set()];
    for (const text of askPackets(this.nodeId, [...unasked])) this.send(TO_ALL, text);
    for (const [node, values] of untold) this.tell(node, byTopic([...values]));
  }

  private tell(node: string, topics: readonly ToldTopic[]): void {
    for (const text of tellPackets(this.nodeId, topics)) this.send(channelOf(node), text);
  }

  private send(channel: string, text: string): void {
    this.options.metrics.ephemeralPackets.inc({ outcome: 'sent' });
    this.options.bus?.publish(channel, text, this.options.epoch());
  }

  private hear(text: string, epoch: number): void {
    const packet = epoch === this.options.epoch() ? decodePacket(text) : null;
    if (packet?.from === this.nodeId || this.isClosed) return;
    this.options.metrics.ephemeralPackets.inc({ outcome: packet ? 'received' : 'refused' });
    if (packet) this.take(packet);
  }

  private take(packet: EphemeralPacket): void {
    if ('ask' in packet) this.answer(packet.from, packet.ask);
    else for (const told of packet.tell) this.takeTopic(packet.from, told);
  }

  private answer(node: string, topics: readonly string[]): void {
    for (const topic of topics) this.watching.add(topic, node);
    const own = topics.map((topic) => ({ topic, values: this.own.ofTopic(topic) }));
    const told = own
      .filter(({ values }) => values.length > 0)
      .map(({ topic, values }) => ({ topic, isWhole: true, values: values.map(toldValue) }));
    this.tell(node, told);
  }

  private takeTopic(from: string, { topic: name, isWhole, values }: ToldTopic): void {
    const topic = this.topics.get(name);
    if (!topic) return; // not watched any more
    if (isWhole) topic.retain(from, new Set(values.map(([key]) => key)));
    for (const value of values) this.takeValue(topic, from, value);
    if (topic.hasNews) this.tellTopic(topic);
  }

  private takeValue(topic: Topic, origin: string, [key, version, forMs, value]: ToldValue): void {
    this.clock.hear(version);
    const { leaseMs } = this.options;
    const endsAt = performance.now() + Math.min(forMs ?? leaseMs, leaseMs);
    this.apply(topic, key, { origin, version, value, endsAt });
  }
}

const channelOf = (nodeId: string) => `${TO_ALL}:${nodeId}`;

function byTopic(values: readonly OwnValue[]): ToldTopic[] {
  const topics = new Map<string, ToldValue[]>();
  for (const own of values) topics.set(own.topic, [...(topics.get(own.topic) ?? []), toldValue(own)]);
  return [...topics].map(([topic, told]) => ({ topic, isWhole: false, values: told }));
}
