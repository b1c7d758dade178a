import type { ControlEntry, Entry, ExpectEntry, PostEntry, RecvEntry } from './history.ts';

export interface Distribution {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

type ByKind = Readonly<Record<string, Distribution>>;

/** All in milliseconds. */
export interface Figures {
  readonly faultsByKind: Readonly<Record<string, number>>;
  /** From the acknowledgement of a post to its arrival, while nothing was wrong. */
  readonly healthyDelivery: Distribution;
  readonly redisDownDelivery: Distribution;
  /** Attempts to post that were answered well. */
  readonly redisDownPostsOkPercent: number | null;
  readonly lostLastHint: Distribution;
  /** From the end of a stream until its client has everything again, by the fault during which it ended. */
  readonly away: ByKind;
  /** The time from the end of a fault until every client has the events acknowledged before it, and similar times. */
  readonly awaited: ByKind;
}

// What follows a fault is still its consequence.
const AFTERMATH_MS = 2_500;
const POSTS_AGAIN = 'posts are stored after PostgreSQL is back';
/** Followed by the kinds of the faults, with ` + ` between. */
export const CAUGHT_UP = 'caught up after ';
const LOST_LAST_HINT = 'the last of a burst, whose announcement was lost';

interface Window {
  readonly kind: string;
  readonly begin: number;
  end: number;
}

/** What a run measured, out of its history. */
export function figuresOf(history: () => Iterable<Entry>): Figures {
  const windows = windowsIn(history());
  const meter = new Meter(windows);
  for (const entry of history()) meter.take(entry);
  const faultsByKind: Record<string, number> = {};
  for (const { kind } of windows) faultsByKind[kind] = (faultsByKind[kind] ?? 0) + 1;
  return { faultsByKind, ...meter.figures() };
}

/** A fault lasts until every client has caught up: TCP may repeat a lost packet seconds after the link works again. */
function windowsIn(history: Iterable<Entry>): Window[] {
  const windows = new Map<number, Window>();
  for (const entry of history) {
    if (entry.f === 'expect') prolong([...windows.values()], entry);
    if (entry.f !== 'fault') continue;
    const known = windows.get(entry.n);
    if (known) known.end = entry.t;
    else windows.set(entry.n, { kind: entry.kind, begin: entry.t, end: Number.POSITIVE_INFINITY });
  }
  return [...windows.values()];
}

function prolong(windows: readonly Window[], { what, t }: ExpectEntry): void {
  if (!what.startsWith(CAUGHT_UP)) return;
  for (const kind of what.slice(CAUGHT_UP.length).split(' + ')) {
    const last = windows.findLast((window) => window.kind === kind);
    if (last && last.end < t) last.end = t;
  }
}

const isRedisDown = ({ kind }: Window) => kind === 'redis kill';

class Meter {
  private readonly windows: readonly Window[];
  private readonly acknowledged = new Map<string, number>();
  private readonly leftAt = new Map<string, number>();
  private readonly healthy: number[] = [];
  private readonly redisDown: number[] = [];
  private readonly away = new Map<string, number[]>();
  private readonly awaited = new Map<string, number[]>();
  private answered = { well: 0, all: 0 };
  /** Windows that may still be open; entries come in order of time. */
  private next = 0;
  private open: Window[] = [];

  constructor(windows: readonly Window[]) {
    this.windows = windows;
  }

  take(entry: Entry): void {
    if (entry.f === 'post') this.post(entry);
    else if (entry.f === 'recv') this.receive(entry);
    else if (entry.f === 'expect') this.expect(entry);
    else if (entry.f === 'branch')
      this.acknowledged.clear(); // numbers are given again
    else if (entry.f === 'closed' || entry.f === 'sub_end' || entry.f === 'ready') this.come(entry);
  }

