/** What Parley costs, measured: `npm run bench [-- options]`. README.md says how, and what it does not tell. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { fanout } from './fanout.ts';
import { type Result, tableOf, type Variant } from './figures.ts';
import { posts } from './post.ts';
import { profile } from './profile.ts';
import { resumeStorm } from './resume-storm.ts';
import { World } from './world.ts';

const USAGE = `Usage: npm run bench [-- options]

  --only NAME   fanout, post or resume-storm
  --rounds N    how often each is measured, 5 unless told; one round more warms everything up
  --json FILE   writes every figure of every round there, too
  --profile     prints where each server spends its time instead; then the figures are not comparable`;

const benches: Record<string, (world: World, note: (line: string) => void) => Promise<Variant[]>> = {
  fanout,
  post: posts,
  'resume-storm': resumeStorm,
};

interface Asked {
  readonly names: readonly string[];
  readonly rounds: number;
  readonly json: string | undefined;
  readonly isProfiled: boolean;
}

function readArguments(args: string[]): Asked {
  const options = {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    profile: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ options, args });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a whole number from 1 on');
  if (values.only && !(values.only in benches)) throw new Error(`there is no bench ${values.only}`);
  const names = values.only ? [values.only] : Object.keys(benches);
  return { names, rounds, json: values.json, isProfiled: values.profile };
}

function machine() {
  const git = (...args: string[]) => String(execFileSync('git', args)).trim();
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    commit: git('rev-parse', '--short', 'HEAD'),
    hasChanges: git('status', '--porcelain', '--', 'src', 'prisma', 'package-lock.json') !== '',
  };
}

const load = () => loadavg()[0]?.toFixed(1);

async function measureAll({ names, rounds, json }: Asked, variants: readonly Variant[]): Promise<Result[]> {
  const results = variants.map(({ name, floor }): Result => ({ name, floor, rounds: [] }));
  const loads = [load()];
  for (let round = 0; round <= rounds; round++) {
    for (const [i, variant] of variants.entries()) {
      console.error(`${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}: ${variant.name}`);
      const figures = await variant.run();
      if (round > 0) results[i]?.rounds.push(figures);
    }
    loads.push(load());
  }
  const facts = { machine: machine(), load: loads, names, results };
  if (json) writeFileSync(json, `${JSON.stringify(facts, null, 2)}\n`);
  return results;
}

async function profileAll(variants: readonly Variant[]): Promise<void> {
  for (const variant of variants) {
    const inspectorUrl = variant.node?.inspectorUrl;
    if (!inspectorUrl) continue;
    await variant.run();
    console.log(`\n${variant.name}\n${await profile(inspectorUrl, () => variant.run())}`);
  }
}

async function bench(asked: Asked, world: World): Promise<number> {
  await world.open();
  const notes: string[] = [];
  const variants: Variant[] = [];
  for (const name of asked.names)
    variants.push(...((await benches[name]?.(world, (line) => notes.push(line))) ?? []));
  if (asked.isProfiled) await profileAll(variants);
  else {
    const before = load();
    const results = await measureAll(asked, variants);
    const { cores, cpu, memoryGiB, node, platform, commit, hasChanges } = machine();
    console.log(`\n${tableOf(results)}\n`);
    console.log(`Medians (min–max) of ${asked.rounds} rounds; all variants ran in turn in each.`);
    console.log(
      `${cores} cores (${cpu}), ${memoryGiB} GiB, ${platform}, Node ${node}, commit ${commit}${hasChanges ? ' with changes' : ''}.`,
    );
    console.log(`Load average ${before} before, ${load()} after.`);
  }
  for (const line of notes) console.log(line);
  return 0;
}

async function main(args: string[]): Promise<number> {
  let asked: Asked;
  try {
    asked = readArguments(args);
  } catch (error) {
    console.error(`bench: ${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const world = new World(asked.isProfiled);
  const interrupted = new Promise<number>((resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(130));
    process.on('uncaughtException', reject); // a mistake of ours leaves nothing running either
  });
  try {
    const code = await Promise.race([bench(asked, world), interrupted]);
    if (code === 130) console.error('\nbench: interrupted; everything is being stopped');
    return code;
  } catch (error) {
    console.error(error);
    return 1;
  } finally {
    await world.close();
  }
}

// What was interrupted may still wait for an answer.
process.exit(await main(process.argv.slice(2)));
