import { setTimeout as delay } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import { busFaults } from './faults-bus.ts';
import { dataFaults } from './faults-data.ts';
import { deviceFaults } from './faults-devices.ts';
import { diskFaults } from './faults-disk.ts';
import { lockFaults } from './faults-locks.ts';
import { type Fault, nodeFaults } from './faults-nodes.ts';
import { packetFaults } from './faults-packets.ts';
import { peopleFaults } from './faults-people.ts';
import { storeFaults } from './faults-stores.ts';
import type { Plan } from './plan.ts';
import type { Random } from './random.ts';

export const faults: Readonly<Record<string, Fault>> = {
  ...nodeFaults,
  ...peopleFaults,
  ...deviceFaults,
  ...storeFaults,
  ...busFaults,
  ...dataFaults,
  ...diskFaults,
  ...lockFaults,
  ...packetFaults,
};

/** Those that go on beside others, because they last long. */
const BACKGROUND = new Set(['client half-open', 'client slow', 'token expires']);

/** Brings about everything that is planned, in an order that the seed decides. Resolves when all of it is over. */
export async function unleash(arena: Arena, plan: Plan, random: Random): Promise<void> {
  const kinds = Object.entries(plan.counts).flatMap(([kind, count]) => Array<string>(count).fill(kind));
  const steps = random.shuffled([...kinds, ...Array<string>(plan.combined).fill('combined')]);
  const background: Promise<void>[] = [];
  for (const [i, kind] of steps.entries()) {
    // Without a node there is nothing left to break; that all of them ended will be held against the server.
    if (arena.isBroken || arena.world.cluster.up.length === 0) break;
    arena.say(`${i + 1}/${steps.length} ${kind}`);
    if (kind === 'combined') await combined(arena, random);
    else if (BACKGROUND.has(kind)) background.push(one(arena, kind, random));
    else {
      await one(arena, kind, random);
      await arena.caughtUp(kind);
    }
    await delay(random.between(...plan.pause));
  }
  await Promise.all(background);
}

async function one(arena: Arena, kind: string, random: Random): Promise<void> {
  const fault = faults[kind];
  if (!fault) throw new Error(`There is no fault "${kind}", but ${Object.keys(faults).join(', ')}`);
  await fault(arena, random.fork());
}

// Each of these puts its own trouble right without asking the other.
const COMBINABLE = [
  ['node kill', 'client reset', 'mass disconnect', 'member removed', 'device kill'],
  ['redis kill', 'hints mangled', 'postgres link reset', 'backend terminate', 'postgres immediate restart'],
] as const;

async function combined(arena: Arena, random: Random): Promise<void> {
  const pair = COMBINABLE.map((kinds) => random.pick<string>(kinds));
  await arena.during('combined', pair.join(' + '), async () => {
    const [first = '', second = ''] = pair;
    const begun = one(arena, first, random);
    await delay(random.between(0, 1_000));
    await Promise.all([begun, one(arena, second, random)]);
  });
  await arena.caughtUp(pair.join(' + '));
}
