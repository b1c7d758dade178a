import type { Rows } from './rows.ts';

/**
 * Where a client keeps the data that survives a reload: session, position, rooms, messages and outbox, as rows of a key
 * and a value. Values are JSON, or anything that `structuredClone` copies.
 */
export interface Storage {
  /** Returns all rows of all commits, the last value of each key. Called once, before the other functions. */
  load(): Promise<Iterable<readonly [string, unknown]>>;
  /**
   * Stores all of these changes or none, durably; `undefined` removes a row. Commits never overlap. Exactly-once
   * delivery depends on this: an item, its position and the outbox entry that it confirms are in one commit.
   */
  commit(changes: Rows): Promise<void>;
  /**
   * Opens the storage again after a failed commit, and returns what it has then. The client stores what is missing. Without
   * this function, or if it rejects, the client reports the failed commit.
   */
  reopen?(): Promise<Iterable<readonly [string, unknown]>>;
  /** Called once, after the last commit. */
  close?(): Promise<void>;
  /**
   * A name for all tabs of a browser with the same rows. Clients with the same name share one connection: one tab has
   * it, and writes.
   */
  readonly sharedName?: string;
}

/** Keeps rows as long as the page or process lives. */
export function memoryStorage(): Storage {
  const rows = new Map<string, unknown>();
  return {
    load: async () => new Map(rows),
    async commit(changes) {
      for (const [key, value] of changes) {
        if (value === undefined) rows.delete(key);
        else rows.set(key, value);
      }
    },
  };
}
