import { setTimeout as delay } from 'node:timers/promises';
import { PEERS } from './fanout.ts';
import { type Figures, type MakeSuite, measure, type Round, type Scale, type Variant } from './figures.ts';
import { type Hall, Pace, parleyHall, peerHall } from './hall.ts';
import type { World } from './world.ts';

const MEMBERS = 1_000;
/** All deliveries must arrive within this time, except for one in a hundred. */
const LIMIT_MS = 100;
// Events per second.
const STEPS = [5, 10, 15, 20, 30, 40, 60, 80, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1_000, 1_500];
// A short disturbance on the machine should not count, so there is a second attempt, and a look beyond a failed step.
const ATTEMPTS = 2;
const BEYOND = 3;
// Late compilation does not slow down the rest.
const WARMING = 100;

/** Open loop: events come when they are due, independent of earlier ones, and their age counts from that time. */
async function offer(hall: Hall, perSecond: number, seconds: number): Promise<number> {
  const count = Math.ceil(perSecond * seconds);
  const all = hall.load.expect(count * MEMBERS);
  const start = process.hrtime.bigint();
  const dueAt = (event: number) => start + BigInt(Math.round((event * 1e9) / perSecond));
  const said: Promise<unknown>[] = [];
  for (let event = 0; event < count; ) {
    while (event < count && dueAt(event) <= process.hrtime.bigint()) said.push(hall.say(1, dueAt(event++)));
    await delay(1);
  }
  await Promise.all([all, ...said]);
  return count * MEMBERS;
}

/** The highest step that a server holds, searched around that of the last round. */
class Climb {
  private highest = 0;
  private readonly holds: (perSecond: number) => Promise<boolean>;

  constructor(holds: (perSecond: number) => Promise<boolean>) {
    this.holds = holds;
  }

  /** 0 if it does not hold the lowest step. */
  async run(): Promise<number> {
    let from = Math.max(0, this.highest - BEYOND);
    while (from > 0 && !(await this.holdsStep(from))) from--;
    this.highest = from - 1;
    for (let step = from; step < STEPS.length && step <= this.highest + BEYOND; step++) {
      if (await this.holdsStep(step)) this.highest = step;
    }
    return STEPS[this.highest] ?? 0;
  }

  private async holdsStep(step: number): Promise<boolean> {
    for (let i = 0; i < ATTEMPTS; i++) if (await this.holds(STEPS[step] as number)) return true;
    return false;
  }
}

function variantOf(world: World, hall: Hall, seconds: number): Variant {
  const { name, load, server } = hall;
  let best: Figures = {};
  const climb = new Climb(async (perSecond) => {
    const measured = { world, servers: [server], loads: [load] };
    const figures = await measure(measured, () => offer(hall, perSecond, seconds));
    const { deliveries } = await load.stat();
    if (deliveries.p99 >= LIMIT_MS) return false;
    best = { ...figures, p50Ms: deliveries.p50, p99Ms: deliveries.p99, allMs: deliveries.max };
    return true;
  });
  let isWarm = false;
  const warmUp = async () => {
    for (let i = 0; i < WARMING && !isWarm; i++) await Promise.all([load.expect(MEMBERS), hall.say(1)]);
    await load.stat();
    isWarm = true;
  };
  const run = async () => {
    best = {};
    await warmUp();
    const sustained = await climb.run();
    return { ...best, sustained };
  };
  return { name, node: server, run };
}

// A server that does not hold the lowest step might hold a little less.
const ratioTo = (theirs: string) => (round: Round) =>
  (round.get('Parley')?.sustained ?? Number.NaN) /
  Math.max(STEPS[0] as number, round.get(theirs)?.sustained ?? Number.NaN);

/** How many events a second a room of 1,000 takes before its members notice. */
export const rate: MakeSuite = async (world: World, scale: Scale) => {
  const shape = { rooms: 1, members: MEMBERS };
  const pace = new Pace();
  const halls = [await parleyHall(world, shape, pace)];
  const peers = PEERS.filter(({ title }) => ['raw ws.send', 'Mercurius', 'Socket.IO'].includes(title));
  for (const peer of peers) halls.push(await peerHall(world, shape, pace, peer));
  return {
    title: 'Sustained rate: a room of 1,000, p99 under 100 ms',
    each: 'delivery',
    main: 'sustained',
    variants: halls.map((hall) => variantOf(world, hall, scale.isQuick ? 1 : 3)),
    marks: [
      {
        title: 'events/s into a room of 1,000 with p99 < 100 ms: Parley ÷ Mercurius',
        value: ratioTo('Mercurius'),
        sense: 'at least',
        must: 10,
        goal: 25,
        unit: '×',
      },
    ],
  };
};
