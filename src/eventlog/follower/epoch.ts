import type { Heads } from '../log.ts';

/** Minimum time between two reactions to nodes in another epoch. */
const DOUBT_MS = 10_000;

/** The epoch of the data that this node works with, and the listeners for its changes. */
export class Epoch {
  /** Identifies the data as long as its numbers continue; cursors carry it. 0 before the first head poll. */
  current = 0;
  /** Names the database cluster and the database: nodes with another one may use the same Redis. */
  database = '';
  private readonly changeListeners = new Set<() => void>();
  private readonly doubtListeners = new Set<(reason: string) => void>();
  private doubtedAt = Number.NEGATIVE_INFINITY;

  adopt({ epoch, database }: Heads): void {
    this.current = epoch;
    this.database = database;
  }

  /**
   * Calls the listener when the epoch changed, so that earlier positions are invalid. Returns the unsubscribe function.
   */
  onChange(listener: () => void): () => void {
    this.changeListeners.add(listener);
    return () => this.changeListeners.delete(listener);
  }

  /**
   * Calls the listener when database connections may lead to another server than those of other nodes, or than before.
   */
  onDoubt(listener: (reason: string) => void): void {
    this.doubtListeners.add(listener);
  }

  notifyChange(): void {
    for (const listener of this.changeListeners) listener();
    this.raiseDoubt('the epoch changed');
  }

  /**
   * Handles a node in another epoch: this node has not polled yet, or is connected to a primary that was replaced and
   * not shut down.
   * @returns false if the last doubt is too recent
   */
  doubt(): boolean {
    if (performance.now() - this.doubtedAt < DOUBT_MS) return false;
    this.doubtedAt = performance.now();
    this.raiseDoubt('another node is in another epoch');
    return true;
  }

  private raiseDoubt(reason: string): void {
    for (const listener of this.doubtListeners) listener(reason);
  }
}
