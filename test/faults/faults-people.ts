import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './faults-nodes.ts';
import { SocketSubscriber } from './subscriber.ts';
import { signToken } from './tokens.ts';

const LIFE_SECONDS = 3;

/** A member is removed while others write, and comes back; sometimes while offline. */
const memberRemoved: Fault = (arena, random) => {
  const [room, victim] = [random.pick(arena.openRooms), random.pick(arena.victims)];
  return arena.whileAlone(victim, () =>
    arena.during('member removed', `user ${victim.user} of room ${room.id}`, async () => {
      const isAway = random.chance(0.4);
      const own = arena.subscribers.filter(({ follower }) => follower.options.person === victim);
      if (isAway) for (const one of own) if (one instanceof SocketSubscriber) one.cut();
      await (random.chance(0.7) ? arena.changes.kick(room.id, victim) : arena.changes.leave(room.id, victim));
      await delay(random.between(100, 900));
      await arena.changes.join(room.id, victim);
      await arena.watch(victim, room.id);
    }),
  );
};

const sessionRevoked: Fault = async (arena) => {
  const person = arena.doomed.shift();
  if (!person) return;
  await arena.during('session revoked', `user ${person.user}`, async () => {
    await arena.changes.revoke(person);
    const own = arena.subscribers.filter(({ follower }) => follower.options.person === person);
    await arena.expect('streams of an ended session end', 8_000, () =>
      own.every(({ follower }) => follower.isOver),
    );
  });
};

/** A user whose access token expires soon, and who gets no other. */
const tokenExpires: Fault = async (arena, random) => {
  const person = random.pick(arena.victims);
  await arena.during('token expires', `user ${person.user}`, async () => {
    const endsAt = Math.ceil(Date.now() / 1_000) + LIFE_SECONDS;
    const token = await signToken(person, endsAt);
    const expires = arena.world.history.now() + endsAt * 1_000 - Date.now();
    const one = new SocketSubscriber(arena.world, {
      name: `visitor-${person.user}-${Math.round(expires)}`,
      person: { ...person, token },
      stream: 'room',
      room: arena.hotRoom.id,
      home: random.below(3),
      expires,
    });
    await Promise.race([one.start(), delay(3_000)]);
    await delay(LIFE_SECONDS * 1_000 + 3_500);
    await one.stop();
  });
};

/** Not a fault but what finds numbers that are given out and not used: batches in which not everything is stored. */
const postBursts: Fault = (arena, random) =>
  arena.during('post bursts', 'all nodes', async () => {
    for (let i = 0; i < 12; i++) {
      const place = random.pick(arena.world.cluster.up);
      await Promise.race([arena.posting.burst(arena.hotRoom.id, place), delay(2_000)]);
    }
  });

export const peopleFaults = {
  'member removed': memberRemoved,
  'session revoked': sessionRevoked,
  'token expires': tokenExpires,
  'post bursts': postBursts,
};
