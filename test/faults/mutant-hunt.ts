import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { campaign, type Report } from './campaign.ts';
import { type Mutant, mutants } from './mutants.ts';
import { addMigration, makeMutant, statementsOf } from './mutation.ts';
import { only, type Tier } from './tiers.ts';

/** Runs for each mutant at most; what needs more is hardly caught. */
const SEEDS = 5;
const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

/** Runs the whole server, and the SDK, with that bug in it. */
export async function runMutant(mutant: Mutant, seed: number, tier: Tier): Promise<Report> {
  return campaign({ tier, seed, root: makeMutant(mutant), sql: statementsOf(mutant) });
}

/** Every bug, each by what is aimed at it. Resolves with 1 where one was not caught. */
export async function runMutants(seed: number, name?: string): Promise<number> {
  const rows: string[] = [];
  let missed = 0;
  for (const mutant of mutants.filter((one) => !name || one.name === name)) {
    const began = performance.now();
    const { by, seeds } = await hunt(mutant, seed);
    if (by.length === 0) missed++;
    const seconds = Math.round((performance.now() - began) / 1_000);
    rows.push(
      `| ${mutant.bug} | ${mutant.name} | ${by.join(', ') || '**not caught**'} | ${seeds} | ${seconds} |`,
    );
    process.stderr.write(`${rows.at(-1)}\n`);
  }
  console.log(
    ['| bug | mutant | caught by | seeds | seconds |', '|---|---|---|---|---|', ...rows].join('\n'),
  );
  return missed > 0 ? 1 : 0;
}

interface Catch {
  /** The invariants that were broken, or the test that failed. Empty where nothing noticed. */
  readonly by: readonly string[];
  readonly seeds: number;
}

async function hunt(mutant: Mutant, first: number): Promise<Catch> {
  if (mutant.test) return { by: failsTest(mutant, mutant.test) ? [mutant.test[0]] : [], seeds: 1 };
  const tier = only(mutant.only ?? '');
  for (let i = 0; i < SEEDS; i++) {
    const { violations, history } = await runMutant(mutant, first + i, tier);
    if (history) rmSync(path.dirname(history), { recursive: true });
    if (violations.length > 0)
      return { by: [...new Set(violations.map(({ invariant }) => invariant))], seeds: i + 1 };
  }
  return { by: [], seeds: SEEDS };
}

/** Runs tests of the copy; a mistake that does not let them start counts as nothing. */
function failsTest(mutant: Mutant, [file, name]: readonly [string, string]): boolean {
  const folder = makeMutant(mutant);
  addMigration(mutant, folder);
  const args = [VITEST, 'run', file, '--testNamePattern', name, '--reporter', 'json'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  const report = JSON.parse(stdout.slice(stdout.indexOf('{"num'))) as { numFailedTests: number };
  return report.numFailedTests > 0;
}
