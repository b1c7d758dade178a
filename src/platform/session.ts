import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { connect } from './database-access.ts';
import type { Sql, Statement } from './db.ts';
import { planSettings, sessionSettings, types } from './pools.ts';

// A statement is ended by the server before that; who is not answered by then has no way to it.
const SILENCE_MS = 6_000;
const GOODBYE_MS = 1_000;

// Without these, the locks of a node whose machine vanished would be held for hours.
export const keepaliveSettings =
  '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c idle_session_timeout=0';

/**
 * One connection that is not shared, for work that belongs together: advisory locks, transactions of several statements.
 * One call at a time.
 */
export class DatabaseSession implements Sql {
  private readonly client: pg.Client;

  private constructor(client: pg.Client) {
    this.client = client;
  }

  /** @throws DatabaseAccessError */
  static async open(url: string, name: string): Promise<DatabaseSession> {
    const client = await connect(url, {
      application_name: `parley-${name}`,
      types,
      query_timeout: SILENCE_MS,
      keepAlive: true,
      options: `${sessionSettings}${planSettings} ${keepaliveSettings}`,
    });
    return new DatabaseSession(client);
  }

  async rows<Row>({ name, text }: Statement, values: readonly unknown[]): Promise<Row[]> {
    const result = await this.client.query({ name, text, values: values as unknown[] });
    return result.rows as Row[];
  }

  /** Commits what the work did, or nothing of it. */
  async transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.client.query('BEGIN');
    try {
      const result = await work();
      await this.client.query('COMMIT');
      return result;
    } catch (error) {
      // Where the connection broke, the server rolls back, and `error` says so already or the next statement will.
      await this.client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  close(): Promise<void> {
    return hangUp(this.client);
  }
}

/** Ends a connection politely, and where nobody answers, at once. */
export async function hangUp(client: pg.Client): Promise<void> {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  const late = setTimeout(() => stream.destroy(), GOODBYE_MS);
  await client.end().catch(() => undefined);
  clearTimeout(late);
}
