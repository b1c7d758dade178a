import type { Rows } from './rows.ts';

/**
 * Where a client keeps what has to survive a reload: session, position, rooms, messages and outbox, as rows of a key and
 * a value. Values are JSON, or whatever else `structuredClone` copies.
 */
export interface Storage {
  /** All rows of all commits, the last value of each key. Called once, before anything else. */
  load(): Promise<Iterable<readonly [string, unknown]>>;
  /**
   * Stores all of these changes or none, durably; `undefined` removes a row. Commits never overlap.
   * The promise exactly-once rests on this: an item, its position and the outbox entry that it answers are in one commit.
   */
  commit(changes: Rows): Promise<void>;
  /** Called once, after the last commit. */
  close?(): Promise<void>;
  /**
   * A name that all tabs of a browser with the same rows have in common. Clients of one name share one connection:
   * one tab has it, and writes.
   */
  readonly sharedName?: string;
}

/** Keeps rows as long as the page or process lives. */
export function memoryStorage(): Storage {
  const rows = new Map<string, unknown>();
  return {
    load: () => Promise.resolve(new Map(rows)),
    commit(changes) {
      for (const [key, value] of changes) {
        if (value === undefined) rows.delete(key);
        else rows.set(key, value);
      }
      return Promise.resolve();
    },
  };
}
