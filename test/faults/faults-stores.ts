import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { partsOf } from './announcements.ts';
import type { Arena } from './arena.ts';
import { type Fault, someone } from './faults-nodes.ts';
import { forgeries } from './forgery.ts';
import { until } from './until.ts';

const CHANNELS = 64;

const redisKill: Fault = async (arena, random) => {
  const { redis } = arena.world.cluster;
  await arena.during('redis kill', 'redis', async () => {
    await redis.kill();
    await delay(random.between(1_000, 4_000));
    await redis.restart();
  });
  await arena.busIsBack('redis kill');
};

/** Idle looks dead. */
const redisStop: Fault = async (arena, random) => {
  const { redis } = arena.world.cluster;
  await arena.during('redis stop', 'redis', async () => {
    process.kill(redis.pid, 'SIGSTOP');
    await delay(random.between(3_000, 5_000));
    process.kill(redis.pid, 'SIGCONT');
  });
  await arena.busIsBack('redis stop');
};

async function withRedis(arena: Arena, use: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(arena.world.cluster.redis.url, { maxRetriesPerRequest: 1 });
  client.on('error', () => undefined); // what was asked fails, too
  await use(client).catch(() => undefined);
  client.disconnect();
}

const redisClientKill: Fault = async (arena) => {
  await arena.during('redis client kill', 'subscribers', () =>
    withRedis(arena, (client) => client.client('KILL', 'TYPE', 'pubsub')),
  );
  await arena.busIsBack('redis client kill');
};

const redisLinkBlackhole: Fault = async (arena, random) => {
  const place = random.pick(arena.world.cluster.places);
  await arena.during('redis link blackhole', `node ${place.index}`, async () => {
    place.redis.blackhole();
    await delay(random.between(3_000, 5_000));
    place.redis.heal();
  });
  await arena.busIsBack('redis link blackhole');
};

/** The announcement of the end of a burst gets lost on the way to two nodes, and nothing follows that would tell. */
const lastHintDropped: Fault = async (arena, random) => {
  const [from, ...others] = random.shuffled(arena.world.cluster.places);
  const room = random.pick(arena.quietRooms);
  if (!from) return;
  await arena.during('last hint dropped', `room ${room.id}`, async () => {
    const posted = await arena.burst(room, from, 4, () => {
      for (const { announcements } of others)
        announcements.shouldDrop = (push) => partsOf(push).some(({ id }) => id === room.id);
    });
    if (posted) await arena.hasHeard(room, posted.seq, 'the last of a burst, whose announcement was lost');
    for (const { announcements } of others) announcements.calm();
  });
};

const hintsMangled: Fault = (arena, random) =>
  arena.during('hints mangled', 'all nodes', async () => {
    for (const { announcements } of arena.world.cluster.places)
      Object.assign(announcements, { drop: 0.1, twice: 0.1, swap: 0.1 });
    await delay(random.between(4_000, 6_000));
    for (const { announcements } of arena.world.cluster.places) announcements.calm();
  });

/** Learns from genuine announcements, then announces what never happened: with a guessed key, altered, of other data. */
const hintsForged: Fault = async (arena) => {
  const [room] = arena.quietRooms;
  const place = arena.world.cluster.places[0];
  if (!room || !place) return;
  const posted = await arena.posting.sayQuietly(room.id, place);
  await until(
    () => arena.world.cluster.places.every(({ announcements }) => announcements.seen.has(room.id)),
    2_000,
  );
  const genuine =
    place.announcements.seen.get(room.id) ?? arena.world.cluster.places[1]?.announcements.seen.get(room.id);
  if (!posted || !genuine) return;
  await arena.during('hints forged', `room ${room.id}`, () =>
    withRedis(arena, async (client) => {
      for (const forged of forgeries(room.id, genuine, posted.seq + 1)) {
        await client.publish(`parley:${room.id % CHANNELS}`, forged);
        await delay(300);
      }
    }),
  );
  const next = await arena.posting.sayQuietly(room.id, place);
  if (next) await arena.hasHeard(room, next.seq, 'what was really said after a forgery');
};

async function postsAgain(arena: Arena): Promise<void> {
  let isStored = false;
  const place = arena.world.cluster.up[0];
  if (!place) return;
  void arena.posting.sayQuietly(arena.hotRoom.id, place).then(() => {
    isStored = true;
  });
  await arena.expect('posts are stored after PostgreSQL is back', 15_000, () => isStored);
}

async function restartPostgres(arena: Arena, kind: string, downMs: number, stop: () => Promise<void>) {
  await arena.during(kind, 'postgres', async () => {
    await stop();
    await delay(downMs);
    await arena.world.cluster.startPostgresAgain();
  });
  await postsAgain(arena);
}

const postgresFast: Fault = (arena, random) => {
  const { postgres } = arena.world.cluster;
  return restartPostgres(arena, 'postgres fast restart', random.between(200, 1_500), () =>
    postgres.stopFast(),
  );
};

const postgresImmediate: Fault = (arena, random) => {
  const { postgres } = arena.world.cluster;
  return restartPostgres(arena, 'postgres immediate restart', random.between(200, 1_500), () =>
    postgres.stopImmediately(),
  );
};

const backendKill: Fault = async (arena) => {
  await arena.during('backend kill', 'postgres', () => arena.world.cluster.postgres.killBackend());
  await postsAgain(arena);
};

const backendTerminate: Fault = (arena, random) =>
  arena.during('backend terminate', 'postgres', async () => {
    await arena.world.cluster.postgres.terminateBackends(1 + random.below(4)).catch(() => undefined);
    await delay(200);
  });

const postgresLinkBlackhole: Fault = (arena, random) => {
  const place = random.pick(arena.world.cluster.places);
  return arena.during('postgres link blackhole', `node ${place.index}`, async () => {
    place.postgres.blackhole();
    await delay(random.between(3_000, 5_000));
    place.postgres.heal();
  });
};

/** All connections of a node at once, as when a firewall loses its table; what was under way is unsure. */
const postgresLinkReset: Fault = (arena, random) => {
  const place = random.pick(arena.world.cluster.places);
  return arena.during('postgres link reset', `node ${place.index}`, async () => {
    place.postgres.reset();
    await delay(300);
  });
};

/** One node learns from the database late what others have announced long ago, while its clients come and go. */
const postgresLinkSlow: Fault = (arena, random) => {
  const place = random.pick(arena.world.cluster.up);
  return arena.during('postgres link slow', `node ${place.index}`, async () => {
    place.postgres.delayMs = 60;
    for (let i = 0; i < 10; i++) {
      for (let n = 0; n < 3; n++) place.client.reset(someone(random));
      await delay(random.between(300, 500));
    }
    place.postgres.heal();
  });
};

export const storeFaults = {
  'redis kill': redisKill,
  'redis stop': redisStop,
  'redis client kill': redisClientKill,
  'redis link blackhole': redisLinkBlackhole,
  'last hint dropped': lastHintDropped,
  'hints mangled': hintsMangled,
  'hints forged': hintsForged,
  'postgres fast restart': postgresFast,
  'postgres immediate restart': postgresImmediate,
  'backend kill': backendKill,
  'backend terminate': backendTerminate,
  'postgres link blackhole': postgresLinkBlackhole,
  'postgres link reset': postgresLinkReset,
  'postgres link slow': postgresLinkSlow,
};
