import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChangeKind, ChangeOutcome, PendingChange } from './kind.ts';

/** Maximum of changes in one database call. Larger batches gain little and delay every change in them. */
export const MAX_BATCH = 256;
/** Outcomes that are delivered in one turn of the event loop. */
const SLICE = 64;
/** How long a kind counts as waiting after its last batch, because its callers probably add again. */
const RECENT_MS = 100;

/** An outcome, now or later. */
export type EventualOutcome = ChangeOutcome | Promise<ChangeOutcome>;

interface Queued {
  readonly pending: PendingChange;
  readonly resolve: (answer: EventualOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: changes that are added while a batch is running form the next one. There is no timer: without load a
 * change is sent at once and alone; under load the batches grow. Changes of one kind are made and answered in the order
 * of arrival.
 *
 * Each kind has its own queue, and a batch takes a bounded part of each. So a flood of one kind does not slow down the
 * others by more than its part.
 */
export class ChangeQueue {
  private readonly run: (batch: PendingChange[]) => Promise<EventualOutcome[]>;
  private readonly queues = new Map<ChangeKind, Queued[]>();
  /** When the last batch with that kind ended, or began if it is running. */
  private readonly activeAt = new Map<ChangeKind, number>();
  private inFlight = false;
  private answered: Promise<void> = Promise.resolve();

  /** `run` returns one answer for each change, in order. If it rejects, every change of its batch rejects. */
  constructor(run: (batch: PendingChange[]) => Promise<EventualOutcome[]>) {
    this.run = run;
  }

  /** How many changes of a kind wait for a batch. */
  lengthOf(kind: ChangeKind): number {
    return this.queues.get(kind)?.length ?? 0;
  }

  add(pending: PendingChange): Promise<ChangeOutcome> {
    return new Promise((resolve, reject) => {
      const queued = { pending, resolve, reject };
      const queue = this.queues.get(pending.kind);
      if (queue) queue.push(queued);
      else this.queues.set(pending.kind, [queued]);
      if (!this.inFlight) void this.pump();
    });
  }

  private async pump(): Promise<void> {
    this.inFlight = true;
    // All other changes of this turn of the event loop join the first batch.
    await Promise.resolve();
    for (let batch = this.take(); batch.length > 0; batch = this.take()) {
      await this.runBatch(batch);
      this.noteActive(new Set(batch.map(({ pending }) => pending.kind)));
      // Callers that were just answered can add again first. Otherwise the next batch would contain only the other
      // kinds.
      if (this.isMixed()) await nextTurn();
    }
    this.inFlight = false;
  }

  private noteActive(kinds: Iterable<ChangeKind>): void {
    const now = performance.now();
    for (const kind of kinds) this.activeAt.set(kind, now);
  }

  private isMixed(): boolean {
    const since = performance.now() - RECENT_MS;
    let kinds = 0;
    for (const activeAt of this.activeAt.values()) if (activeAt >= since) kinds++;
    return kinds > 1;
  }

  private take(): Queued[] {
    const waiting = [...this.queues].filter(([, queue]) => queue.length > 0);
    this.noteActive(waiting.map(([kind]) => kind));
    const isMixed = this.isMixed();
    return waiting.flatMap(([kind, queue]) => queue.splice(0, isMixed ? kind.mixedLimit : MAX_BATCH));
  }

  /** Answers a large batch over several turns: callers that were answered first add again meanwhile. */
  private async runBatch(batch: readonly Queued[]): Promise<void> {
    try {
      const answers = await this.run(batch.map(({ pending }) => pending));
      this.answered = this.answered.then(() => handOut(batch, answers));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

async function handOut(batch: readonly Queued[], answers: readonly EventualOutcome[]): Promise<void> {
  for (const [i, { resolve }] of batch.entries()) {
    if (i > 0 && i % SLICE === 0) await nextTurn();
    resolve(answers[i] as EventualOutcome);
  }
}
