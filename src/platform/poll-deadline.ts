import { setTimeout as delay } from 'node:timers/promises';

// Polls often at first and seldom later, because a database in recovery logs every attempt to connect.
const FIRST_POLL_MS = 5;
const LAST_POLL_MS = 250;

/** Waits for something that is asked about again and again, up to a time. */
export class PollDeadline {
  private pause = FIRST_POLL_MS;
  private readonly giveUpAt: number;

  constructor(ms: number) {
    this.giveUpAt = Date.now() + ms;
  }

  /** Waits a little. False when the time is over. */
  async wait(): Promise<boolean> {
    if (Date.now() > this.giveUpAt) return false;
    await delay(this.pause);
    this.pause = Math.min(this.pause * 1.2, LAST_POLL_MS);
    return true;
  }
}
