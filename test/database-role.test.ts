import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/embedded-postgres/embedded-postgres.ts';
import { superuserUrl } from '../src/embedded-postgres/roles.ts';
import { withDatabase } from '../src/platform/database-url.ts';
import { migrate } from '../src/platform/migrate.ts';
import { blocksOf, readPage } from './contract/readme/markdown.ts';
import { createDatabase, execute, queryRows } from './harness/database.ts';
import { startNode } from './harness/node.ts';
import { signUp } from './harness/people.ts';

// The role that a node connects to PostgreSQL as: it owns its database and may do nothing beyond.

// Several cold starts each, on a machine that is busy with other tests.
const STARTS_MS = 180_000;

const ATTRIBUTES = `SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls
  FROM pg_roles WHERE rolname = current_user`;
const NONE = {
  rolsuper: false,
  rolcreatedb: false,
  rolcreaterole: false,
  rolreplication: false,
  rolbypassrls: false,
};

describe('the role of nodes in the embedded server', { timeout: STARTS_MS }, () => {
  test('has no right beyond its database', async () => {
    const { url } = await startServer();
    expect(await queryRows(url, ATTRIBUTES)).toEqual([NONE]);
    const forbidden = [
      `SELECT pg_read_file('PG_VERSION')`,
      `SELECT pg_ls_dir('.')`,
      `COPY (SELECT 1) TO PROGRAM 'id'`,
      `COPY (SELECT 1) TO '/tmp/parley-written-by-the-database'`,
      `SELECT lo_import('/etc/passwd')`,
      'SELECT rolpassword FROM pg_authid',
      'ALTER SYSTEM SET fsync = off',
      'CREATE ROLE other SUPERUSER',
      'CREATE DATABASE other',
      `ALTER ROLE parley SUPERUSER`,
      'SET ROLE postgres',
    ];
    for (const statement of forbidden)
      await expect(execute(url, statement), statement).rejects.toThrow(/permission denied|must be superuser/);
  });

  test('is the only one that a node connects as', async () => {
    const folder = dataFolder();
    const node = await startNode({ env: { DATA_DIR: folder } });
    onTestFinished(() => node.kill());
    await signUp(node, 'ada');
    const users = await queryRows(
      superuserUrl(portOf(folder), readFileSync(path.join(folder, 'postgres-password'), 'utf8').trim()),
      `SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name LIKE 'parley%'`,
    );
    expect(users).toEqual([{ usename: 'parley' }]);
  });

  test('gets what is the superuser’s: in a folder of an earlier version, or after a restore', {
    timeout: 120_000,
  }, async () => {
    const folder = dataFolder();
    await asEarlierVersion(folder);
    const node = await startNode({ env: { DATA_DIR: folder } });
    onTestFinished(() => node.kill());
    const ada = await signUp(node, 'ada');
    await ada.createRoom('written by the new owner');
    await node.stop();

    const { url } = await startServer(folder);
    expect(await queryRows(url, OWNERS)).toEqual([{ owner: 'parley' }]);
    expect(await queryRows(url, ATTRIBUTES)).toEqual([NONE]);
  });
});

describe('a database of the operator’s', { timeout: STARTS_MS }, () => {
  test('needs what operations.md grants, and no more', async () => {
    const name = `own_${randomBytes(6).toString('hex')}`;
    const server = inject('databaseUrl');
    const [grants] = blocksOf(readPage('docs/operations.md'), 'A PostgreSQL of your own').filter(
      ({ language }) => language === 'sql',
    );
    onTestFinished(async () => {
      await execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await execute(server, `DROP ROLE IF EXISTS ${name}`);
    });
    for (const statement of grants?.code.split('\n') ?? [])
      await execute(server, statement.replaceAll('parley', name).replace('…', 'secret'));
    const url = Object.assign(new URL(withDatabase(server, name)), { username: name, password: 'secret' });
    const node = await startNode({ databaseUrl: url.href });
    onTestFinished(() => node.kill());
    const ada = await signUp(node, 'ada');
    await ada.createRoom('mine');
    expect(await queryRows(url.href, ATTRIBUTES)).toEqual([NONE]);
    await node.stop();
  });

  test('is analysed after a restore without a warning, as operations.md does it', async () => {
    const database = await createDatabase();
    onTestFinished(() => database.drop());
    const commands = readPage('docs/operations.md').text.match(/^psql .*ANALYZE.*$/gm) ?? [];
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      const statements = [...command.matchAll(/-c (?:'([^']*)'|(\w+))/g)].map(
        ([, quoted, word]) => quoted ?? word,
      );
      expect(await noticesOf(database.url, statements as string[])).toEqual([]);
    }
    expect(readPage('docs/operations.md').text, 'it warns of each shared catalogue').not.toContain(
      'vacuumdb',
    );
  });
});

async function noticesOf(url: string, statements: string[]): Promise<string[]> {
  const client = new pg.Client(url);
  const notices: string[] = [];
  client.on('notice', ({ message }) => notices.push(message ?? ''));
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
  return notices;
}

const OWNERS = `
  SELECT DISTINCT pg_get_userbyid(owner) AS owner FROM (
    SELECT relowner AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT typowner FROM pg_type WHERE typnamespace = 'public'::regnamespace
    UNION ALL SELECT stxowner FROM pg_statistic_ext
    UNION ALL SELECT datdba FROM pg_database WHERE datname = current_database()
  ) AS owners`;

/** Leaves the folder in the form of versions without a role for nodes: the superuser owns everything. */
async function asEarlierVersion(folder: string): Promise<void> {
  const server = await startServer(folder);
  await migrate(server.url);
  for (const statement of [
    'CREATE SEQUENCE single',
    `CREATE TYPE mood AS ENUM ('calm')`,
    'REASSIGN OWNED BY parley TO postgres',
    'DROP OWNED BY parley',
    'DROP ROLE parley',
  ])
    await execute(server.superuserUrl, statement);
  expect(await queryRows(server.superuserUrl, OWNERS)).toEqual([{ owner: 'postgres' }]);
  await server.stop();
}

/** Of the server that runs on it. */
function portOf(folder: string): number {
  return Number(readFileSync(path.join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n')[3]);
}

function dataFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-role-'));
  chmodSync(folder, 0o711);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startServer(folder = dataFolder()): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir: folder });
  onTestFinished(() => server.stop());
  return server;
}
