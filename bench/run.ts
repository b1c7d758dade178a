/** What Parley costs, measured: `npm run bench [-- options]`. README.md says how, and what it does not tell. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { attackSuite } from './attack.ts';
import { changes } from './changes.ts';
import { drawCharts } from './charts.ts';
import { connections } from './connections.ts';
import { requireProc } from './cpu.ts';
import { depth } from './depth.ts';
import { directory } from './directory.ts';
import { busy, rest } from './end-to-end.ts';
import { endpoints } from './endpoints.ts';
import { executors } from './executors.ts';
import { fanout, real, rooms } from './fanout.ts';
import type { MakeSuite, Scale, Suite } from './figures.ts';
import { history } from './history.ts';
import { inbox } from './inbox.ts';
import { installPeers } from './install.ts';
import { loadCommand } from './load/load.ts';
import { lockedRoom } from './locked-room.ts';
import { posts } from './posts.ts';
import { profile } from './profile.ts';
import { rate } from './rate.ts';
import { writeReadme } from './readme.ts';
import {
  type Facts,
  load,
  machine,
  merge,
  resultOf,
  type SuiteResult,
  type VariantResult,
  versions,
} from './results.ts';
import { resumeStorm } from './resume-storm.ts';
import { startUp } from './start-up.ts';
import { marksOf, reportOf, tableOf } from './table.ts';
import { unread } from './unread.ts';
import { viewers } from './viewers.ts';
import { World } from './world.ts';
import { writePath } from './write-path.ts';

const suites: Record<string, MakeSuite> = {
  fanout,
  real,
  rooms,
  viewers,
  rate,
  posts,
  'write-path': writePath,
  changes,
  endpoints,
  rest,
  busy,
  connections,
  executors,
  history,
  depth,
  unread,
  directory,
  'start-up': startUp,
  'resume-storm': resumeStorm,
  inbox,
  attack: attackSuite,
  'locked-room': lockedRoom,
};

const USAGE = `Usage: npm run bench [-- options]

  --only NAMES       of ${Object.keys(suites).join(', ')}; with commas between
  --rounds N         how often each is measured, one round more warms everything up. Default: 5
  --quick            less of everything: to see that it runs, not for figures
  --connections N    how many the suite of that name opens. Default: 5000
  --messages N       how long the room of the suite depth is. Default: 1000000
  --seconds N        how long each attack of the suite attack lasts. Default: 10
  --attack TEXT      only the attacks of that suite whose names contain the text
  --install          also installs the product without what only its developers need, to see how large that is
  --json FILE        writes every figure of every round there
  --from FILES       reads such files of one commit instead of measuring; with commas between
  --readme           writes the tables into bench/README.md
  --charts           draws bench/charts/*.svg
  --profile          prints where each server spends its time instead; then the figures are not comparable`;

function readArguments(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      install: { type: 'boolean', default: false },
      connections: { type: 'string', default: '5000' },
      messages: { type: 'string', default: '1000000' },
      seconds: { type: 'string' },
      attack: { type: 'string', default: '' },
      json: { type: 'string' },
      from: { type: 'string' },
      readme: { type: 'boolean', default: false },
      charts: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a whole number from 1 on');
  const connections = Number(values.connections);
  if (!Number.isInteger(connections) || connections < 2_000) throw new Error('--connections is from 2000 on');
  const messages = Number(values.messages);
  if (!Number.isInteger(messages) || messages < 1_000) throw new Error('--messages is from 1000 on');
  const seconds = Number(values.seconds ?? (values.quick ? 3 : 10));
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 3_600)
    throw new Error('--seconds is from 1 to 3600');
  const names = values.only?.split(',') ?? Object.keys(suites);
  const unknown = names.find((name) => !(name in suites));
  if (unknown !== undefined) throw new Error(`there is no suite ${unknown}`);
  const scale: Scale = {
    isQuick: values.quick,
    connections,
    messages,
    seconds,
    attack: values.attack,
    isInstalling: values.install,
    of: (full) => (values.quick ? Math.ceil(full / 5) : full),
  };
  return { ...values, names, rounds, scale };
}

type Asked = ReturnType<typeof readArguments>;

async function measureSuite(suite: Suite, rounds: number, loads: number[]): Promise<SuiteResult> {
  const results = suite.variants.map(({ name }): VariantResult => ({ name, rounds: [] }));
  for (let round = 0; round <= rounds; round++) {
    for (const [i, variant] of suite.variants.entries()) {
      const when = round === 0 ? 'warming up' : `round ${round} of ${rounds}`;
      console.error(`${suite.title}, ${when}: ${variant.name}`);
      const figures = await variant.run();
      if (round > 0) results[i]?.rounds.push(figures);
    }
    loads.push(load());
  }
  return resultOf(suite, results);
}

async function profileSuite({ variants }: Suite): Promise<void> {
  for (const variant of variants) {
    const inspectorUrl = variant.node?.inspectorUrl;
    if (!inspectorUrl) continue;
    await variant.run();
    console.log(`\n${variant.name}\n${await profile(inspectorUrl, () => variant.run())}`);
  }
}

/** Every suite has a world of its own: what one leaves behind, the next does not pay for. */
async function runAll(asked: Asked, enter: (world: World | null) => void): Promise<Facts> {
  const [results, loads] = [[] as SuiteResult[], [load()]];
  let postgres = '';
  for (const name of asked.names) {
    const world = new World(asked.profile);
    enter(world);
    await world.open();
    postgres = await world.postgresVersion();
    const suite = await (suites[name] as MakeSuite)(world, asked.scale);
    if (asked.profile) await profileSuite(suite);
    else {
      const result = await measureSuite(suite, asked.rounds, loads);
      console.log(`\n${tableOf(result)}\n\n${marksOf(result.marks)}\n`);
      results.push(result);
    }
    await world.close();
    enter(null);
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    rounds: asked.rounds,
    isQuick: asked.quick,
    machine: machine(),
    versions: versions({ PostgreSQL: postgres, 'load client': basename(loadCommand()[0] ?? '') }),
    load: loads,
    suites: results,
  };
}

