import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

const MAX_WAITING = 1_000;
const DELAY_MS = 1_000;

/** Delays refusals for a moment. Otherwise a client that repeats its request after each refusal keeps the node busy. */
export class RefusalDelay {
  private readonly held = new WeakSet<Duplex>();
  private waiting = 0;

  /** Whether a refusal for this connection is being delayed. */
  isHolding(socket: Duplex): boolean {
    return this.held.has(socket);
  }

  /** Resolves when the refusal may be sent: at once if too many are delayed already. */
  async pass(socket: Duplex): Promise<void> {
    if (this.waiting >= MAX_WAITING) return;
    this.waiting++;
    this.held.add(socket);
    // Jitter spreads clients that were refused together.
    await delay(DELAY_MS * (0.5 + Math.random() / 2), undefined, { ref: false });
    this.held.delete(socket);
    this.waiting--;
  }
}
