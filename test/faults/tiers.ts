import type { Plan } from './plan.ts';

export interface Tier {
  readonly plan: Plan;
  readonly rooms: number;
  readonly postsPerSecond: number;
  readonly subscribersPerRoom: number;
  readonly inboxes: number;
  /** SDK clients, beside those of the people who are removed and of one whose session ends. */
  readonly devices: number;
  /** Load before the first fault, in ms: what is healthy is measured here. */
  readonly warmUpMs: number;
  readonly doomed: number;
  /** How long the head of a room is locked. */
  readonly lockMs: number;
  /** For how long packets are dropped. */
  readonly dropMs: readonly [number, number];
}

const t1: Tier = {
  rooms: 5,
  postsPerSecond: 30,
  subscribersPerRoom: 2,
  inboxes: 4,
  devices: 2,
  warmUpMs: 4_000,
  doomed: 2,
  lockMs: 5_000,
  dropMs: [2_000, 4_000],
  plan: {
    combined: 1,
    pause: [50, 200],
    counts: {
      'node kill': 1,
      'node kill at commit': 1,
      drain: 1,
      'node stop': 1,
      'redis kill': 1,
      'redis stop': 1,
      'redis client kill': 1,
      'last hint dropped': 1,
      'hints mangled': 1,
      'hints forged': 1,
      'bus packets abused': 1,
      'postgres fast restart': 1,
      'postgres immediate restart': 1,
      'backend terminate': 2,
      'postgres link reset': 1,
      'postgres link slow': 1,
      'postgres cut while hints are lost': 1,
      'head lock held': 1,
      'packets dropped': 2,
      'client reset': 6,
      'client half-open': 1,
      'client slow': 1,
      'mass disconnect': 1,
      'member removed': 3,
      'session revoked': 2,
      'token expires': 1,
      'retention with a wrong clock': 1,
      'epoch rotated': 1,
      'post bursts': 1,
      'device kill': 2,
      'device kill at commit': 1,
      'device kill before commit': 1,
      'device away through a new epoch': 1,
    },
  },
};

const t2: Tier = {
  rooms: 20,
  postsPerSecond: 40,
  subscribersPerRoom: 3,
  inboxes: 6,
  devices: 4,
  warmUpMs: 20_000,
  doomed: 20,
  lockMs: 12_000,
  dropMs: [3_000, 20_000],
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
      'bus packets abused': 4,
      'postgres fast restart': 8,
      'postgres immediate restart': 6,
      'backend kill': 6,
      'backend terminate': 30,
      'postgres link reset': 10,
      'postgres link slow': 6,
      'postgres link blackhole': 6,
      'postgres cut while hints are lost': 10,
      'head lock held': 4,
      'disk full': 3,
      'WAL full': 2,
      'packets dropped': 8,
      'packets lost': 6,
      'client reset': 200,
      'client half-open': 20,
      'client slow': 5,
      'client half-close': 5,
      'mass disconnect': 5,
      'member removed': 100,
      'session revoked': 20,
      'token expires': 10,
      'clock jump': 6,
      'retention with a wrong clock': 4,
      'epoch rotated': 2,
      'restore into a younger cluster': 1,
      'restore into an older cluster': 1,
      'restore into another database': 1,
      'database copied': 1,
      'standby promoted': 3,
      'post bursts': 10,
      'device kill': 20,
      'device kill at commit': 10,
      'device kill before commit': 10,
      'device away through a new epoch': 3,
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
