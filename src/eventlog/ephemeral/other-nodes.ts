import type { Bus } from '../../platform/bus.ts';
import type { Metrics } from '../../platform/telemetry.ts';
import type { DueQueue } from './due-queue.ts';
import type { OwnValue } from './own-values.ts';
import {
  askPackets,
  decodePacket,
  type EphemeralPacket,
  type ToldTopic,
  type ToldValue,
  tellPackets,
  toldValue,
} from './packets.ts';
import { WatchingNodes } from './watching-nodes.ts';

/** How often a lease is renewed within its length, so that two lost packets do not end it. */
const RENEWALS_PER_LEASE = 3;
/** Nodes notice the end of an outage at different times. */
const RECOVERED_MS = 2_000;
const TO_ALL = 'parley:ephemeral';

interface OtherNodesOptions {
  /** Null if the node runs alone. */
  readonly bus: Bus | null;
  readonly nodeId: string;
  readonly due: DueQueue;
  readonly metrics: Metrics;
  readonly leaseMs: number;
  readonly epoch: () => number;
  /** The topics that are watched on this node. */
  readonly watched: () => Iterable<string>;
  /** The values that this node published. */
  readonly valuesOf: (topic: string) => readonly OwnValue[];
  /** Called with the values of a topic from another node. */
  readonly onTold: (from: string, told: ToldTopic) => void;
}

/**
 * Asks all other nodes for the topics that are watched here, three times in a lease, and answers their requests. So
 * nothing is sent for topics without watchers, and lost values come with the next answer.
 */
export class OtherNodes {
  private readonly options: OtherNodesOptions;
  private readonly watching: WatchingNodes;
  private unasked = new Set<string>();
  /** Values to send with the next flush, by node. */
  private untold = new Map<string, Set<OwnValue>>();
  private isFlushing = false;
  private isClosed = false;

  constructor(options: OtherNodesOptions) {
    this.options = options;
    this.watching = new WatchingNodes(options.leaseMs);
    if (options.bus) this.join(options.bus);
  }

  /** Asks for a topic with the next flush. */
  ask(topic: string): void {
    this.unasked.add(topic);
    this.flushSoon();
  }

  isWatching(topic: string): boolean {
    return this.watching.of(topic).length > 0;
  }

  /** Tells the nodes that watch its topic, with the next flush. */
  tell(own: OwnValue): void {
    for (const node of this.watching.of(own.topic)) this.queue(node, own);
  }

  /** Sends the remaining packets. */
  close(): void {
    this.flush();
    this.isClosed = true;
  }

  private join(bus: Bus): void {
    const hear = (text: string, epoch: number) => this.hear(text, epoch);
    bus.subscribe(TO_ALL, hear);
    bus.subscribe(channelOf(this.options.nodeId), hear);
    // After an outage, packets in both directions were lost. It asks twice, because another node may subscribe later.
    bus.onRecovered(() => {
      this.askAll();
      this.options.due.in(RECOVERED_MS, () => this.askAll());
    });
    this.renewLater();
  }

  private renewLater(): void {
    const every = this.options.leaseMs / RENEWALS_PER_LEASE;
    this.options.due.in(every * (0.8 + Math.random() * 0.2), () => {
      this.watching.sweep();
      this.askAll();
      this.renewLater();
    });
  }

  private askAll(): void {
    for (const topic of this.options.watched()) this.unasked.add(topic);
    this.flushSoon();
  }

  // -- sending --------------------------------------------------------------------------------

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

  /** Sends the values of this turn of the event loop: one packet for each node, if they fit. */
  private flush(): void {
    const { untold, unasked } = this;
    [this.untold, this.unasked] = [new Map(), new Set()];
    for (const text of askPackets(this.options.nodeId, [...unasked])) this.send(TO_ALL, text);
    for (const [node, values] of untold) this.sendTo(node, byTopic([...values]));
  }

  private sendTo(node: string, topics: readonly ToldTopic[]): void {
    for (const text of tellPackets(this.options.nodeId, topics)) this.send(channelOf(node), text);
  }

  private send(channel: string, text: string): void {
    this.options.metrics.ephemeralPackets.inc({ outcome: 'sent' });
    this.options.bus?.publish(channel, text, this.options.epoch());
  }

  // -- receiving ------------------------------------------------------------------------------

  private hear(text: string, epoch: number): void {
    const packet = epoch === this.options.epoch() ? decodePacket(text) : null;
    if (packet?.from === this.options.nodeId || this.isClosed) return;
    this.options.metrics.ephemeralPackets.inc({ outcome: packet ? 'received' : 'refused' });
    if (packet) this.take(packet);
  }

  private take(packet: EphemeralPacket): void {
    if ('ask' in packet) this.answer(packet.from, packet.ask);
    else for (const told of packet.tell) this.options.onTold(packet.from, told);
  }

  private answer(node: string, topics: readonly string[]): void {
    for (const topic of topics) this.watching.add(topic, node);
    const own = topics.map((topic) => ({ topic, values: this.options.valuesOf(topic) }));
    const told = own
      .filter(({ values }) => values.length > 0)
      .map(({ topic, values }) => ({ topic, isWhole: true, values: values.map(toldValue) }));
    this.sendTo(node, told);
  }
}

const channelOf = (nodeId: string) => `${TO_ALL}:${nodeId}`;

function byTopic(values: readonly OwnValue[]): ToldTopic[] {
  const topics = new Map<string, ToldValue[]>();
  for (const own of values) topics.set(own.topic, [...(topics.get(own.topic) ?? []), toldValue(own)]);
  return [...topics].map(([topic, told]) => ({ topic, isWhole: false, values: told }));
}
