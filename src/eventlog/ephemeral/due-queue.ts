const TICK_MS = 50;

/** Runs tasks at their times, exact to 50 ms, with one timer for all of them. */
export class DueQueue {
  private readonly slots = new Map<number, (() => void)[]>();
  private next = 0;
  private timer: NodeJS.Timeout | undefined;

  /** `run` must not throw. */
  in(ms: number, run: () => void): void {
    const now = slotAt(performance.now());
    if (!this.timer) this.next = now;
    const slot = Math.max(this.next, slotAt(performance.now() + ms)) + 1;
    const tasks = this.slots.get(slot) ?? [];
    tasks.push(run);
    this.slots.set(slot, tasks);
    this.timer ??= setInterval(() => this.tick(), TICK_MS).unref();
  }

  close(): void {
    this.slots.clear();
    this.stop();
  }

  private tick(): void {
    for (const now = slotAt(performance.now()); this.next <= now; this.next++) {
      const tasks = this.slots.get(this.next) ?? [];
      this.slots.delete(this.next);
      for (const run of tasks) run();
    }
    if (this.slots.size === 0) this.stop();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

const slotAt = (ms: number) => Math.floor(ms / TICK_MS);
