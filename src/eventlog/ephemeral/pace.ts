import type { DueQueue } from './due-queue.ts';

/** A receiver that is informed at most once in a time. */
export interface Paced {
  /** When it was last informed, on the clock of `performance.now()`; -Infinity before the first time. */
  toldAt: number;
  /** It will be informed soon, because it was informed just before. */
  isWaiting: boolean;
}

/** Informs a receiver now, or at the end of the pause, with all changes until then. `tell` must not throw. */
export function tellPaced(due: DueQueue, paced: Paced, pauseMs: number, tell: () => void): void {
  if (paced.isWaiting) return;
  const run = () => {
    [paced.toldAt, paced.isWaiting] = [performance.now(), false];
    tell();
  };
  const wait = paced.toldAt + pauseMs - performance.now();
  if (wait <= 0) return run();
  paced.isWaiting = true;
  due.in(wait, run);
}
