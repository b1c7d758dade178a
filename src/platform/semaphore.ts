import { refuse } from './errors.ts';

export interface SemaphoreOptions {
  /** Tasks that run at once. */
  readonly limit: number;
  /** Tasks that wait for their turn; unlimited by default. */
  readonly maxWaiting?: number;
  /** The text of the error when too many wait. */
  readonly tooMany?: string;
}

const RETRY_AFTER_MS = 2_000;

/** Lets a bounded number of tasks run at once. The others wait in the order of arrival, urgent ones first. */
export class Semaphore {
  private free: number;
  private readonly maxWaiting: number;
  private readonly tooMany: string | undefined;
  private readonly urgent: (() => void)[] = [];
  private readonly waiting: (() => void)[] = [];

  constructor({ limit, maxWaiting = Number.POSITIVE_INFINITY, tooMany }: SemaphoreOptions) {
    this.free = limit;
    this.maxWaiting = maxWaiting;
    this.tooMany = tooMany;
  }

  /**
   * Urgent and other tasks are counted separately, so that neither fills the queue of the other.
   * @throws UnavailableError if too many wait already
   */
  async run<Result>(task: () => Promise<Result>, { isUrgent = false } = {}): Promise<Result> {
    if (this.free > 0) this.free--;
    else await this.turn(isUrgent ? this.urgent : this.waiting);
    try {
      return await task();
    } finally {
      const next = this.urgent.shift() ?? this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }

  private turn(queue: (() => void)[]): Promise<void> {
    if (queue.length >= this.maxWaiting)
      throw refuse('UNAVAILABLE', this.tooMany, { retryAfterMs: RETRY_AFTER_MS });
    return new Promise((resolve) => queue.push(resolve));
  }
}
