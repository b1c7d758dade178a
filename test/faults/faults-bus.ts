import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { partsOf } from './announcements.ts';
import type { Arena } from './arena.ts';
import type { Fault } from './faults-nodes.ts';
import { forgeries } from './forgery.ts';
import { until } from './until.ts';

const CHANNELS = 64;

export async function withRedis(arena: Arena, use: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(arena.world.cluster.redis.url, { maxRetriesPerRequest: 1 });
  client.on('error', () => undefined); // pending commands fail, too
  await use(client).catch(() => undefined);
  client.disconnect();
}

/** The announcement of the end of a burst is lost on the way to two nodes, and no event follows. */
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

// -- packets that nobody could have sent ---------------------------------------------------------

const JUNK_BYTES = 20_000_000;
const WATCHED_MS = 400;
const ANSWER_MS = 2_000;

/** Every client with access to Redis can publish anything. It must cost a node next to nothing. */
function junk(room: number): string[] {
  const parts = `${room}:1,`.repeat(JUNK_BYTES / 4);
  const signature = createHash('sha256').update('a guess').digest('base64url');
  return [
    `rooms ${signature} ${parts} `,
    `\u0001${'x'.repeat(JUNK_BYTES)}`, // a version, a key id, and no end
    `rooms ${signature} ${room}:-1,${room}:1e9,NaN:7,:,${room} ${'['.repeat(1_000)}`,
    `rooms  ${room}:2 {}`,
    '\0\u{1f600}'.repeat(1_000),
  ];
}

/** Oversized and malformed packets on the channels of the nodes, which must answer requests meanwhile. */
const packetsAbused: Fault = (arena, random) => {
  const room = random.pick(arena.openRooms).id;
  return arena.during('bus packets abused', `room ${room}`, () =>
    withRedis(arena, async (client) => {
      for (const packet of junk(room)) {
        await client.publish(`parley:${room % CHANNELS}`, packet);
        await answers(arena);
      }
    }),
  );
};

/** Every node answers cheap requests while it handles the published packets. */
async function answers(arena: Arena): Promise<void> {
  const live = arena.world.cluster.up.map(({ node }) => `${node?.opsUrl}/health/live`);
  let worst = 0;
  for (const end = performance.now() + WATCHED_MS; performance.now() < end; await delay(20)) {
    const began = performance.now();
    await Promise.all(live.map((url) => fetch(url).catch(() => null)));
    worst = Math.max(worst, performance.now() - began);
  }
  arena.record('nodes answer while packets are abused', worst <= ANSWER_MS, worst);
}

// -- nothing arrives, and the log cannot be read -------------------------------------------------

/** Lost announcements make a node read the log, and each time it does its connections break. */
const deafAndCut: Fault = (arena, random) => {
  const place = random.pick(arena.world.cluster.up);
  return arena.during('postgres cut while hints are lost', `node ${place.index}`, async () => {
    place.announcements.drop = 0.5;
    const end = performance.now() + random.between(2_500, 3_500);
    while (performance.now() < end) {
      place.postgres.refuse();
      await delay(random.between(100, 400));
      place.postgres.heal();
      await delay(random.between(30, 150));
    }
    place.announcements.calm();
  });
};

export const busFaults = {
  'last hint dropped': lastHintDropped,
  'hints mangled': hintsMangled,
  'hints forged': hintsForged,
  'bus packets abused': packetsAbused,
  'postgres cut while hints are lost': deafAndCut,
};
