type Step = () => unknown;

/** What has to be undone at the end: last made, first undone. One failure does not keep the rest from it. */
export class Undo {
  private readonly steps: Step[] = [];
  private running: Promise<void> | null = null;

  push(step: Step): void {
    this.steps.push(step);
    // What was still being made when the end came goes, too.
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
