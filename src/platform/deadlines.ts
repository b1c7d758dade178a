import { refuse } from './errors.ts';

/** The time until which a caller waits for an answer. Work without a waiting caller need not begin. */
export interface Deadline {
  readonly isOver: boolean;
}

interface Waiting {
  readonly at: number;
  isOver: boolean;
  readonly reject: (error: Error) => void;
}

const LOOK_EVERY_MS = 100;

/**
 * Rejects callers at their deadline, which is as far off for all. One timer serves all: a timer for each would keep its
 * data in memory for longer.
 */
export class Deadlines {
  private readonly afterMs: number;
  /** In the order of their deadlines. */
  private readonly waiting = new Set<Waiting>();
  private timer: NodeJS.Timeout | undefined;

  constructor(afterMs: number) {
    this.afterMs = afterMs;
  }

  /**
   * Runs a task. Its result after the deadline is discarded.
   * @throws UnavailableError after the deadline: the task may or may not have been done
   */
  run<Result>(task: (deadline: Deadline) => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const waiting = { at: performance.now() + this.afterMs, isOver: false, reject };
      this.waiting.add(waiting);
      this.timer ??= this.lookSoon();
      task(waiting).then(
        (result) => {
          this.waiting.delete(waiting);
          resolve(result);
        },
        (error: Error) => {
          this.waiting.delete(waiting);
          reject(error);
        },
      );
    });
  }

  private lookSoon(): NodeJS.Timeout {
    return setTimeout(() => this.look(), LOOK_EVERY_MS).unref();
  }

  private look(): void {
    const now = performance.now();
    for (const one of this.waiting) {
      if (one.at > now) break;
      one.isOver = true;
      this.waiting.delete(one);
      one.reject(late());
    }
    this.timer = this.waiting.size > 0 ? this.lookSoon() : undefined;
  }
}

/** The refusal after a deadline. */
export const late = () =>
  refuse('UNAVAILABLE', 'The server could not do this in time. Repeating the same call is safe.');
