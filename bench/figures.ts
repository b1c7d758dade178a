import type { Counters } from './counters.ts';
import type { ParleyNode, Server } from './world.ts';

/** What one run gave. `each` is a delivery, a post or a resume. */
export interface Figures {
  readonly perSecond: number;
  /** User and system time of the server process. */
  readonly cpuMicrosEach: number;
  readonly postgresMicrosEach?: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Until the last one was served. */
  readonly allMs?: number;
  readonly statementsEach?: number;
  readonly logReadsEach?: number;
  /** CPU of this process, in hundredths of one core: near 100 the client is what limits the rate. */
  readonly clientPercent: number;
}

/** One line of the table. */
export interface Variant {
  readonly name: string;
  /** Name of the variant that does the least for the same. */
  readonly floor?: string;
  /** Whose profile tells where the time goes. */
  readonly node?: ParleyNode;
  run(): Promise<Figures>;
}

/** Runs `work`, which gives one time in ms for each thing done, and charges the server's counters to those. */
export async function measure(server: Server, work: () => Promise<number[]>): Promise<Figures> {
  const [before, ownBefore, started] = [await server.counters(), process.cpuUsage(), performance.now()];
  const times = (await work()).sort((a, b) => a - b);
  const ms = performance.now() - started;
  const own = process.cpuUsage(ownBefore);
  const after = await server.counters();
  // Not every server counts everything.
  const each = (name: keyof Counters) =>
    ((after[name] ?? Number.NaN) - (before[name] ?? Number.NaN)) / times.length;
  return {
    perSecond: (times.length / ms) * 1000,
    cpuMicrosEach: each('cpuMicros'),
    postgresMicrosEach: each('postgresMicros'),
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    statementsEach: each('statements'),
    logReadsEach: each('logReads'),
    clientPercent: (own.user + own.system) / ms / 10,
  };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** All runs of one variant, in the order of the rounds. */
export interface Result {
  readonly name: string;
  readonly floor?: string | undefined;
  readonly rounds: Figures[];
}

const columns: readonly (readonly [keyof Figures, title: string, digits: number])[] = [
  ['perSecond', 'per s', 0],
  ['cpuMicrosEach', 'server CPU µs each', 1],
  ['postgresMicrosEach', 'PostgreSQL CPU µs each', 1],
  ['p50Ms', 'p50 ms', 1],
  ['p99Ms', 'p99 ms', 1],
  ['allMs', 'all, ms', 0],
  ['statementsEach', 'SQL each', 2],
  ['logReadsEach', 'log reads each', 2],
  ['clientPercent', 'client CPU %', 0],
];

/** Markdown. Medians with min–max; the ratios are medians of the ratios within a round. */
export function tableOf(results: readonly Result[]): string {
  const head = ['', ...columns.map(([, title]) => title), 'rate ÷ floor', 'CPU ÷ floor'];
  const rows = results.map((result) => {
    const floor = results.find(({ name }) => name === result.floor);
    const cells = columns.map(([key, , digits]) => spread(valuesOf(result, key), digits));
    return [result.name, ...cells, ratio(result, floor, 'perSecond'), ratio(result, floor, 'cpuMicrosEach')];
  });
  const rule = head.map((_, i) => (i === 0 ? '---' : '--:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const valuesOf = ({ rounds }: Result, key: keyof Figures) =>
  rounds.flatMap((figures) => {
    const value = figures[key];
    return value === undefined || Number.isNaN(value) ? [] : [value];
  });

function ratio(result: Result, floor: Result | undefined, key: 'perSecond' | 'cpuMicrosEach'): string {
  if (!floor) return '';
  return spread(
    result.rounds.map((figures, i) => figures[key] / (floor.rounds[i]?.[key] ?? Number.NaN)),
    2,
  );
}

function spread(values: readonly number[], digits: number): string {
  if (values.length === 0) return '';
  const sorted = values.toSorted((a, b) => a - b);
  const text = (value: number | undefined) => (value ?? Number.NaN).toFixed(digits);
  const middle = ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
  if (text(sorted[0]) === text(sorted.at(-1))) return text(middle);
  return `${text(middle)} (${text(sorted[0])}–${text(sorted.at(-1))})`;
}
