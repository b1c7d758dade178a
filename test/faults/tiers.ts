import type { Plan } from './nemesis.ts';

export interface Tier {
  readonly plan: Plan;
  readonly rooms: number;
  readonly postsPerSecond: number;
  readonly subscribersPerRoom: number;
  readonly inboxes: number;
  /** Load before the first fault, in ms: what is healthy is measured here. */
  readonly warmUpMs: number;
  readonly doomed: number;
}

const t1: Tier = {
  rooms: 5,
  postsPerSecond: 30,
  subscribersPerRoom: 2,
  inboxes: 4,
  warmUpMs: 6_000,
  doomed: 2,
  plan: {
    combined: 2,
    pause: [50, 250],
    counts: {
      'node kill': 2,
      'node kill at commit': 1,
      drain: 1,
      'node stop': 1,
      'redis kill': 1,
      'redis stop': 1,
      'redis client kill': 1,
      'redis link blackhole': 1,
      'last hint dropped': 2,
      'hints mangled': 1,
      'hints forged': 1,
      'postgres fast restart': 1,
      'postgres immediate restart': 1,
      'backend terminate': 2,
      'postgres link reset': 1,
      'postgres link slow': 1,
      'postgres link blackhole': 1,
      'client reset': 10,
      'client half-open': 1,
      'client slow': 1,
      'mass disconnect': 1,
      'member removed': 3,
      'session revoked': 2,
      'token expires': 1,
      'clock jump': 1,
      'epoch rotated': 1,
      'post bursts': 1,
    },
  },
};

const t2: Tier = {
  rooms: 20,
  postsPerSecond: 40,
  subscribersPerRoom: 3,
  inboxes: 6,
  warmUpMs: 20_000,
  doomed: 20,
  plan: {
    combined: 40,
    pause: [200, 800],
    counts: {
      'node kill': 25,
      'node kill at commit': 10,
      drain: 12,
      'node stop': 15,
      'redis kill': 15,
      'redis stop': 8,
      'redis client kill': 20,
      'redis link blackhole': 8,
      'last hint dropped': 40,
      'hints mangled': 12,
      'hints forged': 5,
      'postgres fast restart': 8,
      'postgres immediate restart': 6,
      'backend kill': 6,
      'backend terminate': 30,
      'postgres link reset': 10,
      'postgres link slow': 6,
      'postgres link blackhole': 6,
      'client reset': 200,
      'client half-open': 20,
      'client slow': 5,
      'client half-close': 5,
      'mass disconnect': 5,
      'member removed': 100,
      'session revoked': 20,
      'token expires': 10,
      'clock jump': 6,
      'epoch rotated': 2,
      'post bursts': 10,
    },
  },
};

const times = (plan: Plan, factor: number): Plan => ({
  ...plan,
  combined: plan.combined * factor,
  counts: Object.fromEntries(Object.entries(plan.counts).map(([kind, count]) => [kind, count * factor])),
});

export const tiers: Readonly<Record<string, Tier>> = {
  t1,
  t2,
  t3: { ...t2, doomed: 120, plan: times(t2.plan, 6) },
};

/** A short run with some kinds of faults alone, `"kind*count,kind*count"`. */
export function only(names: string): Tier {
  const counts = names.split(',').map((part) => part.split('*'));
  return {
    ...t1,
    rooms: 3,
    warmUpMs: 2_000,
    plan: {
      combined: 0,
      pause: [50, 250],
      counts: Object.fromEntries(counts.map(([kind = '', count]) => [kind.trim(), Number(count ?? 3)])),
    },
  };
}
