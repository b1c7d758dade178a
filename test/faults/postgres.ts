import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded-postgres.ts';
import { until } from './until.ts';

/** A PostgreSQL of the run's own, which can be stopped, killed and started again. */
export class Postgres {
  private readonly dataDir: string;
  private server: EmbeddedPostgres;

  private constructor(dataDir: string, server: EmbeddedPostgres) {
    this.dataDir = dataDir;
    this.server = server;
  }

  static async start(dataDir: string): Promise<Postgres> {
    return new Postgres(dataDir, await startEmbeddedPostgres({ dataDir }));
  }

  /** Of the nodes' role, past the proxies: another port after each restart. */
  get url(): string {
    return this.server.url;
  }

  get port(): number {
    return this.server.port;
  }

  get pid(): number {
    return this.server.pid;
  }

  /** Connections are cut, a checkpoint is written. */
  async stopFast(): Promise<void> {
    await this.server.stop();
  }

  /** As a crash: no checkpoint, so the next start has to recover. */
  async stopImmediately(): Promise<void> {
    process.kill(this.server.pid, 'SIGQUIT');
    await this.server.stop();
  }

  async startAgain(): Promise<void> {
    this.server = await startEmbeddedPostgres({ dataDir: this.dataDir });
  }

  /** One backend of a node dies; the postmaster then restarts all of them. */
  async killBackend(): Promise<void> {
    const [row] = await this.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'parley-%' ORDER BY random() LIMIT 1`,
    );
    if (row) process.kill(row.pid, 'SIGKILL');
    await until(() => this.isOpen(), 30_000);
  }

  /** Ends connections of nodes in order, those in the midst of a transaction first. */
  async terminateBackends(count: number): Promise<void> {
    await this.query(
      `SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity
         WHERE application_name LIKE 'parley-%' ORDER BY state = 'active' DESC, random() LIMIT ${count}) AS chosen`,
    );
  }

  isOpen(): Promise<boolean> {
    return this.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  /** One statement of the superuser on a connection of its own. */
  async query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({
      connectionString: this.server.superuserUrl,
      connectionTimeoutMillis: 5_000,
    });
    client.on('error', () => undefined); // what waits for it is told, too
    await client.connect();
    try {
      return (await client.query(text, values)).rows as Row[];
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}