/** 1 where something was missed that must be reached. */
function publish(asked: Asked, runs: readonly Facts[]): number {
  const facts = runs[0] as Facts;
  if (asked.json) writeFileSync(asked.json, `${JSON.stringify(facts, null, 2)}\n`);
  if (asked.readme) writeReadme(runs);
  if (asked.charts) drawCharts(facts);
  if (asked.from) console.log(reportOf(runs));
  const missed = runs
    .flatMap(({ suites: all }) => all)
    .flatMap(({ marks }) => marks)
    .filter(({ verdict }) => verdict === 'missed');
  for (const { title } of missed) console.error(`bench: missed: ${title}`);
  return missed.length > 0 ? 1 : 0;
}

async function bench(asked: Asked, enter: (world: World | null) => void): Promise<number> {
  if (asked.from) return publish(asked, merge(asked.from.split(',').map(read)));
  requireProc();
  installPeers();
  const facts = await runAll(asked, enter);
  return asked.profile ? 0 : publish(asked, [facts]);
}

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Facts;

async function main(args: string[]): Promise<number> {
  let asked: Asked;
  try {
    asked = readArguments(args);
  } catch (error) {
    console.error(`bench: ${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  let world: World | null = null;
  const interrupted = new Promise<number>((resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(130));
    process.on('uncaughtException', reject); // a mistake of ours leaves nothing running either
  });
  const enter = (entered: World | null) => {
    world = entered;
  };
  try {
    const code = await Promise.race([bench(asked, enter), interrupted]);
    if (code === 130) console.error('\nbench: interrupted; everything is being stopped');
    return code;
  } catch (error) {
    console.error(error);
    return 1;
  } finally {
    await (world as World | null)?.close();
  }
}

// What was interrupted may still wait for an answer.
process.exit(await main(process.argv.slice(2)));
