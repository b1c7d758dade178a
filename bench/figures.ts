import { cpuMicros, treeMicros } from './cpu.ts';
import type { Load, Stat, Times } from './load/load.ts';
import type { Server, World } from './world.ts';

/** What one run gave. `each` is a delivery, a post, an operation: what the suite counts. Only what was measured is there. */
export interface Figures {
  /** User and system time of the measured server processes. */
  readonly cpuMicros?: number;
  readonly postgresMicros?: number;
  readonly redisMicros?: number;
  /** The sum of the three. */
  readonly wholeMicros?: number;
  readonly perSecond?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Until the last one was served. */
  readonly allMs?: number;
  readonly statements?: number;
  readonly bytes?: number;
  /** Events a second that all heard within 100 ms. */
  readonly sustained?: number;
  readonly heapKb?: number;
  readonly rssKb?: number;
  readonly idlePercent?: number;
  readonly seconds?: number;
  readonly megabytes?: number;
  /** CPU of the clients and of this process, in hundredths of one core: near 100 they may be what limits the rate. */
  readonly clientPercent?: number;
}

export type FigureName = keyof Figures;

/** One line of a table. */
export interface Variant {
  readonly name: string;
  /** The server whose profile shows where the time goes. */
  readonly node?: Server;
  run(): Promise<Figures>;
}

/** The figures of one round, by variant. */
export type Round = ReadonlyMap<string, Figures>;

/** What is to be reached, and what would be better still: both as ratios where nothing else is said. */
export interface Mark {
  readonly title: string;
  /** NaN if it was not measured. */
  readonly value: (round: Round) => number;
  readonly sense: 'at least' | 'at most';
  readonly must: number;
  readonly goal: number;
  readonly unit?: string;
}

/** Variants that are alive together and run in turn. */
export interface Suite {
  readonly title: string;
  /** The counted unit. */
  readonly each: string;
  readonly variants: readonly Variant[];
  readonly marks: readonly Mark[];
  /** The figure that charts show. */
  readonly main: FigureName;
  readonly notes?: () => readonly string[];
}

/** How much is done; `--quick` does less. */
export interface Scale {
  readonly isQuick: boolean;
  /** Of connections, in the suite of that name. */
  readonly connections: number;
  /** In the room of the suite `depth`. */
  readonly messages: number;
  /** Of an attack, in the suite of that name. */
  readonly seconds: number;
  /** A part of the names of the attacks to measure. */
  readonly attack: string;
  /** Whether the start-up suite installs the product, too, to see how large that is. */
  readonly isInstalling: boolean;
  of(full: number): number;
}

export type MakeSuite = (world: World, scale: Scale) => Promise<Suite>;

const figure = (round: Round, variant: string, name: FigureName) => round.get(variant)?.[name] ?? Number.NaN;

/** How many times `ours` is as good as `theirs`, by a figure of which little is good. */
export const timesLess = (name: FigureName, ours: string, theirs: string) => (round: Round) =>
  figure(round, theirs, name) / figure(round, ours, name);

/** What share of `theirs` is `ours`, by a figure of which much is good (and a share of little, where little is). */
export const shareOf = (name: FigureName, ours: string, theirs: string) => (round: Round) =>
  figure(round, ours, name) / figure(round, theirs, name);

export const itself = (name: FigureName, ours: string) => (round: Round) => figure(round, ours, name);

export interface Measured {
  readonly world: World;
  readonly servers: readonly Server[];
  /** The load whose clients count. */
  readonly loads: readonly Load[];
}

/** Runs `work`, which gives how many things it did, and charges the time that the processes took to those. */
export async function measure(
  { world, servers, loads }: Measured,
  work: () => Promise<number>,
): Promise<Figures> {
  const read = () => ({
    servers: sum(servers.map(({ pid }) => cpuMicros(pid))),
    postgres: treeMicros(world.postgresPid),
    redis: sum(world.redisPids.map(cpuMicros)),
    clients: sum(loads.map(({ pid }) => cpuMicros(pid))) + cpuMicros(process.pid),
    at: performance.now(),
  });
  const before = read();
  const count = await work();
  const after = read();
  const each = (name: 'servers' | 'postgres' | 'redis') => (after[name] - before[name]) / count;
  const ms = after.at - before.at;
  return {
    cpuMicros: each('servers'),
    postgresMicros: each('postgres'),
    redisMicros: each('redis'),
    wholeMicros: each('servers') + each('postgres') + each('redis'),
    perSecond: (count / ms) * 1_000,
    clientPercent: (after.clients - before.clients) / ms / 10,
  };
}

/** What the load client saw. */
export function seen({ deliveries, lasts, bytes }: Stat): Figures {
  return { ...times(deliveries), allMs: lasts.p50, bytes };
}

export const times = ({ p50, p99 }: Times): Figures => ({ p50Ms: p50, p99Ms: p99 });

const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0);

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? Number.NaN) + (sorted[sorted.length >> 1] ?? Number.NaN)) / 2;
}

/** `share` is below 1, or 1 for the largest. NaN if there are no values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
