import { setTimeout as delay } from 'node:timers/promises';
import { roomIdOf } from './api.ts';
import type { Arena } from './arena.ts';
import { branch, epochsOf, settle } from './branching.ts';
import type { DeviceHost } from './device-host.ts';
import type { Fault } from './faults-nodes.ts';
import type { Random } from './random.ts';
import type { Person, Room } from './world.ts';

/** SIGKILL to a process with SDK clients, mostly while it sends. Somebody may lose a room before it is back. */
const deviceKill: Fault = (arena, random) => {
  const host = random.pick(arena.hosts);
  return arena.during('device kill', nameOf(host), async () => {
    sendAll(arena, host, random);
    await delay(random.between(0, 50));
    await host.kill();
    if (random.chance(0.5)) await comeAndGo(arena, host, random);
    await delay(random.between(0, 1_000));
    host.start();
  });
};

/** What its next commit stores is all that is left of it. */
const deviceKillAtCommit: Fault = (arena, random) => {
  const host = random.pick(arena.hosts);
  return arena.during('device kill at commit', nameOf(host), async () => {
    await host.killAt('stored');
    await delay(random.between(0, 500));
    host.start();
  });
};

/** Its next commit never comes to the disk. */
const deviceKillBeforeCommit: Fault = (arena, random) => {
  const host = random.pick(arena.hosts);
  return arena.during('device kill before commit', nameOf(host), async () => {
    const dead = host.killAt('lost');
    sendAll(arena, host, random);
    await dead;
    await delay(random.between(0, 500));
    host.start();
  });
};

/** It comes back with a position of an epoch that is over, and one of its people has lost a room for good. */
const deviceAway: Fault = async (arena, random) => {
  const host = random.pick(arena.hosts.filter((one) => victimsOf(arena, one).length > 0));
  await arena.during('device away through a new epoch', nameOf(host), async () => {
    await host.kill();
    const victim = random.pick(victimsOf(arena, host));
    const room = arena.quietRooms.find(({ id }) => !arena.hasLost(victim, id));
    if (room) await expel(arena, victim, room);
    const before = await epochsOf(arena);
    await branch(arena, { isWhole: true });
    await arena.world.cluster.admin(['rotate-epoch']);
    await settle(arena, before, 'a rotation');
    host.start();
  });
};

const nameOf = ({ index }: DeviceHost) => `device process ${index}`;

const victimsOf = (arena: Arena, { devices }: DeviceHost): Person[] =>
  arena.victims.filter((victim) => devices.some(({ person }) => person === victim));

function sendAll(arena: Arena, host: DeviceHost, random: Random): void {
  for (const device of host.devices)
    arena.devicePosting.say(host, device, roomIdOf(random.pick(arena.openRooms).id));
}

/** One of its people loses a room and gets it again, while it is away. */
async function comeAndGo(arena: Arena, host: DeviceHost, random: Random): Promise<void> {
  const victims = victimsOf(arena, host);
  if (victims.length === 0) return;
  const [victim, room] = [random.pick(victims), random.pick(arena.openRooms)];
  await arena.whileAlone(victim, async () => {
    await arena.changes.kick(room.id, victim);
    await arena.changes.join(room.id, victim);
    await arena.watch(victim, room.id);
  });
}

async function expel(arena: Arena, victim: Person, room: Room): Promise<void> {
  await arena.whileAlone(victim, () => arena.changes.kick(room.id, victim));
  arena.noteLoss(victim, room.id);
}

export const deviceFaults = {
  'device kill': deviceKill,
  'device kill at commit': deviceKillAtCommit,
  'device kill before commit': deviceKillBeforeCommit,
  'device away through a new epoch': deviceAway,
};