  figures() {
    const { well, all } = this.answered;
    return {
      healthyDelivery: distribution(this.healthy),
      redisDownDelivery: distribution(this.redisDown),
      redisDownPostsOkPercent: all ? Math.round((well * 10_000) / all) / 100 : null,
      lostLastHint: distribution(this.awaited.get(LOST_LAST_HINT) ?? []),
      away: byKind(this.away),
      awaited: byKind(this.awaited),
    };
  }

  private during(t: number): Window[] {
    for (
      let window = this.windows[this.next];
      window && window.begin <= t;
      window = this.windows[++this.next]
    )
      this.open.push(window);
    this.open = this.open.filter(({ end }) => end + 2 * AFTERMATH_MS >= t);
    return this.open.filter(({ end }) => t <= end + AFTERMATH_MS);
  }

  private post({ type, t, id }: PostEntry): void {
    if (type !== 'ok' && type !== 'info') return;
    if (type === 'ok' && id && !this.acknowledged.has(id)) this.acknowledged.set(id, t);
    const current = this.during(t);
    if (current.length === 0 || !current.every((one) => isRedisDown(one) && t <= one.end)) return;
    this.answered.all++;
    if (type === 'ok') this.answered.well++;
  }

  private receive({ kind, id, t }: RecvEntry): void {
    const since = kind === 'MessageCreated' && id ? this.acknowledged.get(id) : undefined;
    if (since === undefined) return; // or it arrived before its sender knew
    const current = this.during(t);
    if (current.length === 0) this.healthy.push(t - since);
    else if (current.every((one) => isRedisDown(one) && one.begin <= since)) this.redisDown.push(t - since);
  }

  private expect({ type, what, ms }: ExpectEntry): void {
    if (type === 'ok') add(this.awaited, what, ms);
  }

  private come({ f, client, t }: ControlEntry): void {
    const since = this.leftAt.get(client);
    if (f !== 'ready') {
      this.leftAt.set(client, since ?? t);
      return;
    }
    this.leftAt.delete(client);
    if (since === undefined) return;
    const cause = this.during(t).findLast(({ begin }) => begin <= since)?.kind ?? 'nothing';
    add(this.away, cause, t - since);
  }
}

function add(all: Map<string, number[]>, name: string, value: number): void {
  const known = all.get(name);
  if (known) known.push(value);
  else all.set(name, [value]);
}

const byKind = (all: ReadonlyMap<string, number[]>): ByKind =>
  Object.fromEntries([...all].map(([name, values]) => [name, distribution(values)]));

function distribution(values: readonly number[]): Distribution {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.ceil(sorted.length * share) - 1] ?? 0) * 10) / 10;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/** The bounds that were missed; not violations, because a busy machine misses them, too. */
export function missedBounds({
  healthyDelivery,
  redisDownDelivery,
  lostLastHint,
  away,
  ...figures
}: Figures): string[] {
  const bounds: [string, number, number][] = [
    ['healthy delivery p50', healthyDelivery.p50, 15],
    ['healthy delivery p99', healthyDelivery.p99, 100],
    ['healthy delivery max', healthyDelivery.max, 1_000],
    ['lost last hint max', lostLastHint.max, 2_500],
    ['delivery without Redis p99', redisDownDelivery.p99, 750],
    ['posts refused without Redis, percent', 100 - (figures.redisDownPostsOkPercent ?? 100), 0.1],
    ['clients of a killed node back, p95', away['node kill']?.p95 ?? 0, 3_000],
    ['clients of a killed node back, max', away['node kill']?.max ?? 0, 8_000],
    ['posts after PostgreSQL is back, max', figures.awaited[POSTS_AGAIN]?.max ?? 0, 3_000],
    [
      'bus healthy after Redis is back, max',
      figures.awaited['bus healthy after redis kill']?.max ?? 0,
      5_000,
    ],
    ['clients of a drained node back, max', away['drain']?.max ?? 0, 5_000],
  ];
  return bounds
    .filter(([, value, bound]) => value > bound)
    .map(([name, value, bound]) => `${name}: ${value} > ${bound}`);
}
