import { setTimeout as delay } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import type { Place } from './cluster.ts';
import type { Fault } from './faults-nodes.ts';
import type { Random } from './random.ts';

const LINKS = ['client', 'redis', 'postgres'] as const;

function linkOf(arena: Arena, random: Random): { place: Place; name: (typeof LINKS)[number] } {
  return { place: random.pick(arena.world.cluster.up), name: random.pick(LINKS) };
}

/** All packets of one link are lost for some time, without a reset or an end. */
const packetsDropped: Fault = async (arena, random) => {
  const { packets } = arena.world.cluster;
  const { place, name } = linkOf(arena, random);
  await arena.during('packets dropped', `${name} link of node ${place.index}, ${packets.how}`, async () => {
    packets.lose(place[name], 1);
    await delay(random.between(...arena.tier.dropMs));
    packets.heal();
  });
  await arena.busIsBack('packets dropped');
};

/** A fifth of the packets of one link is lost, so everything arrives late and in bursts. */
const packetsLost: Fault = async (arena, random) => {
  const { packets } = arena.world.cluster;
  const { place, name } = linkOf(arena, random);
  if (!packets.lose(place[name], 0.2)) return arena.say(`packets lost: left out, ${packets.how}`);
  await arena.during('packets lost', `${name} link of node ${place.index}, ${packets.how}`, () =>
    delay(random.between(2_000, 4_000)),
  );
  packets.heal();
  await arena.busIsBack('packets lost');
};

export const packetFaults = { 'packets dropped': packetsDropped, 'packets lost': packetsLost };
