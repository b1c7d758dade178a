type Step = () => unknown;

/** Actions to undo at the end, in reverse order. A failure does not prevent the others. */
export class Undo {
  private readonly steps: Step[] = [];
  private running: Promise<void> | null = null;

  push(step: Step): void {
    this.steps.push(step);
    // Resources that were still being created at the end are undone, too.
    if (this.running) this.running = this.running.then(() => this.runAll());
  }

  /** Calling it again waits for the same end. */
  run(): Promise<void> {
    this.running ??= this.runAll();
    return this.running;
  }

  private async runAll(): Promise<void> {
    for (let step = this.steps.pop(); step; step = this.steps.pop()) {
      try {
        await step();
      } catch (error) {
        console.error(`replay: ${(error as Error).message}`);
      }
    }
  }
}
