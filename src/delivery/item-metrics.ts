import type { Services } from '../context.ts';
import {
  type ControlItem,
  isEphemeral,
  isEvent,
  isRoomItem,
  type StreamItem,
} from '../eventlog/streams/items.ts';
import type { Stream } from '../eventlog/streams/stream.ts';
import { TtlCache } from '../platform/ttl-cache.ts';

/** Counts the items that sockets are sent. */
export class ItemMetrics {
  private readonly node: Pick<Services, 'metrics'>;
  // A thousand subscribers get the same item one after the other: the metric counts them at once.
  private lastItem: StreamItem | null = null;
  private lastCount = 0;

  constructor(node: Pick<Services, 'metrics'>) {
    this.node = node;
  }

  /** Called for each item that was put into a send queue. */
  sent(item: StreamItem, stream: Stream): void {
    if (item === this.lastItem) {
      this.lastCount++;
      return;
    }
    this.endTurn();
    this.lastItem = item;
    this.lastCount = 1;
    measure(this.node, item, stream);
  }

  endTurn(): void {
    if (this.lastItem) this.node.metrics.events.inc({ kind: this.lastItem.kind }, this.lastCount);
    this.lastItem = null;
  }
}

/** Older events are not measured. */
const OBSERVED_MS = 1_000;
const observed = new TtlCache<object, true>(OBSERVED_MS);

/** Counts ended streams, and measures the delay of an event, once per event and without backlogs. */
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
