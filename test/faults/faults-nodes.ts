import { setTimeout as delay } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import type { Place } from './cluster.ts';
import type { Pair } from './proxy.ts';
import type { Random } from './random.ts';
import { SocketSubscriber } from './subscriber.ts';
import { until } from './until.ts';

/** One kind of trouble: brings it about, lasts for a while, and mends it. */
export type Fault = (arena: Arena, random: Random) => Promise<void>;

const DRAIN_BOUND_MS = 30_000;

const aNode = (arena: Arena, random: Random) => random.pick(arena.world.cluster.up);

async function killAndRestart(arena: Arena, place: Place, downMs: number): Promise<void> {
  place.isExpectedToEnd = true;
  await place.node?.kill();
  await delay(downMs);
  await arena.world.cluster.startNode(place);
}

const nodeKill: Fault = (arena, random) => {
  const place = aNode(arena, random);
  return arena.during('node kill', `node ${place.index}`, () =>
    killAndRestart(arena, place, random.between(300, 1_500)),
  );
};

/** The message is stored, but its sender gets no answer, and it is not announced. */
const nodeKillAtCommit: Fault = async (arena, random) => {
  const place = aNode(arena, random);
  const [room] = arena.quietRooms;
  const { node } = place;
  if (!room || !node) return;
  await arena.during('node kill at commit', `node ${place.index}`, async () => {
    place.isExpectedToEnd = true;
    const committed = new Promise<void>((resolve) => {
      place.commits.next(() => {
        node.signal('SIGKILL');
        resolve();
      });
    });
    const posted = arena.posting.sayQuietly(room.id, place);
    await Promise.race([committed, delay(5_000)]);
    place.commits.disarm();
    await killAndRestart(arena, place, random.between(300, 1_000));
    const { seq } = (await posted) ?? { seq: 0 };
    await arena.hasHeard(room, seq, 'a message that was committed and never announced');
  });
};

const nodeDrain: Fault = async (arena, random) => {
  const place = aNode(arena, random);
  const { node, index } = place;
  if (!node) return;
  await arena.during('drain', `node ${index}`, async () => {
    const began = performance.now();
    const code = await arena.world.cluster.drainNode(place, DRAIN_BOUND_MS);
    const ms = Math.round(performance.now() - began);
    const { history } = arena.world;
    history.add({ f: 'hygiene', ok: code === 0, what: `a drained node exits with 0, not ${code}` });
    history.add({ f: 'expect', type: ms < DRAIN_BOUND_MS ? 'ok' : 'fail', what: 'drained', ms });
    await arena.world.cluster.startNode(place);
  });
};

/** The node is suspended without knowing it. Meanwhile a member is removed. */
const nodeStop: Fault = async (arena, random) => {
  const place = aNode(arena, random);
  const { node } = place;
  if (!node) return;
  const [room, victim] = [random.pick(arena.openRooms), random.pick(arena.victims)];
  await arena.during('node stop', `node ${place.index}`, async () => {
    node.signal('SIGSTOP');
    const removed = arena.whileAlone(victim, () => arena.changes.kick(room.id, victim));
    await delay(random.between(2_000, 4_000));
    node.signal('SIGCONT');
    await removed;
  });
  await arena.whileAlone(victim, () => arena.changes.join(room.id, victim));
};

/** The wall clock of one node is an hour off for a while: nothing may change. */
const clockJump: Fault = (arena, random) => {
  const place = aNode(arena, random);
  const offset = random.chance(0.5) ? 3_600_000 : -3_600_000;
  return arena.during('clock jump', `node ${place.index} by ${offset / 1_000} s`, async () => {
    place.setClock(offset);
    await delay(3_000);
    place.setClock(0);
  });
};

const DAYS_AHEAD = 40;
// Rows that must not be deleted in a run: all of them are younger than any retention.
const KEPT = `SELECT (SELECT count(*) FROM room_events) + (SELECT count(*) FROM sessions)
  + (SELECT count(*) FROM refresh_tokens) AS count`;

/** A node whose clock is weeks ahead deletes old rows: by the clock of the database, there are none. */
const retentionAhead: Fault = (arena, random) => {
  const place = aNode(arena, random);
  return arena.during('retention with a wrong clock', `node ${place.index}`, async () => {
    const count = async () =>
      Number((await arena.world.cluster.postgres.query<{ count: string }>(KEPT))[0]?.count);
    const before = await count();
    place.setClock(DAYS_AHEAD * 86_400_000, true);
    await delay(1_500);
    place.setClock(0);
    const after = await count();
    const what = `${before - after} rows that are needed were deleted by a node with a wrong clock`;
    arena.world.history.add({ f: 'hygiene', ok: after >= before, what });
  });
};

/** Mostly permanent connections; the others are requests. */
export const someone = (random: Random) => (pairs: Pair[]) => {
  const streams = pairs.filter(({ isStream }) => isStream);
  return random.pick(streams.length > 0 && random.chance(0.8) ? streams : pairs);
};

const clientReset: Fault = (arena, random) => {
  const place = aNode(arena, random);
  return arena.during('client reset', `node ${place.index}`, async () => {
    place.client.reset(someone(random));
    await delay(200);
  });
};

/** Every socket of one node at once. */
const massDisconnect: Fault = (arena, random) => {
  const place = aNode(arena, random);
  return arena.during('mass disconnect', `node ${place.index}`, async () => {
    place.client.reset();
    await delay(500);
  });
};

/** The connection of one client is cut without notice; it has to detect this itself. */
const clientHalfOpen: Fault = async (arena, random) => {
  const one = random.pick(arena.live.filter((some) => some instanceof SocketSubscriber));
  const { port } = one;
  const thaws = arena.world.cluster.places.map(({ client }) =>
    client.freezeOne((pairs) => pairs.find(({ near }) => near.remotePort === port)),
  );
  await arena.during('client half-open', one.name, async () => {
    arena.excused.add(one);
    // Long enough for it to notice: 10 s until it asks, 5 s without an answer.
    await until(() => one.port !== port && one.follower.isReady, random.between(5_000, 20_000));
    for (const thaw of thaws) thaw?.();
    arena.excused.delete(one);
  });
};

/** Everything to and from the clients of a node takes long. */
const clientSlow: Fault = (arena, random) => {
  const place = aNode(arena, random);
  return arena.during('client slow', `node ${place.index}`, async () => {
    place.client.bytesPerSecond = 20_000;
    place.client.delayMs = 30;
    await delay(3_000);
    place.client.heal();
  });
};

const clientHalfClose: Fault = (arena, random) => {
  const place = aNode(arena, random);
  return arena.during('client half-close', `node ${place.index}`, async () => {
    place.client.halfClose();
    await until(() => place.client.connections === 0, 3_000);
  });
};

export const nodeFaults = {
  'node kill': nodeKill,
  'node kill at commit': nodeKillAtCommit,
  drain: nodeDrain,
  'node stop': nodeStop,
  'clock jump': clockJump,
  'retention with a wrong clock': retentionAhead,
  'client reset': clientReset,
  'mass disconnect': massDisconnect,
  'client half-open': clientHalfOpen,
  'client slow': clientSlow,
  'client half-close': clientHalfClose,
};
