import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CATALOGUE_FILE, readCatalogue } from '../scripts/catalogue.ts';
import {
  deployWithPrisma,
  diagnoseHistory,
  diffMigrationsToModels,
  MIGRATIONS_DIR,
} from '../scripts/schema-engine.ts';
import { diffFunctions, readFunctionFiles } from '../scripts/sql-functions.ts';
import { MigrationError, migrate, migrationStatus } from '../src/platform/migrate.ts';
import { createDatabase, TEMPLATE } from './harness/database.ts';

/** The last migration that is applied before the members below are stored. */
const FIRST_RELEASE = '20261128153027_silenced_members';
/** Two rooms with a member of each role, and a direct room. Admins of the first room may not time out. */
const MEMBERS_OF_ALL_ROLES = `
  INSERT INTO users (username, display_name) SELECT 'user' || n, 'User' FROM generate_series(1, 5) n;
  INSERT INTO rooms (kind, name, direct_key, created_by) VALUES (1, 'one', NULL, 1), (2, 'two', NULL, 1), (3, NULL, '1,2', 1);
  INSERT INTO permission_overrides (room_id, target, allow_bits, deny_bits) VALUES (1, -40, 0, 512);
  INSERT INTO memberships (room_id, user_id, role, permission_bits, from_room_seq, joined_at)
  SELECT r.id, n, x.role, effective_permissions(r.id, r.kind, x.role, n), 1, now() FROM rooms r, generate_series(1, 5) n,
    LATERAL (SELECT (CASE WHEN r.kind = 3 THEN 20 ELSE n * 10 END)::smallint AS role) x WHERE r.kind <> 3 OR n < 3`;

const NOTHING_TO_DO = {
  editedMigrationNames: [],
  failedMigrationNames: [],
  hasMigrationsTable: true,
  history: null,
};

describe('what the migrations make', () => {
  test('is what the models say', async () => {
    const { superuserUrl } = await database('template0');
    expect(await diffMigrationsToModels(superuserUrl)).toBe('');
  });

  test('is compared for real: a column too many is seen', async () => {
    const { superuserUrl } = await database('template0');
    const migrationsDir = copyOfMigrations();
    addMigration(migrationsDir, '29990101000000_too_many', 'ALTER TABLE users ADD COLUMN surplus TEXT;');
    expect(await diffMigrationsToModels(superuserUrl, migrationsDir)).toContain('DROP COLUMN "surplus"');
  });

  test('has the functions of prisma/functions', async () => {
    const { url } = await database(TEMPLATE);
    expect(await diffFunctions(url), 'run "npm run migration:new" to add the changed functions').toBe('');
  });

  test('is compared with the function files for real', async () => {
    const { url } = await database(TEMPLATE);
    const files = readFunctionFiles();
    const changed = files.map((file) =>
      file.name === 'role_permissions'
        ? { ...file, sql: file.sql.replace(/WHEN 50 THEN \d+/, 'WHEN 50 THEN 0') }
        : file,
    );
    expect(await diffFunctions(url, changed)).toContain('WHEN 50 THEN 0');
    const wider = files.map((file) =>
      file.name === 'message_seq_at'
        ? { ...file, sql: file.sql.replace('p_at TIMESTAMPTZ', 'p_at TEXT') }
        : file,
    );
    expect(await diffFunctions(url, wider)).toContain(
      'DROP FUNCTION message_seq_at(bigint,timestamp with time zone);',
    );
    const without = files.filter(({ name }) => name !== 'message_seq_at');
    expect(await diffFunctions(url, without)).toBe(
      'DROP FUNCTION message_seq_at(bigint,timestamp with time zone);\n',
    );
  });

  test('is what prisma/catalogue.txt shows', async () => {
    const { url } = await database(TEMPLATE);
    expect(await readCatalogue(url), 'run "npm run catalogue" and look at the change').toBe(
      readFileSync(CATALOGUE_FILE, 'utf8'),
    );
  });
});

