// Prisma's migration engine, from npm as WebAssembly: it compares migrations and models offline.
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bindMigrationAwareSqlAdapterFactory,
  type ColumnType,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { parseDatabaseUrl } from '../src/platform/database-url.ts';

export const PRISMA_DIR = fileURLToPath(new URL('../prisma', import.meta.url));
export const MIGRATIONS_DIR = path.join(PRISMA_DIR, 'migrations');

// Partitions are not models, and the engine omits them. It also omits our indexes on expressions, partial indexes,
// functions and storage settings: prisma/catalogue.txt contains those.
const filters = { externalTables: [], externalEnums: [] };

/**
 * Returns the SQL from the result of the migrations to the models; '' if they agree.
 *
 * @param databaseUrl a server where a database may be created and dropped.
 */
export async function diffMigrationsToModels(
  databaseUrl: string,
  migrationsDir = MIGRATIONS_DIR,
): Promise<string> {
  const schema = readModels();
  return withEngine(databaseUrl, async (schemaEngine) => {
    const { exitCode, stdout } = await schemaEngine.diff({
      from: { tag: 'migrations', ...readMigrations(migrationsDir) },
      to: { tag: 'schemaDatamodel', ...schema },
      script: true,
      exitCode: true,
      filters,
    });
    return exitCode === 0 ? '' : (stdout ?? '');
  });
}

/** Returns Prisma's diagnosis of a database's migrations. `history` null: all are applied, and no others. */
export function diagnoseHistory(databaseUrl: string, migrationsDir = MIGRATIONS_DIR) {
  return withEngine(databaseUrl, (schemaEngine) =>
    schemaEngine.diagnoseMigrationHistory({
      migrationsList: readMigrations(migrationsDir),
      optInToShadowDatabase: false,
      filters,
    }),
  );
}

/** Lets Prisma apply pending migrations, as `prisma migrate deploy` does. Returns their names. */
export function deployWithPrisma(databaseUrl: string, migrationsDir = MIGRATIONS_DIR): Promise<string[]> {
  return withEngine(databaseUrl, async (schemaEngine) => {
    const { appliedMigrationNames } = await schemaEngine.applyMigrations({
      migrationsList: readMigrations(migrationsDir),
      filters,
    });
    return appliedMigrationNames;
  });
}

async function withEngine<Result>(url: string, work: (schemaEngine: engine.SchemaEngine) => Promise<Result>) {
  instantiate();
  const datamodels = readModels().files.map(({ path: file, content }): [string, string] => [file, content]);
  const connections: SqlDriverAdapter[] = [];
  const adapter = bindMigrationAwareSqlAdapterFactory(adapterFactory(parseDatabaseUrl(url), connections));
  const schemaEngine = await engine.SchemaEngine.new({ datamodels }, () => {}, adapter);
  try {
    return await work(schemaEngine);
  } finally {
    schemaEngine.free();
    // The engine leaves its connections open.
    for (const connection of connections) await connection.dispose();
  }
}

// ---- The WebAssembly ----------------------------------------------------------------------------

// Only the used part: its full types come with those of a browser, which this program should not see.
interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: Record<string, () => void> };
}

let isInstantiated = false;

// The package expects a bundler to connect its halves; this function does it.
function instantiate(): void {
  if (isInstantiated) return;
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: { set_message: (text: string) => console.error(text) },
  });
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const { Instance, Module } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
  const module = new Module(readFileSync(path.join(path.dirname(entry), 'schema_engine_bg.wasm')));
  const { exports } = new Instance(module, { './schema_engine_bg.js': engine });
  engine.__wbg_set_wasm(exports);
  exports['__wbindgen_start']?.();
  isInstantiated = true;
}

// ---- What it reads from disk --------------------------------------------------------------------

function readModels(): engine.SchemasContainer {
  const names = readdirSync(PRISMA_DIR, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.prisma')).sort();
  return {
    files: files.map((file) => ({ path: file, content: readFileSync(path.join(PRISMA_DIR, file), 'utf8') })),
  };
}

function readMigrations(baseDir: string): engine.MigrationList {
  const entries = readdirSync(baseDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: names.sort().map((name) => readMigration(baseDir, name)),
  };
}

function readMigration(baseDir: string, name: string): engine.MigrationDirectory {
  const value = readFileSync(path.join(baseDir, name, 'migration.sql'), 'utf8');
  return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } } };
}

