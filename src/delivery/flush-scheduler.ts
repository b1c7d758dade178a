import type { Services } from '../context.ts';
import { FrameWriter } from './frames.ts';
import { ItemMetrics } from './item-metrics.ts';
import type { SendQueue } from './send-queue.ts';

/** A source of frames for send queues. */
export interface Participant {
  /** Set while it waits for the next turn. */
  isDue: boolean;
  pump(): void;
}

/**
 * Delivers in turns: everything from one turn of the event loop is taken together, and each socket gets its frames in
 * one write. Without load a turn begins at once.
 */
export class FlushScheduler {
  /** Of what these turns send. */
  readonly metrics: ItemMetrics;
  /** Shared by all sockets of these turns, which are flushed one after the other. */
  readonly writer = new FrameWriter();
  private due: Participant[] = [];
  private isScheduled = false;
  private sendQueues: SendQueue[] = [];

  constructor(node: Pick<Services, 'metrics'>) {
    this.metrics = new ItemMetrics(node);
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

  /** Schedules a flush of the send queue at the end of the turn. */
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
    this.metrics.endTurn();
    this.isScheduled = false;
    // Reschedule if participants were queued during this flush.
    if (this.due.length > 0 || this.sendQueues.length > 0) this.schedule();
  }
}
