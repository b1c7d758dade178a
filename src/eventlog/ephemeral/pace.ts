import type { DueQueue } from './due-queue.ts';

/** Of whom somebody is told at most once in a time. */
export interface Paced {
  /** When they were told last, on the clock of `performance.now()`; -Infinity before the first time. */
  toldAt: number;
  /** They are told soon, because they were told just before. */
  isWaiting: boolean;
}

/** Tells now, or at the end of the pause; what changes meanwhile is told with it. `tell` must not throw. */
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
