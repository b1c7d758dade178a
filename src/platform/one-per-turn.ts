import { setImmediate as immediate } from 'node:timers/promises';

/** Lets callers through one by one, in the order they came, each in a turn of the event loop of its own. */
export class OnePerTurn {
  private last: Promise<void> = Promise.resolve();

  /** Resolves in the next turn that no earlier caller has. */
  next(): Promise<void> {
    this.last = this.last.then(() => immediate());
    return this.last;
  }
}