describe('Prisma and our own runner', () => {
  test('agree that nothing is to be done after ours', async () => {
    const { url } = await database('template0');
    const applied = await migrate(url);
    expect(await diagnoseHistory(url)).toEqual(NOTHING_TO_DO);
    expect(await deployWithPrisma(url)).toEqual([]);
    expect(await migrationStatus(url)).toEqual({ applied, pending: [], problem: null });
  });

  test('agree that nothing is to be done after Prisma', async () => {
    const { url } = await database('template0');
    const applied = await deployWithPrisma(url);
    expect(await migrate(url)).toEqual([]);
    expect(await migrationStatus(url)).toEqual({ applied, pending: [], problem: null });
    const ours = await database(TEMPLATE);
    expect(await readCatalogue(url)).toBe(await readCatalogue(ours.url));
  });
});

describe('migrating', () => {
  test('applies in order, once, and only what is new', async () => {
    const { url } = await database('template0');
    const migrationsDir = twoMigrations();
    expect(await migrationStatus(url, { migrationsDir })).toEqual({
      applied: [],
      pending: ['1_one', '2_two'],
      problem: null,
    });
    expect(await migrate(url, { migrationsDir })).toEqual(['1_one', '2_two']);
    expect(await migrate(url, { migrationsDir })).toEqual([]);

    addMigration(migrationsDir, '3_three', 'CREATE TABLE three (id INT); CREATE TABLE and_more (id INT);');
    expect(await migrate(url, { migrationsDir })).toEqual(['3_three']);
    expect(await tables(url)).toEqual(['and_more', 'one', 'three', 'two']);
  });

  test('by several nodes at once is done by one of them', async () => {
    const { url } = await database('template0');
    const migrationsDir = twoMigrations();
    const all = await Promise.all([1, 2, 3, 4].map(() => migrate(url, { migrationsDir })));
    expect(all.filter(({ length }) => length > 0)).toEqual([['1_one', '2_two']]);
    expect((await migrationStatus(url, { migrationsDir })).applied).toEqual(['1_one', '2_two']);
  });

  test('is refused when a migration was edited after it had been applied', async () => {
    const { url } = await database('template0');
    const migrationsDir = twoMigrations();
    await migrate(url, { migrationsDir });
    appendFileSync(path.join(migrationsDir, '1_one', 'migration.sql'), '-- a word more\n');

    await expectRefusal(url, migrationsDir, 'Migration 1_one was edited after it had been applied.');
    expect((await diagnoseHistory(url, migrationsDir)).editedMigrationNames).toEqual(['1_one']);
  });

  test('does not mind a checkout that changed the line ends', async () => {
    const { url } = await database('template0');
    const migrationsDir = twoMigrations();
    await migrate(url, { migrationsDir });
    const file = path.join(migrationsDir, '1_one', 'migration.sql');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\n', '\r\n'));
    expect(await migrate(url, { migrationsDir })).toEqual([]);
  });

  test('is refused when the database is newer than the program', async () => {
    const { url } = await database('template0');
    const migrationsDir = twoMigrations();
    await migrate(url, { migrationsDir });
    rmSync(path.join(migrationsDir, '2_two'), { recursive: true });

    await expectRefusal(url, migrationsDir, 'Migration 2_two is applied but unknown here');
  });

  test('that fails leaves nothing behind, says which one it was, and can be tried again', async () => {
    const { url } = await database('template0');
    const migrationsDir = twoMigrations();
    addMigration(migrationsDir, '3_bad', 'CREATE TABLE half (id INT);\nSELECT 1 / 0;\n');

    await expect(migrate(url, { migrationsDir })).rejects.toThrow(
      'Migration 3_bad failed and was undone: division by zero',
    );
    expect(await tables(url)).toEqual(['one', 'two']);
    const expected = { applied: ['1_one', '2_two'], pending: ['3_bad'], problem: null };
    expect(await migrationStatus(url, { migrationsDir })).toEqual(expected);
    expect(await diagnoseHistory(url, migrationsDir)).toMatchObject({ failedMigrationNames: [] });
    expect(await ask(url, 'SELECT logs FROM _prisma_migrations WHERE rolled_back_at IS NOT NULL')).toEqual([
      { logs: expect.stringContaining('division by zero') },
    ]);

    addMigration(migrationsDir, '3_bad', 'CREATE TABLE half (id INT);\n');
    expect(await migrate(url, { migrationsDir })).toEqual(['3_bad']);
    expect(await diagnoseHistory(url, migrationsDir)).toEqual(NOTHING_TO_DO);
  });

  test('is refused when one failed half-way, as it can under other tools', async () => {
    const { url } = await database('template0');
    const migrationsDir = twoMigrations();
    await migrate(url, { migrationsDir });
    await ask(url, `UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = '2_two'`);

    await expectRefusal(url, migrationsDir, 'Migration 2_two failed earlier');
    expect((await diagnoseHistory(url, migrationsDir)).failedMigrationNames).toEqual(['2_two']);
  });

  test('gives members the new permissions of their roles, and takes none that an override denies', async () => {
    const { url } = await database('template0');
    const before = copyOfMigrations();
    for (const name of readdirSync(before)) {
      if (name > FIRST_RELEASE && name < 'migration_lock')
        rmSync(path.join(before, name), { recursive: true });
    }
    await migrate(url, { migrationsDir: before });
    await ask(url, MEMBERS_OF_ALL_ROLES);
    await migrate(url);
    const wrong = `SELECT m.role FROM memberships m JOIN rooms r ON r.id = m.room_id
      WHERE m.permission_bits <> effective_permissions(m.room_id, r.kind, m.role, m.user_id)`;
    expect(await ask(url, wrong)).toEqual([]);
    const ofAdmins = 'SELECT permission_bits & 512 AS bit FROM memberships WHERE role = 40 ORDER BY room_id';
    expect(await ask(url, ofAdmins)).toEqual([{ bit: '0' }, { bit: '512' }]);
  });

  test('without a database says so', async () => {
    const gone = await database('template0');
    await gone.drop();
    await expect(migrate(gone.url)).rejects.toThrow('there is no database');
    await expect(migrate('postgresql://postgres@127.0.0.1:1/parley')).rejects.toThrow('ECONNREFUSED');
  });
});

