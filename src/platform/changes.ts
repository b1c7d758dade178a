import { setTimeout as delay } from 'node:timers/promises';
import { databaseFailure } from './database-failure.ts';
import type { Sql } from './db.ts';
import { type Deadline, Deadlines, late } from './deadlines.ts';
import { refuse } from './errors.ts';
import { Semaphore } from './semaphore.ts';

/** Changes that may wait on a node before more are refused. */
const MAX_WAITING = 5_000;
const FIRST_PAUSE_MS = 25;
const LAST_PAUSE_MS = 400;

/**
 * Runs changes that lock rows of the database, one of a key at a time, because they would wait for each other in the
 * database, each with a connection. A change that does not get its lock returns its connection and tries again until
 * its deadline. Only one of all these waits in the database, so no lock takes the pool from other changes.
 */
export class Changes {
  private readonly sql: Sql;
  private readonly deadlines: Deadlines;
  private readonly lastOf = new Map<string, Promise<unknown>>();
  private readonly repeating = new Semaphore({ limit: 1 });
  private waiting = 0;

  constructor(sql: Sql, deadlineMs: number) {
    this.sql = sql;
    this.deadlines = new Deadlines(deadlineMs);
  }

  /**
   * Makes a change of what the key names, such as `room 7`. It must be safe to repeat.
   * @throws UnavailableError when the deadline is over, or too many wait
   */
  async run<Result>(key: string, change: (sql: Sql) => Promise<Result>): Promise<Result> {
    if (this.waiting >= MAX_WAITING) throw refuse('UNAVAILABLE', 'The server is busy. Try again.');
    this.waiting++;
    return this.deadlines
      .run((deadline) => this.inTurn(key, () => this.attempt(change, deadline)))
      .finally(() => this.waiting--);
  }

  private async inTurn<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const mine = (this.lastOf.get(key) ?? Promise.resolve()).then(task);
    const settled = mine.catch(() => undefined);
    this.lastOf.set(key, settled);
    await settled;
    if (this.lastOf.get(key) === settled) this.lastOf.delete(key);
    return mine;
  }

  private async attempt<Result>(change: (sql: Sql) => Promise<Result>, deadline: Deadline): Promise<Result> {
    const call = () => change(this.sql);
    // The caller no longer waits, so the change must not be made.
    const callInTime = () => (deadline.isOver ? Promise.reject(late()) : call());
    for (let pause = 0; !deadline.isOver; pause = Math.min(2 * pause || FIRST_PAUSE_MS, LAST_PAUSE_MS)) {
      try {
        if (pause === 0) return await call();
        await delay(pause);
        return await this.repeating.run(callInTime);
      } catch (error) {
        if (databaseFailure(error) !== 'locked') throw error;
      }
    }
    throw late();
  }
}
