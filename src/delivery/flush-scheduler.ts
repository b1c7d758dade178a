import type { Services } from '../context.ts';
import {
  type ControlItem,
  isEphemeral,
  isEvent,
  isRoomItem,
  type Stream,
  type StreamItem,
} from '../eventlog/streams/stream.ts';
import { TtlCache } from '../platform/ttl-cache.ts';
import { FrameWriter } from './frames.ts';
import type { SendQueue } from './send-queue.ts';

/** Something that has items to put into send queues. */
export interface Participant {
  /** Set while it waits for the next turn. */
  isDue: boolean;
  pump(): void;
}

/**
 * Delivers in turns: everything that one turn of the event loop brought is taken together, and each socket gets its
 * frames in one write. At rest a turn begins at once.
 */
export class FlushScheduler {
  private readonly node: Pick<Services, 'metrics'>;
  /** Of all sockets that these turns flush, one after the other. */
  readonly writer = new FrameWriter();
  private due: Participant[] = [];
  private isScheduled = false;
  private sendQueues: SendQueue[] = [];
  // A thousand subscribers are sent the same item one after the other: it is counted as one thousand of it.
  private lastItem: StreamItem | null = null;
  private lastCount = 0;

  constructor(node: Pick<Services, 'metrics'>) {
    this.node = node;
  }

  add(participant: Participant): void {
    if (participant.isDue) return;
    participant.isDue = true;
    this.due.push(participant);
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.run());
  }

  /** An item was put into a send queue. */
  sent(item: StreamItem, stream: Stream): void {
    if (item === this.lastItem) {
      this.lastCount++;
      return;
    }
    this.count();
    this.lastItem = item;
    this.lastCount = 1;
    measure(this.node, item, stream);
  }

  private count(): void {
    if (this.lastItem) this.node.metrics.events.inc({ kind: this.lastItem.kind }, this.lastCount);
    this.lastItem = null;
  }

  /** A send queue has something to send at the end of the turn. */
  flushLater(sendQueue: SendQueue): void {
    this.sendQueues.push(sendQueue);
    this.schedule();
  }

  private run(): void {
    const { due } = this;
    this.due = [];
    for (const participant of due) {
      participant.isDue = false;
      participant.pump();
    }
    const { sendQueues } = this;
    this.sendQueues = [];
    for (const sendQueue of sendQueues) sendQueue.flush();
    this.count();
    this.isScheduled = false;
    // A participant that was woken by this turn has the next one.
    if (this.due.length > 0 || this.sendQueues.length > 0) this.schedule();
  }
}

/** Longer than any event is new. */
const OBSERVED_MS = 1_000;
const observed = new TtlCache<object, true>(OBSERVED_MS);

/** Counts each end of a stream, and how long an event took, once per event and not from the backlog. */
export function measure({ metrics }: Pick<Services, 'metrics'>, item: StreamItem, stream: Stream): void {
  if (isEphemeral(item)) return;
  if (!isEvent(item)) countEnd(metrics, item);
  else if (stream.isLive && isRoomItem(item) && !observed.get(item.event)) {
    observed.set(item.event, true);
    metrics.deliverySeconds.observe(Math.max(0, Date.now() - item.event.createdAt.getTime()) / 1000);
  }
}

function countEnd({ streamEnds }: Services['metrics'], item: ControlItem): void {
  if (item.kind === 'StreamClosed') streamEnds.inc({ reason: item.closeReason });
  else if (item.kind === 'ResyncRequired') streamEnds.inc({ reason: item.resyncReason });
}
