import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

const MAX_WAITING = 1_000;
const DELAY_MS = 1_000;

/**
 * Holds refusals back for a moment. A client that asks again as soon as it is answered would otherwise be refused as
 * fast as the node can, and everybody else would wait behind that.
 */
export class RefusalDelay {
  private readonly held = new WeakSet<Duplex>();
  private waiting = 0;

  /** Whether something was asked over a connection that has not heard its refusal yet. */
  isHolding(socket: Duplex): boolean {
    return this.held.has(socket);
  }

  /** Resolves when the refusal may be sent: at once where too many wait already. */
  async pass(socket: Duplex): Promise<void> {
    if (this.waiting >= MAX_WAITING) return;
    this.waiting++;
    this.held.add(socket);
    // In no step with others.
    await delay(DELAY_MS * (0.5 + Math.random() / 2), undefined, { ref: false });
    this.held.delete(socket);
    this.waiting--;
  }
}
