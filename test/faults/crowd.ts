import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { numberIn } from '../harness/ids.ts';
import { attempt, roomIdOf, userIdOf } from './api.ts';
import { Arena } from './arena.ts';
import { Changes } from './changes.ts';
import { Device } from './device.ts';
import { bundleDevices, DeviceHost } from './device-host.ts';
import type { Report } from './device-messages.ts';
import { Posting } from './posting.ts';
import { EventSubscriber, SocketSubscriber, type Subscriber } from './subscriber.ts';
import type { Tier } from './tiers.ts';
import { signToken } from './tokens.ts';
import type { Person, World } from './world.ts';

const QUIET_ROOMS = 2;
const HOT_WEIGHT = 3;
const AUTHORS = 6;
const VICTIMS = 3;
const EVENT_STREAMS = 2;
/** Processes of SDK clients. */
const DEVICE_HOSTS = 2;
/** Until SDK clients are live for the first time. */
const FIRST_LIVE_MS = 10_000;
/** Beyond every clock that is set wrong on purpose. */
const TOKEN_SECONDS = 400 * 86_400;

/** Fills a fresh cluster with people and rooms, and everybody follows something. Resolves when all are live. */
export async function gather(world: World, tier: Tier): Promise<Arena> {
  const people = await signUp(world, 1 + AUTHORS + VICTIMS + tier.doomed + tier.devices + tier.inboxes);
  const [owner] = people.splice(0, 1) as [Person];
  world.owner = owner;
  const authors = people.splice(0, AUTHORS);
  const posting = new Posting(world, authors);
  const arena = new Arena(world, tier, posting, new Changes(world, posting));
  arena.victims.push(...people.splice(0, VICTIMS));
  arena.doomed.push(...people.splice(0, tier.doomed));
  const holders = [...arena.victims, ...arena.doomed.slice(0, 1), ...people.slice(0, tier.devices)];
  const members = [...authors, ...arena.victims, ...arena.doomed, ...people];
  for (let i = 0; i < tier.rooms + QUIET_ROOMS; i++) await makeRoom(world, i, tier, members);
  arena.subscribers.push(...followers(arena, tier, authors, people.slice(tier.devices)));
  arena.hosts.push(...(await hostsOf(arena, holders)));
  for (const host of arena.hosts) host.start();
  await Promise.all(arena.subscribers.map((one) => one.start()));
  await arena.expect('SDK clients are live', FIRST_LIVE_MS, () =>
    arena.devices.every(({ state }) => state.status === 'live'),
  );
  return arena;
}

/** Each person has an SDK client in one of the processes. */
async function hostsOf(arena: Arena, holders: readonly Person[]): Promise<DeviceHost[]> {
  const { world } = arena;
  const program = path.join(world.cluster.folder, 'devices.cjs');
  await bundleDevices(world.cluster.options.root, program);
  const devices = await Promise.all(
    holders.map((person) => Device.create(world, person, `device-${person.user}`)),
  );
  const hear = (device: Device, report: Report) => {
    device.hear(report);
    arena.devicePosting.hear(device, report);
  };
  return Array.from({ length: DEVICE_HOSTS }, (_, index) => {
    const own = devices.filter((_, i) => i % DEVICE_HOSTS === index);
    return new DeviceHost(world, index, program, own, hear);
  });
}

async function signUp(world: World, count: number): Promise<Person[]> {
  const run = randomBytes(3).toString('hex');
  const lines = Array.from({ length: count }, (_, i) =>
    JSON.stringify({ username: `f-${run}-${i}`, displayName: `F ${i}` }),
  );
  const printed = await world.cluster.admin(['import-users', '-'], `${lines.join('\n')}\n`);
  return Promise.all(printed.split('\n').filter(Boolean).map(personOf));
}

async function personOf(line: string): Promise<Person> {
  const { userId, accessToken } = JSON.parse(line) as { userId: string; accessToken: string };
  const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());
  const person = { user: numberIn(userId), sessionId: String(claims.sid) };
  return { ...person, token: await signToken(person, Math.floor(Date.now() / 1_000) + TOKEN_SECONDS) };
}

async function makeRoom(world: World, index: number, tier: Tier, members: readonly Person[]): Promise<void> {
  const place = world.cluster.places[0]!;
  const { token } = world.owner;
  const input = { name: `room ${index}`, kind: 'PUBLIC', idempotencyKey: `room-${index}` };
  const made = await attempt(place, token, 'createRoom', input, 'room { id }');
  if (made.kind !== 'ok') throw new Error(`createRoom: ${made.code}`);
  const id = numberIn(made.value['room'].id);
  const userIds = members.map(({ user }) => userIdOf(user));
  const added = await attempt(place, token, 'addMembers', { roomId: roomIdOf(id), userIds }, 'roomSeq');
  if (added.kind !== 'ok') throw new Error(`addMembers: ${added.code}`);
  const isQuiet = index >= tier.rooms;
  world.rooms.push({ id, isQuiet, weight: index === 0 ? HOT_WEIGHT : 1 });
}

function followers(
  arena: Arena,
  tier: Tier,
  authors: readonly Person[],
  people: readonly Person[],
): Subscriber[] {
  const { world } = arena;
  const all: Subscriber[] = [];
  const home = () => all.length % 3;
  for (const { id, isQuiet, weight } of world.rooms) {
    const count = isQuiet ? 3 : tier.subscribersPerRoom + (weight > 1 ? 2 : 0);
    for (let i = 0; i < count; i++) {
      const person = authors[(id + i) % authors.length] as Person;
      all.push(
        new SocketSubscriber(world, {
          name: `room${id}-${i}`,
          person,
          stream: 'room',
          room: id,
          home: home(),
        }),
      );
    }
  }
  const inboxOf = (person: Person, Kind: typeof SocketSubscriber | typeof EventSubscriber) =>
    all.push(new Kind(world, { name: `inbox-${person.user}`, person, stream: 'inbox', home: home() }));
  people.forEach((person, i) => inboxOf(person, i < EVENT_STREAMS ? EventSubscriber : SocketSubscriber));
  // An inbox hears everything: one for each of many would be most of the load.
  const busy = [...arena.victims, ...arena.doomed.filter((_, i) => i % 5 === 0)];
  for (const person of busy) inboxOf(person, SocketSubscriber);
  for (const person of [...arena.victims, ...arena.doomed]) {
    const { id } = world.random.pick(arena.openRooms);
    const name = `room${id}-of-${person.user}`;
    all.push(new SocketSubscriber(world, { name, person, stream: 'room', room: id, home: home() }));
  }
  return all;
}
