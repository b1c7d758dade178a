import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Edit, Mutant } from './mutants.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MIGRATIONS = path.join(ROOT, 'prisma/migrations');
/** Copied, so that tests of a mutant use its own files; everything else is linked. */
const COPIED = ['src', 'test', 'prisma', 'packages', 'compose.yaml'];
/** Node.js finds the packages of the checkout from inside it. */
const LEFT_OUT = ['node_modules', 'dist', '.git', '.mutants'];
/** After every migration there is. */
const LAST_MIGRATION = '99999999000000_mutant';

const isSql = ({ where }: Edit) => where.startsWith('sql:');

/** @throws Error if the text does not occur exactly once */
export function apply(source: string, { where, text, becomes }: Edit): string {
  const count = source.split(text).length - 1;
  if (count !== 1) throw new Error(`${where} has ${count} times, not once: ${text}`);
  return source.replace(text, () => becomes);
}

/** A copy of the checkout with the mistake in it, compiled. Its functions of the database are in `statementsOf`. */
export function makeMutant({ name, edits }: Pick<Mutant, 'name' | 'edits'>): string {
  const folder = path.join(ROOT, '.mutants', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(ROOT)) {
    if (COPIED.includes(entry)) cpSync(path.join(ROOT, entry), path.join(folder, entry), { recursive: true });
    else if (!LEFT_OUT.includes(entry)) symlinkSync(path.join(ROOT, entry), path.join(folder, entry));
  }
  for (const edit of edits.filter((one) => !isSql(one))) {
    const file = path.join(folder, edit.where);
    writeFileSync(file, apply(readFileSync(file, 'utf8'), edit));
  }
  compile(folder, name);
  return folder;
}

function compile(folder: string, name: string): void {
  const compilerOptions = { noEmit: false, noCheck: true, rootDir: 'src', outDir: 'dist' };
  const config = path.join(folder, 'tsconfig.mutant.json');
  writeFileSync(config, JSON.stringify({ extends: './tsconfig.json', compilerOptions, include: ['src'] }));
  const tsc = path.join(ROOT, 'node_modules/typescript-cli/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', config], { cwd: ROOT, encoding: 'utf8' });
  if (!existsSync(path.join(folder, 'dist/main.js'))) throw new Error(`${name} does not compile: ${stdout}`);
}

/** Adds its functions to the migrations of its copy, for tests that migrate their own databases. */
export function addMigration(mutant: Mutant, folder: string): void {
  const statements = statementsOf(mutant);
  if (statements.length === 0) return;
  const migration = path.join(folder, 'prisma/migrations', LAST_MIGRATION);
  mkdirSync(migration);
  writeFileSync(path.join(migration, 'migration.sql'), `${statements.join(';\n')};\n`);
}

/** The functions that it changes, as statements for the migrated database. */
export function statementsOf({ edits }: Mutant): string[] {
  const functions = new Map<string, string>();
  for (const edit of edits.filter(isSql)) {
    const name = edit.where.slice('sql:'.length);
    functions.set(name, apply(functions.get(name) ?? definitionOf(name), edit));
  }
  const others = edits.flatMap(({ also = [] }) => also);
  return [...others, ...functions.values()].map((sql) =>
    sql.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'),
  );
}

/** From the last migration that creates it. */
function definitionOf(name: string): string {
  const folders = readdirSync(MIGRATIONS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const files = folders.map((folder) => path.join(MIGRATIONS, folder.name, 'migration.sql')).sort();
  const pattern = new RegExp(`^CREATE (OR REPLACE )?FUNCTION ${name}\\(.*?\\$\\$;`, 'ms');
  const found = files.map((file) => pattern.exec(readFileSync(file, 'utf8'))?.[0]).findLast(Boolean);
  if (!found) throw new Error(`no migration makes the function ${name}`);
  return found;
}
