import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import { check } from './checker.ts';
import { Cluster, ROOT } from './cluster.ts';
import { gather } from './crowd.ts';
import { conclude } from './ending.ts';
import { type Figures, figuresOf } from './figures.ts';
import { History, readHistory } from './history.ts';
import { unleash } from './nemesis.ts';
import { Random } from './random.ts';
import type { Tier } from './tiers.ts';
import { sliceOf, type Verdict, type Violation } from './verdict.ts';
import type { World } from './world.ts';

/** Of the posts, through SDK clients. */
const SDK_SHARE = 0.15;

export interface Campaign {
  readonly tier: Tier;
  readonly seed: number;
  readonly root?: string;
  /** For the migrated database, and once the rooms are there. */
  readonly sql?: readonly string[];
}

export interface Report extends Verdict {
  readonly seed: number;
  readonly seconds: number;
  readonly faults: number;
  readonly figures: Figures;
  /** Above 50 the figures say more about the harness than about the product. */
  readonly loopLagP99Ms: number;
  /** How packets get lost in this run. */
  readonly packetLoss: string;
  readonly history: string | null;
}

/** One run: gathers people, lets loose what the tier plans, mends everything, and judges what happened. */
export async function campaign({ tier, seed, root = ROOT, sql = [] }: Campaign): Promise<Report> {
  const began = performance.now();
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-faults-history-'));
  const history = new History(path.join(folder, `seed-${seed}.jsonl`));
  const lag = monitorEventLoopDelay({ resolution: 10 });
  const random = new Random(seed);
  const hasSmallDisks = Object.keys(tier.plan.counts).some((kind) => kind.endsWith(' full'));
  const cluster = await Cluster.start({ root, sql, hasSmallDisks, random: random.fork() });
  for (const place of cluster.places) place.onInternal = (what) => history.add({ f: 'internal', what });
  try {
    const world: World = {
      cluster,
      history,
      random,
      rooms: [],
      owner: { user: 0, token: '', sessionId: '' },
      isEnding: false,
      isOver: false,
    };
    lag.enable();
    await play(world, tier);
    world.isOver = true;
  } finally {
    lag.disable();
    await history.close();
    await cluster.stop();
  }
  const { packets } = cluster;
  const report = judge(
    history.file,
    seed,
    (performance.now() - began) / 1_000,
    lag.percentile(99) / 1e6,
    packets.how,
  );
  if (report.violations.length > 0) return report;
  rmSync(folder, { recursive: true });
  return { ...report, history: null };
}

async function play(world: World, tier: Tier): Promise<void> {
  const arena = await gather(world, tier);
  try {
    await playOn(arena);
  } finally {
    await Promise.all(arena.hosts.map((host) => host.kill()));
  }
}

async function playOn(arena: Arena): Promise<void> {
  const { world, tier, subscribers, devices } = arena;
  arena.say(
    `${subscribers.length} subscribers and ${devices.length} SDK clients are live; ${tier.postsPerSecond} posts/s`,
  );
  const load = [
    arena.posting.keepPosting(tier.postsPerSecond * (1 - SDK_SHARE)),
    arena.devicePosting.keepPosting(tier.postsPerSecond * SDK_SHARE, arena.openRooms),
    arena.changes.keepEditing(tier.postsPerSecond * 0.1),
  ];
  await delay(tier.warmUpMs);
  await unleash(arena, tier.plan, world.random.fork());
  arena.say('everything is mended; waiting for the end');
  world.isEnding = true;
  await Promise.all(load);
  await conclude(arena);
}

function judge(
  file: string,
  seed: number,
  seconds: number,
  loopLagP99Ms: number,
  packetLoss: string,
): Report {
  const verdict = check(readHistory(file));
  const figures = figuresOf(() => readHistory(file));
  for (const violation of verdict.violations.slice(0, 5)) complain(file, violation);
  return {
    seed,
    seconds: Math.round(seconds),
    faults: Object.values(figures.faultsByKind).reduce((sum, count) => sum + count, 0),
    ...verdict,
    figures,
    loopLagP99Ms: Math.round(loopLagP99Ms * 10) / 10,
    packetLoss,
    history: file,
  };
}

function complain(file: string, violation: Violation): void {
  process.stderr.write(`\n${violation.invariant} at ${violation.t} ms: ${violation.says}\n`);
  for (const entry of sliceOf(readHistory(file), violation))
    process.stderr.write(`    ${JSON.stringify(entry)}\n`);
}
