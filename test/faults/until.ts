import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/** Waits for a condition; false when it did not come true in time. */
export async function until(condition: () => boolean | Promise<boolean>, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
}
