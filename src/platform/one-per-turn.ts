import { setImmediate as immediate } from 'node:timers/promises';

/** Lets callers through one by one, in the order of arrival, each in its own turn of the event loop. */
export class OnePerTurn {
  private last: Promise<void> = Promise.resolve();

  /** Resolves in the next turn that no earlier caller uses. */
  next(): Promise<void> {
    this.last = this.last.then(() => immediate());
    return this.last;
  }
}
