import type { Entry } from './history.ts';

export interface Distribution {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface Figures {
  readonly faults: Readonly<Record<string, number>>;
  /** From the acknowledgement of a post to its arrival, while nothing was wrong. */
  readonly healthyMs: Distribution;
  readonly redisDownMs: Distribution;
  readonly redisDownPostsOkPercent: number | null;
  /** From the end of a fault until everybody had everything, by kind. */
  readonly expectedMs: Readonly<Record<string, Distribution>>;
}

// What follows a fault is still its consequence.
const AFTERMATH_MS = 2_500;

interface Window {
  readonly kind: string;
  readonly begin: number;
  end: number;
}

/** What a run measured, out of its history. */
export function figuresOf(history: () => Iterable<Entry>): Figures {
  const windows = windowsIn(history());
  const faults: Record<string, number> = {};
  for (const { kind } of windows.values()) faults[kind] = (faults[kind] ?? 0) + 1;
  const expected = new Map<string, number[]>();
  const latencies = latenciesIn(history(), [...windows.values()], expected);
  return {
    faults,
    healthyMs: distribution(latencies.healthy),
    redisDownMs: distribution(latencies.redisDown),
    redisDownPostsOkPercent: latencies.tries
      ? Math.round((latencies.ok * 10_000) / latencies.tries) / 100
      : null,
    expectedMs: Object.fromEntries([...expected].map(([what, values]) => [what, distribution(values)])),
  };
}

function windowsIn(history: Iterable<Entry>): Map<number, Window> {
  const windows = new Map<number, Window>();
  for (const entry of history) {
    if (entry.f !== 'fault') continue;
    const known = windows.get(entry.n);
    if (known) known.end = entry.t;
    else windows.set(entry.n, { kind: entry.kind, begin: entry.t, end: Number.POSITIVE_INFINITY });
  }
  return windows;
}

function latenciesIn(history: Iterable<Entry>, windows: readonly Window[], expected: Map<string, number[]>) {
  const acknowledged = new Map<string, number>();
  const found = { healthy: [] as number[], redisDown: [] as number[], ok: 0, tries: 0 };
  const during = (t: number) => windows.filter(({ begin, end }) => begin <= t && t <= end + AFTERMATH_MS);
  for (const entry of history) {
    if (entry.f === 'expect' && entry.type === 'ok')
      expected.set(entry.what, [...(expected.get(entry.what) ?? []), entry.ms]);
    if (entry.f === 'post' && (entry.type === 'ok' || entry.type === 'info')) {
      if (entry.type === 'ok' && entry.id && !acknowledged.has(entry.id)) acknowledged.set(entry.id, entry.t);
      const current = during(entry.t);
      if (current.length > 0 && current.every(({ kind, end }) => isRedisDown(kind) && entry.t <= end)) {
        found.tries++;
        if (entry.type === 'ok') found.ok++;
      }
    }
    if (entry.f !== 'recv' || entry.kind !== 'MessageCreated' || !entry.id) continue;
    const since = acknowledged.get(entry.id);
    if (since === undefined) continue; // it arrived before its sender knew
    const current = during(since);
    const latency = Math.max(0, entry.t - since);
    if (current.length === 0 && during(entry.t).length === 0) found.healthy.push(latency);
    else if (current.length > 0 && current.every(({ kind }) => isRedisDown(kind)))
      found.redisDown.push(latency);
  }
  return found;
}

const isRedisDown = (kind: string) => kind === 'redis kill';

export function distribution(values: number[]): Distribution {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.ceil(sorted.length * share) - 1] ?? 0) * 10) / 10;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