// ---- The database, as the engine wants to see it ------------------------------------------------
// Not @prisma/adapter-pg: it cannot read the catalogue's "char", it cuts a script at every semicolon, also
// inside a function's body, and given a URL it takes the database itself for the shadow database.

const types: Record<number, ColumnType> = {
  16: ColumnTypeEnum.Boolean,
  18: ColumnTypeEnum.Character, // "char"
  19: ColumnTypeEnum.Text, // name
  20: ColumnTypeEnum.Int64,
  21: ColumnTypeEnum.Int32,
  23: ColumnTypeEnum.Int32,
  25: ColumnTypeEnum.Text,
  26: ColumnTypeEnum.Int64, // oid
  1000: ColumnTypeEnum.BooleanArray,
  1002: ColumnTypeEnum.CharacterArray,
  1003: ColumnTypeEnum.TextArray,
  1005: ColumnTypeEnum.Int32Array,
  1007: ColumnTypeEnum.Int32Array,
  1009: ColumnTypeEnum.TextArray,
  1043: ColumnTypeEnum.Text, // varchar
  1184: ColumnTypeEnum.DateTime,
};

// pg does not convert these to arrays itself.
const parseTextArray = pg.types.getTypeParser(1009 as never);
const parsers = new pg.TypeOverrides();
parsers.setTypeParser(1002 as never, parseTextArray);
parsers.setTypeParser(1003 as never, parseTextArray);
parsers.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text: string) => new Date(text).toISOString());

/** `connections` gets every connection that the engine opens. */
function adapterFactory(
  config: pg.ClientConfig,
  connections: SqlDriverAdapter[],
): SqlMigrationAwareDriverAdapterFactory {
  const remember = (connection: SqlDriverAdapter) => {
    connections.push(connection);
    return connection;
  };
  return {
    provider: 'postgres',
    adapterName: 'parley-schema-engine',
    connect: async () => remember(await connect(config)),
    connectToShadowDb: async () => remember(await connectToShadow(config)),
  };
}

async function connectToShadow(config: pg.ClientConfig): Promise<SqlDriverAdapter> {
  const database = `shadow_${randomUUID().replaceAll('-', '')}`;
  await execute(config, `CREATE DATABASE ${database} TEMPLATE template0`);
  return connect({ ...config, database }, () => execute(config, `DROP DATABASE ${database} WITH (FORCE)`));
}

async function execute(config: pg.ClientConfig, statement: string): Promise<void> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function connect(config: pg.ClientConfig, afterwards = async () => {}): Promise<SqlDriverAdapter> {
  const client = new pg.Client({ ...config, types: parsers });
  await client.connect();
  let end: Promise<void> | undefined;
  return {
    provider: 'postgres',
    adapterName: 'parley-schema-engine',
    queryRaw: async (query) => toResultSet(await ask(client, query)),
    executeRaw: async (query) => (await ask(client, query)).rowCount ?? 0,
    executeScript: async (script) => void (await translate(client.query(script))),
    startTransaction: () => Promise.reject(new Error('The schema engine is not known to need transactions.')),
    dispose: () => (end ??= client.end().then(afterwards)),
  };
}

function ask(client: pg.Client, { sql, args }: SqlQuery): Promise<pg.QueryArrayResult> {
  return translate(client.query({ text: sql, values: args, rowMode: 'array' }));
}

function toResultSet({ fields, rows }: pg.QueryArrayResult): SqlResultSet {
  return {
    columnNames: fields.map(({ name }) => name),
    columnTypes: fields.map(({ dataTypeID, name }) => {
      const type = types[dataTypeID];
      if (type === undefined)
        throw new Error(
          `The schema engine uses a type that this script does not know: ${dataTypeID}, ${name}.`,
        );
      return type;
    }),
    rows,
  };
}

/** Converts failures to the form that the engine understands. */
async function translate<Result>(answer: Promise<Result>): Promise<Result> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const { code = '', severity = 'ERROR', message, detail, column, hint } = error;
    if (code === '42P01')
      throw new DriverAdapterError({ kind: 'TableDoesNotExist', originalMessage: message });
    throw new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, column, hint });
  }
}
