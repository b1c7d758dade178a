// Keeps prisma/catalogue.txt: what the migrations really make, also what the models cannot show.
//   npm run catalogue             writes it
//   npm run catalogue -- --check  fails when it is out of date
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { parseDatabaseUrl } from '../src/platform/database-url.ts';
import { migrate } from '../src/platform/migrate.ts';
import { PRISMA_DIR } from './schema-engine.ts';
import { withTemporaryDatabase } from './temporary-database.ts';

export const CATALOGUE_FILE = path.join(PRISMA_DIR, 'catalogue.txt');

// The table of applied migrations belongs to Prisma.
const OURS = `n.nspname = 'public' AND c.relname <> '_prisma_migrations'`;

interface Fact {
  /** The object that the fact belongs to: facts of one owner are together. */
  owner: string;
  line: string;
}

// Each query returns the facts of one kind. The order of the queries and of their rows is the order of the text.
const queries: Record<string, string> = {
  tables: `
    SELECT c.relname AS owner, concat_ws(' ',
             CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END, c.relname,
             'partitioned by ' || pg_get_partkeydef(c.oid), 'with (' || array_to_string(c.reloptions, ', ') || ')',
             CASE WHEN c.relpersistence = 'u' THEN 'unlogged' END,
             CASE WHEN c.relrowsecurity THEN 'row security' END) AS line
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND ${OURS}
     ORDER BY c.relname`,
  columns: `
    SELECT c.relname AS owner, concat_ws(' ', '  column', a.attname, format_type(a.atttypid, a.atttypmod),
             CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || a.attcollation::regcollation END,
             CASE WHEN a.attnotnull THEN 'not null' END,
             CASE a.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity by default' END,
             CASE WHEN a.attgenerated = '' THEN 'default ' ELSE 'generated as ' END || pg_get_expr(d.adbin, d.adrelid),
             'options (' || array_to_string(a.attoptions, ', ') || ')',
             CASE WHEN a.attstorage <> t.typstorage THEN 'storage ' || a.attstorage::text END,
             CASE WHEN a.attcompression <> '' THEN 'compression ' || a.attcompression::text END) AS line
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped AND ${OURS}
     ORDER BY c.relname, a.attnum`,
  viewBodies: `
    SELECT c.relname AS owner, '  as ' || pg_get_viewdef(c.oid) AS line
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('v', 'm') AND ${OURS}`,
  // Not-null constraints are in the columns; only newer servers also list them here.
  constraints: `
    SELECT c.relname AS owner, concat_ws(' ', '  constraint', k.conname, pg_get_constraintdef(k.oid)) AS line
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT c.relispartition AND k.contype <> 'n' AND ${OURS}
     ORDER BY c.relname, k.conname`,
  indexes: `
    SELECT c.relname AS owner, '  index ' || pg_get_indexdef(i.indexrelid) ||
           CASE WHEN i.indisvalid THEN '' ELSE ' (not valid)' END AS line
      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT c.relispartition AND ${OURS}
     ORDER BY c.relname, i.indexrelid::regclass::text COLLATE "C"`,
  triggers: `
    SELECT c.relname AS owner, '  trigger ' || pg_get_triggerdef(t.oid) AS line
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND ${OURS}
     ORDER BY c.relname, t.tgname`,
  policies: `
    SELECT tablename AS owner, concat_ws(' ', '  policy', policyname, permissive, cmd, roles::text, qual, with_check) AS line
      FROM pg_policies WHERE schemaname = 'public'
     ORDER BY tablename, policyname`,
  statistics: `
    SELECT c.relname AS owner, '  statistics ' || pg_get_statisticsobjdef(s.oid) AS line
      FROM pg_statistic_ext s JOIN pg_class c ON c.oid = s.stxrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT c.relispartition AND ${OURS}
     ORDER BY c.relname, s.stxname`,
  // Includes differences of a partition from its table, which should not exist.
  partitions: `
    SELECT pg_partition_root(c.oid)::regclass::text AS owner, concat_ws(' ', '  partition', c.relname,
             pg_get_expr(c.relpartbound, c.oid), 'with (' || array_to_string(c.reloptions, ', ') || ')',
             (SELECT 'own indexes ' || string_agg(pg_get_indexdef(i.indexrelid), ', ' ORDER BY i.indexrelid::regclass::text)
                FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
               WHERE i.indrelid = c.oid AND NOT x.relispartition)) AS line
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relispartition AND c.relkind IN ('r', 'p') AND ${OURS}
     ORDER BY 1, length(c.relname), c.relname`,
  sequences: `
    SELECT c.relname AS owner, concat_ws(' ', 'sequence', c.relname, format_type(s.seqtypid, NULL), s.seqstart,
             'by', s.seqincrement, 'from', s.seqmin, 'to', s.seqmax, CASE WHEN s.seqcycle THEN 'cycle' END) AS line
      FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE ${OURS} AND NOT EXISTS (SELECT FROM pg_depend d
             WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i')
     ORDER BY c.relname`,
  types: `
    SELECT t.typname AS owner, concat_ws(' ', 'type', t.typname,
             (SELECT 'enum (' || string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) || ')'
                FROM pg_enum e WHERE e.enumtypid = t.oid),
             (SELECT 'as (' || string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) || ')'
                FROM pg_attribute a WHERE a.attrelid = t.typrelid AND NOT a.attisdropped),
             'domain of ' || format_type(NULLIF(t.typbasetype, 0), t.typtypmod),
             CASE WHEN t.typnotnull THEN 'not null' END, 'default ' || t.typdefault,
             (SELECT string_agg(pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname)
                FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c')) AS line
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
     WHERE n.nspname = 'public' AND (t.typtype IN ('e', 'd') OR c.relkind = 'c')
     ORDER BY t.typname`,
  functions: `
    SELECT p.oid::regprocedure::text AS owner, rtrim(pg_get_functiondef(p.oid), E' \\n') AS line
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = 'public' AND p.prokind IN ('f', 'p') AND NOT EXISTS (SELECT FROM pg_depend d
             WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
     ORDER BY p.oid::regprocedure::text COLLATE "C"`,
  extensions: `
    SELECT extname AS owner, 'extension ' || extname AS line FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1`,
};

const header = `What the migrations make, as the database tells it. Written by "npm run catalogue"; a test compares it.
It shows what the models cannot: partitions, partial and expression indexes, checks, storage settings, functions.
`;

/** Returns the public schema of a database as text, equal for equal schemas. */
export async function readCatalogue(databaseUrl: string): Promise<string> {
  const client = new pg.Client(parseDatabaseUrl(databaseUrl));
  await client.connect();
  try {
    // The output of names without their schema depends on it.
    await client.query('SET search_path = public');
    const facts: Fact[] = [];
    for (const query of Object.values(queries)) facts.push(...(await client.query<Fact>(query)).rows);
    return `${header}\n${format(facts)}\n`;
  } finally {
    await client.end();
  }
}

function format(facts: Fact[]): string {
  const blocks = new Map<string, string[]>();
  for (const { owner, line } of facts) blocks.set(owner, [...(blocks.get(owner) ?? []), line]);
  return [...blocks.values()].map((lines) => lines.join('\n')).join('\n\n');
}

async function main(): Promise<void> {
  const text = await withTemporaryDatabase(async (url) => {
    await migrate(url);
    return readCatalogue(url);
  });
  if (!process.argv.includes('--check')) writeFileSync(CATALOGUE_FILE, text);
  else if (readFileSync(CATALOGUE_FILE, 'utf8') !== text) {
    console.error(
      'prisma/catalogue.txt differs from the migrated database. Run "npm run catalogue" and review the change.',
    );
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
