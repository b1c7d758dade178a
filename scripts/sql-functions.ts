// The SQL functions of prisma/functions, one per file: the source of what migrations create.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { parseDatabaseUrl } from '../src/platform/database-url.ts';
import { PRISMA_DIR } from './schema-engine.ts';

const FUNCTIONS_DIR = path.join(PRISMA_DIR, 'functions');

export interface FunctionFile {
  /** Of the file and of the function. */
  readonly name: string;
  /** The folder: the concept that owns the function. */
  readonly concept: string;
  readonly sql: string;
}

/** A function that a database has: its signature, and the definition as PostgreSQL prints it. */
interface Definition {
  readonly name: string;
  readonly signature: string;
  readonly text: string;
}

/** Every function file, in the order of concepts and names. */
export function readFunctionFiles(folder = FUNCTIONS_DIR): FunctionFile[] {
  return readdirSync(folder)
    .sort()
    .flatMap((concept) => filesOf(folder, concept));
}

function filesOf(folder: string, concept: string): FunctionFile[] {
  return readdirSync(path.join(folder, concept))
    .sort()
    .map((file) => ({
      name: path.basename(file, '.sql'),
      concept,
      sql: readFileSync(path.join(folder, concept, file), 'utf8'),
    }));
}

const definitions = `
  SELECT p.proname AS name, p.oid::regprocedure::text AS signature, pg_get_functiondef(p.oid) AS text
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
   WHERE n.nspname = 'public' AND p.prokind IN ('f', 'p')
     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')`;

/**
 * The SQL that leads from the functions of a database to those of the files; '' where they agree. A function whose
 * result or parameters changed is dropped before it is created again. Changes nothing in the database.
 */
export async function diffFunctions(databaseUrl: string, files = readFunctionFiles()): Promise<string> {
  const client = new pg.Client(parseDatabaseUrl(databaseUrl));
  await client.connect();
  try {
    await client.query('BEGIN');
    const before = await readDefinitions(client);
    for (const { signature } of before) await client.query(`DROP FUNCTION ${signature} CASCADE`);
    // A function may call one that is created after it.
    await client.query('SET LOCAL check_function_bodies = off');
    for (const file of files) await create(client, file);
    return statementsFor(before, await readDefinitions(client), files);
  } finally {
    await client.query('ROLLBACK');
    await client.end();
  }
}

async function readDefinitions(client: pg.Client): Promise<Definition[]> {
  const { rows } = await client.query<Definition>(`${definitions} ORDER BY 2`);
  return rows;
}

async function create(client: pg.Client, { concept, name, sql }: FunctionFile): Promise<void> {
  if (!new RegExp(`^CREATE OR REPLACE FUNCTION ${name}\\(`, 'm').test(sql))
    throw new Error(`prisma/functions/${concept}/${name}.sql does not create the function ${name}`);
  await client.query(sql).catch((error: Error) => {
    throw new Error(`prisma/functions/${concept}/${name}.sql: ${error.message}`);
  });
}

function statementsFor(before: Definition[], after: Definition[], files: FunctionFile[]): string {
  const known = new Set(before.map(({ text }) => text));
  const changed = new Set(after.filter(({ text }) => !known.has(text)).map(({ name }) => name));
  const head = (text: string) => text.slice(0, text.indexOf('LANGUAGE'));
  const heads = new Set(after.map(({ text }) => head(text)));
  const drops = before.filter(({ text }) => !heads.has(head(text)));
  const creates = files.filter(({ name }) => changed.has(name));
  return [
    ...drops.map(({ signature }) => `DROP FUNCTION ${signature};\n`),
    ...creates.map(({ sql }) => `${sql.trimEnd()}\n`),
  ].join('\n');
}
