import type { Log } from '../../platform/telemetry.ts';

const RETRY_MS = 500;

/** Reads that a stream needs before it can continue: one task at a time. It wakes the stream when a task is done. */
export class BackgroundWork {
  private readonly log: Log;
  private readonly onDone: () => void;
  private isBusy = false;
  private isClosed = false;

  constructor(log: Log, onDone: () => void) {
    this.log = log;
    this.onDone = onDone;
  }

  /** Begins the task, unless another is under way. */
  begin(task: () => Promise<void>): void {
    if (!this.isBusy) void this.run(task);
  }

  close(): void {
    this.isClosed = true;
  }

  private async run(task: () => Promise<void>): Promise<void> {
    this.isBusy = true;
    try {
      await task();
    } catch (error) {
      this.log.warn({ err: (error as Error).message }, 'an inbox waits for the database');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * (0.5 + Math.random())));
    }
    this.isBusy = false;
    if (!this.isClosed) this.onDone();
  }
}