// ---- Helpers ------------------------------------------------------------------------------------

async function database(template: typeof TEMPLATE | 'template0') {
  const made = await createDatabase(template);
  onTestFinished(() => made.drop());
  return made;
}

function migrationsFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-migrations-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function copyOfMigrations(): string {
  const folder = migrationsFolder();
  cpSync(MIGRATIONS_DIR, folder, { recursive: true });
  return folder;
}

function twoMigrations(): string {
  const folder = migrationsFolder();
  addMigration(folder, '1_one', 'CREATE TABLE one (id INT);\n');
  addMigration(folder, '2_two', 'CREATE TABLE two (id INT);\n');
  return folder;
}

function addMigration(folder: string, name: string, sql: string): void {
  mkdirSync(path.join(folder, name), { recursive: true });
  writeFileSync(path.join(folder, name, 'migration.sql'), sql);
}

async function expectRefusal(url: string, migrationsDir: string, message: string): Promise<void> {
  const refusal = migrate(url, { migrationsDir });
  await expect(refusal).rejects.toThrow(message);
  await expect(refusal).rejects.toBeInstanceOf(MigrationError);
  const { problem } = await migrationStatus(url, { migrationsDir });
  expect(problem?.message).toContain(message);
}

async function tables(url: string): Promise<unknown[]> {
  const rows = await ask(
    url,
    `SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND relname <> '_prisma_migrations' ORDER BY 1`,
  );
  return rows.map(({ relname }) => relname);
}

async function ask(url: string, question: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(question)).rows;
  } finally {
    await client.end();
  }
}
