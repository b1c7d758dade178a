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
import { campaign, type Report } from './campaign.ts';
import { type Edit, type Mutant, mutants } from './mutants.ts';
import { only, type Tier } from './tiers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MIGRATIONS = path.join(ROOT, 'prisma/migrations');
const SEEDS = 3;

/** Runs the whole server with that bug in it. */
export function runMutant(mutant: Mutant, seed: number, tier: Tier): Promise<Report> {
  return campaign({ tier, seed, dist: compile(mutant), sql: statementsOf(mutant) });
}

/** Every bug, each by the run that is aimed at it. Resolves with 1 where one was not caught. */
export async function runMutants(seed: number, name?: string): Promise<number> {
  const rows: string[] = [];
  let missed = 0;
  for (const mutant of mutants.filter((one) => !name || one.name === name)) {
    const row = await hunt(mutant, seed);
    if (!row.isCaught) missed++;
    rows.push(row.line);
    process.stderr.write(`${row.line}\n`);
  }
  console.log(
    ['| bug | mutant | caught | by | seeds | seconds |', '|---|---|---|---|---|---|', ...rows].join('\n'),
  );
  return missed > 0 ? 1 : 0;
}

async function hunt(mutant: Mutant, first: number): Promise<{ isCaught: boolean; line: string }> {
  const began = performance.now();
  for (let i = 0; i < SEEDS; i++) {
    const by = await judge(mutant, first + i);
    if (by.length === 0) continue;
    return { isCaught: true, line: lineOf(mutant, 'yes', by, i + 1, began) };
  }
  return { isCaught: false, line: lineOf(mutant, '**no**', [], SEEDS, began) };
}

async function judge(mutant: Mutant, seed: number): Promise<readonly string[]> {
  const { violations, history } = await runMutant(mutant, seed, only(mutant.only));
  if (history) rmSync(path.dirname(history), { recursive: true });
  return [...new Set(violations.map(({ invariant }) => invariant))];
}

function lineOf(
  { bug, name }: Mutant,
  caught: string,
  by: readonly string[],
  seeds: number,
  began: number,
): string {
  const seconds = Math.round((performance.now() - began) / 1_000);
  return `| ${bug} | ${name} | ${caught} | ${by.join(', ')} | ${seeds} | ${seconds} |`;
}

// -- making one --------------------------------------------------------------------------------

/** @throws Error where the text is not there exactly once */
export function apply(source: string, { where, text, becomes }: Edit): string {
  const count = source.split(text).length - 1;
  if (count !== 1) throw new Error(`${where} has ${count} times, not once: ${text}`);
  return source.replace(text, () => becomes);
}

const isSql = ({ where }: Edit) => where.startsWith('sql:');

/** A mutated copy of src, compiled where node_modules can be found from. Returns its dist. */
function compile({ name, edits }: Mutant): string {
  const folder = path.join(ROOT, '.mutants', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(path.join(ROOT, 'src'), path.join(folder, 'src'), { recursive: true });
  for (const shared of ['prisma', 'package.json'])
    symlinkSync(path.join(ROOT, shared), path.join(folder, shared));
  for (const edit of edits.filter((one) => !isSql(one))) {
    const file = path.join(folder, edit.where);
    writeFileSync(file, apply(readFileSync(file, 'utf8'), edit));
  }
  const compilerOptions = { noEmit: false, noCheck: true, rootDir: 'src', outDir: 'dist' };
  writeFileSync(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['src'] }),
  );
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { cwd: ROOT, encoding: 'utf8' });
  if (!existsSync(path.join(folder, 'dist/main.js'))) throw new Error(`${name} does not compile: ${stdout}`);
  return path.join(folder, 'dist');
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

/** As the last migration that makes it does. */
function definitionOf(name: string): string {
  const folders = readdirSync(MIGRATIONS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const files = folders.map((folder) => path.join(MIGRATIONS, folder.name, 'migration.sql')).sort();
  const pattern = new RegExp(`^CREATE (OR REPLACE )?FUNCTION ${name}\\(.*?\\$\\$;`, 'ms');
  const found = files.map((file) => pattern.exec(readFileSync(file, 'utf8'))?.[0]).findLast(Boolean);
  if (!found) throw new Error(`no migration makes the function ${name}`);
  return found;
}
