import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { type FigureName, type Figures, type Mark, median, type Suite } from './figures.ts';

export interface VariantResult {
  readonly name: string;
  /** In their order. */
  readonly rounds: Figures[];
}

export type Verdict = 'goal' | 'must' | 'missed' | 'not measured';

export interface MarkResult extends Omit<Mark, 'value'> {
  /** One of each round. */
  readonly values: readonly number[];
  readonly verdict: Verdict;
}

export interface SuiteResult {
  readonly title: string;
  readonly each: string;
  readonly main: FigureName;
  readonly variants: readonly VariantResult[];
  readonly marks: readonly MarkResult[];
  readonly notes: readonly string[];
}

/** All results of a run, as `--json` writes them and `--from` reads them. */
export interface Facts {
  readonly date: string;
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly machine: ReturnType<typeof machine>;
  readonly versions: Readonly<Record<string, string>>;
  readonly load: readonly number[];
  readonly suites: readonly SuiteResult[];
}

/**
 * Merges runs, for example one for each version of Node.js; the first one comes first.
 * @throws Error if they are not of the same commit
 */
export function merge(runs: readonly Facts[]): Facts[] {
  const merged: Facts[] = [];
  for (const run of runs) {
    if (run.machine.commit !== runs[0]?.machine.commit) throw new Error('the runs are of different commits');
    const at = merged.findIndex(({ versions }) => versions['node'] === run.versions['node']);
    const known = merged[at];
    if (!known) merged.push(run);
    else
      merged[at] = { ...known, load: [...known.load, ...run.load], suites: [...known.suites, ...run.suites] };
  }
  return merged;
}

/** Medians of the ratios within a round: what disturbs a round disturbs both. */
export function judge({ value, ...mark }: Mark, variants: readonly VariantResult[]): MarkResult {
  const count = Math.max(...variants.map(({ rounds }) => rounds.length));
  const values = Array.from({ length: count }, (_, i) =>
    value(new Map(variants.map(({ name, rounds }) => [name, rounds[i] ?? {}]))),
  ).filter(Number.isFinite);
  return { ...mark, values, verdict: verdictOf(mark, values) };
}

function verdictOf({ sense, must, goal }: Omit<Mark, 'value'>, values: readonly number[]): Verdict {
  if (values.length === 0) return 'not measured';
  const reaches = (bar: number) => (sense === 'at least' ? median(values) >= bar : median(values) <= bar);
  if (reaches(goal)) return 'goal';
  return reaches(must) ? 'must' : 'missed';
}

export function resultOf(suite: Suite, variants: readonly VariantResult[]): SuiteResult {
  const { title, each, main, marks, notes } = suite;
  return {
    title,
    each,
    main,
    variants,
    marks: marks.map((mark) => judge(mark, variants)),
    notes: notes?.() ?? [],
  };
}

export const load = () => Math.round((loadavg()[0] ?? 0) * 10) / 10;

export function machine() {
  const git = (...args: string[]) => String(execFileSync('git', args)).trim();
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    commit: git('rev-parse', '--short', 'HEAD'),
    hasChanges: git('status', '--porcelain', '--', 'src', 'prisma', 'package-lock.json') !== '',
  };
}

/** The installed versions of the measured programs. */
export function versions(measured: Record<string, string>): Record<string, string> {
  const program = (name: string, pattern: RegExp) => pattern.exec(said(name))?.[1] ?? 'none';
  return {
    node: process.version,
    Redis: program('redis-server', /v=([\d.]+)/),
    ...declared('../package.json', ['ws', 'graphql', 'pg']),
    ...declared('package.json', [
      'graphql-jit',
      'graphql-ws',
      'graphql-yoga',
      'mercurius',
      'fastify',
      'socket.io',
    ]),
    ...declared('package.json', ['@socket.io/redis-adapter', '@prisma/client', '@pothos/plugin-prisma']),
    ...measured,
  };
}

function said(program: string): string {
  try {
    return String(execFileSync(program, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return '';
  }
}

function declared(file: string, names: readonly string[]): Record<string, string> {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  const { dependencies, devDependencies } = JSON.parse(text) as Record<string, Record<string, string>>;
  const all = { ...dependencies, ...devDependencies };
  return Object.fromEntries(names.map((name) => [name, all[name] ?? 'none']));
}
