import { setTimeout as delay } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import { withRedis } from './faults-bus.ts';
import { type Fault, someone } from './faults-nodes.ts';

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

export async function postsAgain(arena: Arena): Promise<void> {
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

/** All connections of a node at once, as when a firewall loses its table; the outcome of running calls is unknown. */
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
  'postgres fast restart': postgresFast,
  'postgres immediate restart': postgresImmediate,
  'backend kill': backendKill,
  'backend terminate': backendTerminate,
  'postgres link blackhole': postgresLinkBlackhole,
  'postgres link reset': postgresLinkReset,
  'postgres link slow': postgresLinkSlow,
};
