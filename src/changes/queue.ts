import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChangeKind, ChangeOutcome, PendingChange } from './kind.ts';

/** Changes in one database call at most. Larger batches gain little and make everybody in them wait. */
export const MAX_BATCH = 256;
/** Outcomes handed out in one turn of the event loop. */
const SLICE = 64;
/** A kind counts as waiting for this long after its last batch: its callers are likely to be back. */
const RECENT_MS = 100;

/** An outcome, now or later. */
export type EventualOutcome = ChangeOutcome | Promise<ChangeOutcome>;

interface Queued {
  readonly pending: PendingChange;
  readonly resolve: (answer: EventualOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: changes that are added while a batch is in flight go into the next one together. There is no timer: at
 * rest a change leaves at once and alone; under load the batches grow by themselves. Changes of one kind leave in the
 * order they came, and are answered in it.
 *
 * Each kind has a queue of its own, and a batch takes a bounded part of each: a flood of one kind does not slow down
 * the others more than its part does.
 */
export class ChangeQueue {
  private readonly run: (batch: PendingChange[]) => Promise<EventualOutcome[]>;
  private readonly queues = new Map<ChangeKind, Queued[]>();
  /** When the last batch with that kind ended, or began where it is under way. */
  private readonly activeAt = new Map<ChangeKind, number>();
  private inFlight = false;
  private answered: Promise<void> = Promise.resolve();

  /** `run` returns one answer for each change, in order; when it rejects, so does every change of its batch. */
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
    // Whatever else this turn of the event loop brings in joins the first batch.
    await Promise.resolve();
    for (let batch = this.take(); batch.length > 0; batch = this.take()) {
      await this.runBatch(batch);
      this.noteActive(new Set(batch.map(({ pending }) => pending.kind)));
      // Callers that were just answered add again first, or the next batch would have the other kinds alone.
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

  /** A large batch is answered over several turns: callers that were answered first add again meanwhile. */
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
