import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { connect } from './database-access.ts';
import type { Sql, Statement } from './db.ts';
import { planSettings, sessionSettings, types } from './pools.ts';

// The server ends a statement before this time; without an answer by then, the connection is broken.
const SILENCE_MS = 6_000;
const GOODBYE_MS = 1_000;

// Without these, the locks of a node whose machine disappeared would be held for hours.
export const keepaliveSettings =
  '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c idle_session_timeout=0';

/** One connection that is not shared, for advisory locks and transactions of several statements. One call at a time. */
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

  /** Commits the changes of the work, or none of them. */
  async transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.client.query('BEGIN');
    try {
      const result = await work();
      await this.client.query('COMMIT');
      return result;
    } catch (error) {
      // If the connection broke, the server rolls back, and `error` or the next statement reports it.
      await this.client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  close(): Promise<void> {
    return hangUp(this.client);
  }
}

/** Closes a connection in order, or at once if the server does not answer. */
export async function hangUp(client: pg.Client): Promise<void> {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  const late = setTimeout(() => stream.destroy(), GOODBYE_MS);
  await client.end().catch(() => undefined);
  clearTimeout(late);
}
