/**
 * `npm run unread -- --operations 100000 --seed 1`: many users with three devices each read and write at two nodes
 * while nodes, Redis and PostgreSQL fail. After every batch of operations, it compares the numbers that each device
 * got from its stream with a query and with a recount. Fails at the first difference.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Person, signUp } from '../harness/people.ts';
import { Random } from '../realtime/convergence/random.ts';
import { Device, describe, difference } from './device.ts';
import { queried, recounted } from './numbers.ts';
import { Play } from './play.ts';
import { Town } from './town.ts';

const USERS = 20;
const DEVICES = 3;
const ROOMS = 8;
const BATCH = 500;
const CONCURRENCY = 16;
/** A fault occurs in one of so many batches. */
const FAULT_EVERY = 4;
const PATIENCE_MS = 120_000;
const POLL_MS = 50;

const { values } = parseArgs({
  options: { operations: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});

/** Resolves when nothing is missing. A node that cannot answer yet is missing. */
async function until(missing: () => Promise<string | null>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const what = await missing().catch((error: Error) => error.message);
    if (!what) return;
    if (Date.now() > deadline) throw new Error(what);
    await delay(POLL_MS);
  }
}

/** What disagrees for a user; null if nothing. Operations of which a fault lost the answer may still be stored. */
async function disagreement(town: Town, person: Person, devices: readonly Device[]): Promise<string | null> {
  const asked = await queried(person.via(town.nodes[0] as Person['node']));
  const counted = await recounted(town.rows, person);
  const expected = describe(counted);
  if (describe(asked) !== expected)
    return `${person.username}: queried ${describe(asked)}, recounted ${expected}`;
  for (const [i, device] of devices.entries()) {
    const what = difference(device, counted);
    if (what) return `${person.username}, device ${i}: ${what}`;
  }
  return null;
}

async function compareAll(town: Town, devicesOf: ReadonlyMap<Person, readonly Device[]>): Promise<void> {
  for (const [person, devices] of devicesOf) await until(() => disagreement(town, person, devices));
}

/** Nodes answer again after a fault. */
const answering = (town: Town, person: Person) =>
  until(async () => {
    for (const node of town.nodes) {
      const failure = await queried(person.via(node)).then(
        () => null,
        (error: Error) => error.message,
      );
      if (failure) return failure;
    }
    return null;
  });

async function run(town: Town, operations: number, random: Random): Promise<string> {
  const [first] = town.nodes as [Person['node']];
  const people = await Promise.all(Array.from({ length: USERS }, (_, i) => signUp(first, `user-${i}`)));
  const owner = people[0] as Person;
  const rooms = await Promise.all(Array.from({ length: ROOMS }, (_, i) => owner.createRoom(`room ${i}`)));
  for (const person of people)
    for (const roomId of rooms) if (person === owner || random.chance(0.5)) await person.join(roomId);
  const anywhere = (person: Person) => person.via(random.pick(town.nodes));
  const devicesOf = new Map(
    people.map((person) => [
      person,
      Array.from({ length: DEVICES }, () => new Device(() => anywhere(person))),
    ]),
  );
  const devices = [...devicesOf.values()].flat();
  await Promise.all(devices.map((device) => device.start()));

  const play = new Play(random, people, rooms);
  const counts = { operations: 0, failed: 0, quiet: 0, faults: 0 };
  const work = async (end: number) => {
    while (counts.operations < end) {
      counts.operations++;
      await play.act(anywhere).catch((error: Error) => {
        if (error.message.includes('INTERNAL')) throw error;
        counts.failed++;
      });
    }
  };
  const began = Date.now();
  while (counts.operations < operations) {
    const end = Math.min(operations, counts.operations + BATCH);
    const fault = random.int(FAULT_EVERY) === 0 ? random.pick(Object.entries(town.faults)) : null;
    if (fault) counts.faults++;
    else if (random.chance(0.5)) random.pick(devices).cut();
    await Promise.all([fault?.[1](), ...Array.from({ length: CONCURRENCY }, () => work(end))]);
    if (fault) await answering(town, owner);
    await compareAll(town, devicesOf);
    counts.quiet++;
    if (counts.quiet % 10 === 0)
      console.log(
        `${counts.operations} operations, ${Math.round((Date.now() - began) / 1000)} s`,
        fault?.[0] ?? '',
      );
  }
  await Promise.all(devices.map((device) => device.close()));
  const sum = (of: (device: Device) => number) => devices.reduce((total, device) => total + of(device), 0);
  return JSON.stringify({
    ...counts,
    devices: devices.length,
    items: sum(({ items }) => items),
    resumes: sum(({ resumes }) => resumes),
    resyncs: sum(({ resyncs }) => resyncs),
    seconds: Math.round((Date.now() - began) / 1000),
    differences: 0,
  });
}

const town = await Town.open();
try {
  console.log(await run(town, Number(values.operations), new Random(Number(values.seed))));
} finally {
  await town.close();
}
