import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { parseDatabaseUrl } from '../platform/database-url.ts';
import { hangUp, keepaliveSettings } from '../platform/session.ts';
import type { Log } from '../platform/telemetry.ts';

/** Another node uses the database, and the two nodes have no common Redis. */
class LonelyNodeError extends Error {
  override name = 'LonelyNodeError';
}

export interface NodeLockOptions {
  readonly url: string;
  /** With Redis, any number of nodes; without, exactly one. */
  readonly isShared: boolean;
  readonly log: Log;
}

const LOCK_ID = 72_707_370;
// A node that was just killed may still be connected.
const PATIENCE_MS = 3_000;
const RETRY_MS = 250;
const REGAIN_MS = 1_000;
const ASK_MS = 10_000;

/**
 * Reserves the database for this node, on a separate connection. Nodes with Redis share the database; a node without
 * Redis needs it alone, because two nodes without announcements deliver late and do not notice it.
 * @returns a function that releases it
 * @throws LonelyNodeError
 */
export async function holdNodeLock(options: NodeLockOptions): Promise<() => Promise<void>> {
  const lock = new NodeLock(options);
  await lock.take();
  return () => lock.release();
}

class NodeLock {
  private readonly options: NodeLockOptions;
  private client: pg.Client | null = null;
  private timer: NodeJS.Timeout | undefined;
  private isReleased = false;

  constructor(options: NodeLockOptions) {
    this.options = options;
  }

  async take(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await this.attempt())) {
      if (performance.now() > deadline) throw new LonelyNodeError(refusal(this.options.isShared));
      await delay(RETRY_MS);
    }
    this.timer = setInterval(() => void this.ask(), ASK_MS);
  }

  async release(): Promise<void> {
    this.isReleased = true;
    clearInterval(this.timer);
    if (this.client) await hangUp(this.client);
  }

  private async attempt(): Promise<boolean> {
    const client = new pg.Client({
      ...parseDatabaseUrl(this.options.url),
      application_name: 'parley-node',
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
      options: `${keepaliveSettings} -c jit=off`,
    });
    client.on('error', () => undefined); // `end` follows
    try {
      await client.connect();
      const { rows } = await client.query<{ held: boolean }>(
        `SELECT pg_try_advisory_lock${this.options.isShared ? '_shared' : ''}($1) AS held`,
        [LOCK_ID],
      );
      if (rows[0]?.held !== true) {
        await client.end();
        return false;
      }
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
    client.once('end', () => void this.regain());
    return true;
  }

  /**
   * Sends a statement regularly: otherwise the node would not notice that the connection is cut and the lock is lost.
   */
  private async ask(): Promise<void> {
    const { client } = this;
    await client?.query('SELECT 1').catch(() => hangUp(client));
  }

  /**
   * Takes the lock again after a broken connection. The node continues: without announcements it delivers late, but
   * correctly.
   */
  private async regain(): Promise<void> {
    const { log } = this.options;
    let reported = false;
    while (!this.isReleased) {
      const isHeld = await this.attempt().catch(() => null);
      if (isHeld) return;
      if (isHeld === false && !reported) log.error(refusal(this.options.isShared));
      reported ||= isHeld === false;
      await delay(REGAIN_MS * (0.5 + Math.random()));
    }
  }
}

function refusal(isShared: boolean): string {
  return isShared
    ? 'REDIS_URL: another node without Redis uses this database; give that one the same REDIS_URL'
    : 'REDIS_URL: is required, because another node uses this database already';
}
