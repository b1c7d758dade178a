import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { rightsProblem } from './database-access.ts';
import { migrateJobs } from './job-library.ts';
import { JOBS_REVISION, JOBS_SCHEMA } from './job-queue.ts';
import { LOCK_TIMEOUT_MS, withPatientClient } from './patient-client.ts';

/**
 * A database and migrations that do not match, or a failed migration. The message is one line that names the migration.
 */
export class MigrationError extends Error {
  override name = 'MigrationError';
  readonly migration: string;

  constructor(migration: string, problem: string, cause?: unknown) {
    super(`Migration ${migration} ${problem}`, { cause });
    this.migration = migration;
  }
}

export interface MigrateOptions {
  /** The folder of the migrations; by default those of this program. */
  migrationsDir?: string;
  /** Called with one line for each step. */
  log?: (line: string) => void;
}

export interface MigrationStatus {
  applied: string[];
  /** On disk, not yet in the database. */
  pending: string[];
  /** Why this program must not use this database, or null. */
  problem: MigrationError | null;
}

/** A client or a pool. */
type Queryable = Pick<pg.ClientBase, 'query'>;

interface Migration {
  name: string;
  sql: string;
}

interface Applied {
  name: string;
  checksum: string;
  isFinished: boolean;
}

// Two levels up from src/platform and from dist/platform.
const MIGRATIONS_DIR = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

// Table and lock are those of Prisma's own engine, so that each tool can continue where the other stopped.
const LOCK_ID = 72_707_369;
const TABLE = `CREATE TABLE _prisma_migrations (
  id                  VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum            VARCHAR(64) NOT NULL,
  finished_at         TIMESTAMPTZ,
  migration_name      VARCHAR(255) NOT NULL,
  logs                TEXT,
  rolled_back_at      TIMESTAMPTZ,
  started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

/**
 * Migrates the database to this version. Several nodes may do so at once: one works, and the others wait and find
 * nothing to do. A migration is applied as a whole or not at all; the next call retries a failed one.
 *
 * @returns the names of the migrations that this call applied, in order.
 * @throws MigrationError naming the migration that failed or does not match.
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<string[]> {
  const { migrationsDir = MIGRATIONS_DIR, log = () => {} } = options;
  const migrations = await readMigrations(migrationsDir);
  return withClient(databaseUrl, async (client) => {
    await lock(client, log);
    if (!(await hasTable(client))) await client.query(TABLE);
    const { pending, problem } = compare(migrations, await listApplied(client));
    if (problem) throw problem;
    for (const migration of pending) {
      await apply(client, migration);
      log(`migration ${migration.name} is applied`);
    }
    // The job queue has its own migrations; with other folders there is no job queue.
    if (migrationsDir === MIGRATIONS_DIR && !(await hasJobQueue(client))) {
      await migrateJobs(databaseUrl);
      log('the tables of the job queue are up to date');
    }
    return pending.map(({ name }) => name);
  });
}

/**
 * Compares the database with this program. It changes nothing and waits for no lock.
 *
 * @param database its URL, or a client or pool that is connected to it.
 */
export async function migrationStatus(
  database: string | Queryable,
  options: Pick<MigrateOptions, 'migrationsDir'> = {},
): Promise<MigrationStatus> {
  if (typeof database === 'string') return withClient(database, (client) => migrationStatus(client, options));
  const migrations = await readMigrations(options.migrationsDir ?? MIGRATIONS_DIR);
  const rows = (await hasTable(database)) ? await listApplied(database) : [];
  const { pending, problem } = compare(migrations, rows);
  const applied = rows.filter(({ isFinished }) => isFinished).map(({ name }) => name);
  const names = pending.map(({ name }) => name);
  const isOurs = options.migrationsDir === undefined;
  if (isOurs && !(await hasJobQueue(database))) names.push(`the schema ${JOBS_SCHEMA}`);
  return { applied, pending: names, problem };
}

async function hasJobQueue(client: Queryable): Promise<boolean> {
  const table = `${JOBS_SCHEMA}.migrations`;
  const { rows: found } = await client.query('SELECT to_regclass($1) AS name', [table]);
  if (found[0]?.name === null) return false;
  const { rows } = await client.query(`SELECT max(id) AS revision FROM ${table}`);
  return Number(rows[0]?.revision) >= JOBS_REVISION;
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names
      .sort()
      .map(async (name) => ({ name, sql: await readFile(path.join(folder, name, 'migration.sql'), 'utf8') })),
  );
}

function compare(migrations: Migration[], applied: Applied[]) {
  const done = new Set(applied.map(({ name }) => name));
  return {
    pending: migrations.filter(({ name }) => !done.has(name)),
    problem: applied.map((row) => findProblem(row, migrations)).find((problem) => problem !== null) ?? null,
  };
}

function findProblem(
  { name, checksum, isFinished }: Applied,
  migrations: Migration[],
): MigrationError | null {
  if (!isFinished) {
    return new MigrationError(
      name,
      'failed earlier and left the database half changed. Restore a backup or repair it.',
    );
  }
  const migration = migrations.find((each) => each.name === name);
  if (!migration) {
    return new MigrationError(name, 'is applied but unknown here: the database is newer than this program.');
  }
  if (!checksumsOf(migration.sql).includes(checksum)) {
    return new MigrationError(
      name,
      'was edited after it had been applied. Undo the edit and write a new migration.',
    );
  }
  return null;
}

// The first one is stored. A checkout may have converted the line ends.
function checksumsOf(sql: string): string[] {
  const unix = sql.replaceAll('\r\n', '\n');
  return [sql, unix, unix.replaceAll('\n', '\r\n')].map(sha256);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

// Rolled-back rows are only history.
async function listApplied(client: Queryable): Promise<Applied[]> {
  const { rows } = await client.query<Applied>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS "isFinished"
       FROM _prisma_migrations
      WHERE rolled_back_at IS NULL
      ORDER BY started_at, migration_name`,
  );
  return rows;
}

async function hasTable(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`,
  );
  return rows[0]?.found === true;
}

/** Held until the connection ends. */
async function lock(client: pg.Client, log: (line: string) => void): Promise<void> {
  const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [
    LOCK_ID,
  ]);
  if (rows[0]?.held) return;
  log('waiting for another node, which is migrating the database');
  await client.query('SELECT pg_advisory_lock($1)', [LOCK_ID]);
}

async function apply(client: pg.Client, { name, sql }: Migration): Promise<void> {
  const checksum = sha256(sql);
  try {
    await client.query('BEGIN');
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await recordFailure(client, [randomUUID(), checksum, name, String(error)]);
    throw new MigrationError(name, `failed and was undone: ${(error as Error).message}`, error);
  }
}

// Nothing of it is left, so it counts as rolled back. Without a connection it cannot be recorded, and need not be.
async function recordFailure(client: pg.Client, values: unknown[]): Promise<void> {
  try {
    await client.query('ROLLBACK');
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, logs, rolled_back_at)
       VALUES ($1, $2, $3, $4, clock_timestamp())`,
      values,
    );
  } catch {}
}

async function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  try {
    return await withPatientClient(url, 'parley-migrate', work);
  } catch (error) {
    throw rightsProblem(url, error) ?? error;
  }
}
