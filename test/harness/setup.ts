import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { OWNER_FILE, STORE } from '../../src/embedded-postgres/program-store.ts';
import { NODE_ROLE } from '../../src/embedded-postgres/roles.ts';
import { withDatabase } from '../../src/platform/database-url.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { execute, TEMPLATE } from './database.ts';
import { startPostgres } from './postgres.ts';
import { ensureRedis, startRedis } from './redis.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The superuser, in the test server's maintenance database; `createDatabase()` gives one to work in. */
    databaseUrl: string;
    /** The role that nodes connect as. */
    nodeDatabaseUrl: string;
    redisUrl: string;
  }
}

const FOLDER_PREFIX = 'parley-test-';
const LEFTOVER_AGE_MS = 60_000;

/** Starts one PostgreSQL and one Redis for the whole run, and hands back what stops them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const undo: Undo[] = [];
  try {
    await sweep();
    project.provide('databaseUrl', await startDatabase(project, undo));
    project.provide('redisUrl', await startSharedRedis(undo));
  } catch (error) {
    await tearDown(undo);
    throw error;
  }
  return async () => {
    await tearDown(undo);
    sweepStore();
  };
}

type Undo = () => void | Promise<void>;

async function startDatabase(project: TestProject, undo: Undo[]): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), FOLDER_PREFIX));
  chmodSync(folder, 0o711); // as root, PostgreSQL runs as another user, which has to enter it
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  await configure(folder);
  const server = await startPostgres(folder);
  undo.push(() => server.stop());
  const url = withDatabase(server.superuserUrl, 'postgres');
  await execute(url, `CREATE DATABASE ${TEMPLATE} OWNER ${NODE_ROLE}`);
  await migrate(withDatabase(server.url, TEMPLATE));
  project.provide('nodeDatabaseUrl', server.url);
  return url;
}

// All nodes of all tests connect to this one server, so it needs more than one node's share, and its log names the
// database. Read only at its start.
async function configure(folder: string): Promise<void> {
  const server = await startPostgres(folder);
  try {
    await execute(server.superuserUrl, 'ALTER SYSTEM SET max_connections = 500');
    await execute(server.superuserUrl, `ALTER SYSTEM SET log_line_prefix = '%m [%p] %d '`);
  } finally {
    await server.stop();
  }
}

async function startSharedRedis(undo: Undo[]): Promise<string> {
  await ensureRedis();
  const redis = await startRedis();
  undo.push(() => redis.stop());
  return redis.url;
}

/** Undoes steps in reverse order; a failure does not prevent the others. */
async function tearDown(undo: Undo[]): Promise<void> {
  const problems: unknown[] = [];
  for (const step of undo.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      problems.push(error);
    }
  }
  if (problems.length > 0) throw new AggregateError(problems, 'The test servers could not be stopped.');
}

/** Stops the servers of runs that were killed, and removes their folders. */
async function sweep(): Promise<void> {
  const names = readdirSync(tmpdir()).filter((name) => name.startsWith(FOLDER_PREFIX));
  for (const name of names) await removeLeftover(path.join(tmpdir(), name));
}

async function removeLeftover(folder: string): Promise<void> {
  const modified = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  if (Date.now() - modified < LEFTOVER_AGE_MS) return; // perhaps of a run that only just starts
  try {
    const server = await startPostgres(folder);
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // In use by another run, or of another version.
  }
}

/** Databases in the store whose data folder belonged to a test and is gone. */
function sweepStore(): void {
  for (const name of existsSync(STORE) ? readdirSync(STORE) : []) {
    const folder = path.join(STORE, name);
    const owner = path.join(folder, OWNER_FILE);
    const dataFolder = existsSync(owner) ? readFileSync(owner, 'utf8').trim() : '';
    const isLeftover = dataFolder.startsWith(`${realpathSync(tmpdir())}/parley-`) && !existsSync(dataFolder);
    if (isLeftover) rmSync(folder, { recursive: true, force: true });
  }
}
