import { setImmediate as nextTurn } from 'node:timers/promises';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Results handed out in one turn of the event loop. */
const SLICE = 64;

/**
 * Group commit: what is added while a batch is in flight goes into the next one together. No timer: at rest an item
 * leaves at once and alone; under load the batches grow by themselves. Items leave in the order they came, and are
 * answered in it. A large batch is answered over several turns: who was answered first adds again meanwhile, so that
 * the next batch is under way while this one is still being answered.
 */
export class Lane<Item, Result> {
  private readonly run: (batch: Item[]) => Promise<Result[]>;
  private readonly maxBatch: number;
  private waiting: Waiting<Item, Result>[] = [];
  private inFlight = false;
  private answered: Promise<void> = Promise.resolve();

  /** `run` gives one result per item, in order; when it rejects, so does every item of its batch. */
  constructor(run: (batch: Item[]) => Promise<Result[]>, maxBatch: number) {
    this.run = run;
    this.maxBatch = maxBatch;
  }

  /** How many items wait for a batch. */
  get length(): number {
    return this.waiting.length;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.inFlight) void this.pump();
    });
  }

  private async pump(): Promise<void> {
    this.inFlight = true;
    // Whatever else this turn of the event loop brings in joins the first batch.
    await Promise.resolve();
    while (this.waiting.length) {
      const batch = this.waiting.splice(0, this.maxBatch);
      try {
        const results = await this.run(batch.map(({ item }) => item));
        this.answered = this.answered.then(() => answer(batch, results));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.inFlight = false;
  }
}

async function answer<Result>(batch: readonly Waiting<unknown, Result>[], results: readonly Result[]) {
  for (const [i, { resolve }] of batch.entries()) {
    if (i > 0 && i % SLICE === 0) await nextTurn();
    resolve(results[i] as Result);
  }
}
