/**
 * Group commit: what is added while a batch is in flight goes into the next one together. No timer: at rest an item
 * leaves at once and alone; under load the batches grow by themselves. Items leave in the order they came.
 */
export class Lane<Item, Result> {
  private readonly run: (batch: Item[]) => Promise<Result[]>;
  private readonly maxBatch: number;
  private waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  private inFlight = false;

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
        batch.forEach(({ resolve }, i) => resolve(results[i] as Result));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.inFlight = false;
  }
}
