import { createRequire } from 'node:module';
import pg from 'pg';
import { parseDatabaseUrl } from './database-url.ts';
import { JOBS_SCHEMA } from './job-queue.ts';

/**
 * Loads graphile-worker. It searches the working directory and all folders above for a configuration file, which may be
 * a program. So it is loaded in the root folder, where only the owner of the machine can write.
 */
export function loadLibrary(): typeof import('graphile-worker') {
  const folder = process.cwd();
  process.chdir('/');
  try {
    return createRequire(import.meta.url)('graphile-worker');
  } finally {
    process.chdir(folder);
  }
}

/** An idle connection that breaks is replaced. Without listeners its error would end the process. */
export function poolOf(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    ...parseDatabaseUrl(url),
    application_name: 'parley-jobs',
    max,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
  });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Migrates the tables of the job queue to this version. Several nodes may do so at once. */
export async function migrateJobs(url: string): Promise<void> {
  const { runMigrations, Logger } = loadLibrary();
  const pgPool = poolOf(url, 1);
  try {
    await runMigrations({ pgPool, schema: JOBS_SCHEMA, logger: new Logger(() => () => undefined) });
  } finally {
    await pgPool.end();
  }
}
