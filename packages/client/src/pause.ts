/** Pauses that can be ended early. */
export class Pauses {
  private readonly running = new Set<() => void>();

  /** Resolves after that time, or when `end` is called. */
  wait(ms = FIRST_MS): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.running.delete(finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      this.running.add(finish);
    });
  }

  end(): void {
    for (const finish of [...this.running]) finish();
  }
}

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** A random pause between 0 and 1, 2, 4, 8, 16 and at most 30 seconds, because many clients reconnect at once. */
export function backoffMs(attempt: number): number {
  return Math.random() * Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS);
}
