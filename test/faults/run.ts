/** `npm run faults -- --tier t1 --seed 7`: injects faults, and proves that no client missed an event. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensureRedis } from '../harness/redis.ts';
import { campaign, type Report } from './campaign.ts';
import { missedBounds } from './figures.ts';
import { runMutant, runMutants } from './mutant-hunt.ts';
import { mutants } from './mutants.ts';
import { rerunInNamespace } from './packets.ts';
import { only, tiers } from './tiers.ts';

const USAGE = `Usage: npm run faults -- [options]

  --tier t1|t2|t3    3 minutes, 20 minutes, 2 hours; t1 unless told
  --seed N           drives everything that is chosen; a random one is printed otherwise
  --only KINDS       a short run with some kinds of faults, e.g. "node kill*3,redis kill"
  --mutant NAME      runs a server with that seeded bug, by the faults aimed at it unless --tier or --only is given
  --mutants          runs every seeded bug, each with up to 5 seeds, and prints a table (with --mutant: that one alone)
  --json FILE        writes the report there, too

Exit codes: 0 no violation, 1 violations (with --mutants: a bug that was not caught), 2 not understood.`;

const options = {
  tier: { type: 'string' },
  seed: { type: 'string' },
  only: { type: 'string' },
  mutant: { type: 'string' },
  mutants: { type: 'boolean' },
  json: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** One line: everything that a run is compared by. */
function lineOf(report: Report, tier: string): string {
  const { figures, violations, ...rest } = report;
  const by: Record<string, number> = {};
  for (const { invariant } of violations) by[invariant] = (by[invariant] ?? 0) + 1;
  return JSON.stringify({
    tier,
    ...rest,
    violations: violations.length,
    violatedInvariants: by,
    latencyVerdicts: report.loopLagP99Ms > 50 ? 'void' : 'valid',
    missedBounds: missedBounds(figures),
    ...figures,
  });
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  const seed = values.seed ? Number(values.seed) : Math.floor(Math.random() * 1e6);
  const tier = values.only ? only(values.only) : tiers[values.tier ?? 't1'];
  if (values.help || !tier || !Number.isInteger(seed)) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  await ensureRedis(); // its own network cannot reach a package server
  const code = await rerunInNamespace();
  if (code !== null) return code;
  console.error(`seed ${seed}`);
  const mutant = mutants.find(({ name }) => name === values.mutant);
  if (values.mutant && !mutant)
    throw new Error(`There is no mutant ${values.mutant}, but ${mutants.map(({ name }) => name).join(', ')}`);
  const isAimed = !values.only && !values.tier;
  if (values.mutants || (mutant?.test && isAimed)) return runMutants(seed, values.mutant);
  const plan = values.only ?? (isAimed && mutant?.only ? mutant.only : null);
  const chosen = plan ? only(plan) : tier;
  const report = mutant ? await runMutant(mutant, seed, chosen) : await campaign({ tier: chosen, seed });
  const line = lineOf(report, plan ?? values.tier ?? 't1');
  if (values.json) writeFileSync(values.json, `${line}\n`);
  console.log(line);
  if (report.history) console.error(`The history is kept in ${report.history}`);
  return report.violations.length > 0 ? 1 : 0;
}

// Not at once: started processes have to be stopped.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

process.exit(await main());
