/**
 * The clock of the database, as a node knows it. It goes on with `performance.now()`, so a wrong or changed clock of the
 * node has no effect. All times are in ms.
 */
export class DatabaseClock {
  private aheadMs = Number.NEGATIVE_INFINITY;

  /** Since 1970. -Infinity before the first reading. */
  now(): number {
    return performance.now() + this.aheadMs;
  }

  /**
   * Takes a time that the database said between two values of `performance.now()`. It changes no more than these require,
   * so a slow answer does not worsen what a fast one has shown.
   */
  adjust(saidMs: number, asked: number, answered: number): void {
    this.aheadMs = Math.min(Math.max(this.aheadMs, saidMs - answered), saidMs - asked);
  }
}
