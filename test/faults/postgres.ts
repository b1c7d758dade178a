import { execFile } from 'node:child_process';
import { chownSync, lstatSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { EmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.ts';
import { NODE_ROLE } from '../../src/embedded-postgres/roles.ts';
import { withDatabase } from '../../src/platform/database-url.ts';
import { startPostgres } from '../harness/postgres.ts';
import { until } from './until.ts';

const run = promisify(execFile);

type Rows = <Row>(text: string, values?: unknown[]) => Promise<Row[]>;

/** Replays of a standby are awaited for so long. */
const STANDBY_MS = 30_000;

/** A PostgreSQL of the run's own, which can be stopped, killed, started again, dumped, restored and replicated. */
export class Postgres {
  readonly dataDir: string;
  /** The one of its databases that the nodes use. */
  database = 'parley';
  private server: EmbeddedPostgres;

  private constructor(dataDir: string, server: EmbeddedPostgres) {
    this.dataDir = dataDir;
    this.server = server;
  }

  /** With `walDir` the log of the database is there, for instance on another file system. */
  static async start(dataDir: string, walDir?: string): Promise<Postgres> {
    const server = await startPostgres(dataDir);
    const pgWal = path.join(dataDir, 'postgres/pg_wal');
    if (!walDir || lstatSync(pgWal).isSymbolicLink()) return new Postgres(dataDir, server);
    await server.stop();
    await moveWal(pgWal, walDir);
    return new Postgres(dataDir, await startPostgres(dataDir));
  }

  /** Of the nodes' role, past the proxies: another port after each restart. */
  get url(): string {
    return withDatabase(this.server.url, this.database);
  }

  get superuserUrl(): string {
    return withDatabase(this.server.superuserUrl, this.database);
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
    if (await this.isOpen()) process.kill(this.server.pid, 'SIGQUIT');
    await this.server.stop();
  }

  async startAgain(): Promise<void> {
    this.server = await startPostgres(this.dataDir);
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

  /** Runs one statement of the superuser on a separate connection. */
  query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.session((rows) => rows<Row>(text, values));
  }

  /** Statements of the superuser on one connection, which ends with them. */
  async session<Result>(use: (rows: Rows) => Promise<Result>): Promise<Result> {
    const client = new pg.Client({ connectionString: this.superuserUrl, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined); // pending queries fail, too
    await client.connect();
    try {
      return await use(async <Row>(text: string, values: unknown[] = []) => {
        return (await client.query(text, values)).rows as Row[];
      });
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** The last number of each room. */
  async heads(): Promise<Map<number, number>> {
    const rows = await this.query<{ room: string; head: string }>(
      'SELECT room_id AS room, last_room_seq AS head FROM room_heads',
    );
    return new Map(rows.map(({ room, head }) => [Number(room), Number(head)]));
  }

  // -- transaction numbers --------------------------------------------------------------------

  async nextTransaction(): Promise<number> {
    const [row] = await this.query<{ xid: string }>('SELECT pg_snapshot_xmax(pg_current_snapshot()) AS xid');
    return Number(row?.xid);
  }

  /** Another, empty database of the same server. */
  async createDatabase(name: string): Promise<Postgres> {
    await this.query(`CREATE DATABASE ${name} OWNER ${NODE_ROLE}`);
    return this.beside(name);
  }

  /** A copy of this database on the same server, file by file. Every other session in the database has to end first. */
  async copyDatabase(name: string): Promise<Postgres> {
    await this.beside('postgres').query(
      `CREATE DATABASE ${name} TEMPLATE ${this.database} OWNER ${NODE_ROLE}`,
    );
    return this.beside(name);
  }

  private beside(database: string): Postgres {
    const other = new Postgres(this.dataDir, this.server);
    other.database = database;
    return other;
  }

  // -- a standby ------------------------------------------------------------------------------

  /**
   * A streaming replica of this server in another folder. It reaches the primary through `port`, a proxy that can lose
   * the end of the log. Resolves when the replica has replayed everything that was committed before the call.
   */
  async startStandby(dataDir: string, port: number, walDir?: string): Promise<Postgres> {
    const cluster = path.join(dataDir, 'postgres');
    await this.query(`ALTER SYSTEM SET wal_keep_size = '128MB'`);
    await this.query('SELECT pg_reload_conf()');
    await this.session(async (rows) => {
      await rows(`SELECT pg_backup_start('standby', true)`);
      await this.copyTo(dataDir);
      const [label] = await rows<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
      writeFor(cluster, 'backup_label', label?.labelfile ?? '');
    });
    writeFor(cluster, 'postgresql.auto.conf', `primary_conninfo = '${this.conninfo(port)}'\n`);
    writeFor(cluster, 'standby.signal', '');
    const standby = await Postgres.start(dataDir, walDir);
    standby.database = this.database;
    await this.awaitReplay(standby);
    return standby;
  }

  /** Files that vanish meanwhile are temporary ones; the log repeats what changed. */
  private async copyTo(dataDir: string): Promise<void> {
    await run('cp', ['-a', '--dereference', this.dataDir, dataDir]).catch((error: { stderr: string }) => {
      const others = error.stderr.split('\n').filter((line) => line && !line.includes('No such file'));
      if (others.length > 0) throw new Error(others.join(' '));
    });
    for (const file of ['postgres/postmaster.pid', 'parley.lock'])
      rmSync(path.join(dataDir, file), { force: true });
  }

  private conninfo(port: number): string {
    const { username, password } = new URL(this.superuserUrl);
    return `host=127.0.0.1 port=${port} user=${username} password=${decodeURIComponent(password)}`;
  }

  private async awaitReplay(standby: Postgres): Promise<void> {
    const [row] = await this.query<{ lsn: string }>('SELECT pg_current_wal_lsn() AS lsn');
    const hasReplayed = async () => {
      const text = 'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS done';
      return (await standby.query<{ done: boolean }>(text, [row?.lsn]))[0]?.done === true;
    };
    if (!(await until(hasReplayed, STANDBY_MS))) throw new Error('the standby does not follow its primary');
  }

  /** Promotes a standby. */
  async promote(): Promise<void> {
    await this.query('SELECT pg_promote(true, 30)');
    await this.query('ALTER SYSTEM RESET primary_conninfo');
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  /** Stops it permanently and deletes its data. */
  async discard(): Promise<void> {
    await this.server.stop();
    rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function moveWal(pgWal: string, walDir: string): Promise<void> {
  await run('cp', ['-a', pgWal, walDir]);
  rmSync(pgWal, { recursive: true });
  symlinkSync(walDir, pgWal);
}

/** A file that belongs to the user of the server. */
function writeFor(cluster: string, name: string, text: string): void {
  const { uid, gid } = statSync(cluster);
  writeFileSync(path.join(cluster, name), text, { mode: 0o600 });
  chownSync(path.join(cluster, name), uid, gid);
}
