import { setTimeout as delay } from 'node:timers/promises';
import { createEventRegistry } from '../../src/capabilities.ts';
import { UNAVAILABLE } from '../../src/eventlog/registry.ts';
import { allOf } from '../capabilities/all.ts';
import { ask, roomIdOf } from './api.ts';
import { type Arena, LIVENESS_MS, metricsOf } from './arena.ts';
import type { Place } from './cluster.ts';
import { compareStores, settleDevices } from './ending-devices.ts';
import type { TruthEvent } from './history.ts';
import { until } from './until.ts';

const registry = createEventRegistry();
const audits = Object.entries(allOf('audits'));
const ANSWERS_MS = 30_000;
const GOODBYES_MS = 5_000;
const TIDY_MS = 12_000;

/** Everything is healed; waits until nothing is open any more, then reads what is true. */
export async function conclude(arena: Arena): Promise<void> {
  const { world } = arena;
  world.cluster.heal();
  arena.excused.clear();
  for (const place of world.cluster.places) place.setClock(0);
  await arena.expect('every node runs in the end', ANSWERS_MS, () => world.cluster.up.length === 3);
  await arena.expect(
    'everything is answered in the end',
    ANSWERS_MS,
    () => arena.posting.inFlight + arena.changes.inFlight === 0,
  );
  await reachHeads(arena);
  await settleDevices(arena);
  await readTruth(arena);
  await compareCounts(arena);
  await audit(arena);
  const compared = await compareStores(arena);
  const live = arena.subscribers.filter(({ follower }) => !follower.isOver).map(({ name }) => name);
  await tidyUp(arena);
  world.history.add({ f: 'end', live, devices: compared });
}

async function reachHeads(arena: Arena): Promise<void> {
  // Of the database itself: no node is asked.
  const heads = await arena.world.cluster.postgres.heads();
  await arena.expect('everybody reaches the heads in the end', LIVENESS_MS, () =>
    arena.live.every(({ follower }) =>
      [...follower.heads].every(([room, seq]) => seq >= (heads.get(room) ?? 0)),
    ),
  );
}

/** A consumer that is behind catches up within the bound for clients; what differs then differs for good. */
async function compareCounts(arena: Arena): Promise<void> {
  let counts: { kind: number; counted: number; stored: number }[] = [];
  await until(async () => {
    counts = await arena.world.cluster.postgres.query(
      `SELECT kind, coalesce(s.events, 0)::int AS counted, coalesce(e.events, 0)::int AS stored
       FROM room_statistics s FULL JOIN (SELECT kind, count(*) AS events FROM room_events GROUP BY kind) e USING (kind)`,
    );
    return counts.every(({ counted, stored }) => counted === stored);
  }, LIVENESS_MS);
  for (const { kind, ...count } of counts)
    arena.world.history.add({ f: 'counted', kind: registry.roomKind(kind)?.name ?? UNAVAILABLE, ...count });
}

/** Compares numbers with the rows that they count. */
async function audit({ world }: Arena): Promise<void> {
  for (const [what, query] of audits) {
    const [difference] = await world.cluster.postgres.query<object>(query);
    const says = `${what}: ${JSON.stringify(difference)}`;
    world.history.add({ f: 'audit', ok: difference === undefined, what: says });
  }
}

async function readTruth(arena: Arena): Promise<void> {
  const { history, cluster, rooms } = arena.world;
  for (const { id } of rooms) {
    history.add({ f: 'truth', source: 'database', room: id, events: await readDatabase(arena, id) });
    const place = cluster.up[id % 3] ?? cluster.places[0];
    const events = place && (await readAsClient(arena, place, id).catch(() => null));
    if (events) history.add({ f: 'truth', source: 'client', room: id, events });
    else
      history.add({ f: 'expect', type: 'fail', what: `a fresh client reads the log of room ${id}`, ms: 0 });
  }
}

async function readDatabase(arena: Arena, room: number): Promise<TruthEvent[]> {
  const rows = await arena.world.cluster.postgres.query<Record<string, string | null>>(
    `SELECT e.room_seq, e.kind, e.subject, m.author_id, m.idempotency_key
     FROM room_events e LEFT JOIN messages m ON e.kind = 5 AND m.room_id = e.room_id AND m.room_seq = e.room_seq
     WHERE e.room_id = $1 ORDER BY e.room_seq`,
    [room],
  );
  return rows.map((row) => ({
    seq: Number(row['room_seq']),
    kind: registry.roomKind(Number(row['kind']))?.name ?? UNAVAILABLE,
    ...(row['subject'] !== null && { subject: Number(row['subject']) }),
    ...(row['idempotency_key'] && { key: row['idempotency_key'], user: Number(row['author_id']) }),
  }));
}

const page = `query ($id: ID!, $after: String) { room(id: $id) { events(first: 100, after: $after) {
  nodes { __typename roomSeq } pageInfo { hasNextPage endCursor } } } }`;

async function readAsClient(arena: Arena, place: Place, room: number): Promise<TruthEvent[]> {
  const events: TruthEvent[] = [];
  for (let after: string | null = null; ; ) {
    const { data, errors } = await ask(place, page, { id: roomIdOf(room), after }, arena.world.owner.token);
    const found = data?.['room']?.events;
    if (!found) throw new Error(`the log of room ${room} cannot be read: ${JSON.stringify(errors)}`);
    for (const { __typename: kind, roomSeq: seq } of found.nodes) events.push({ kind, seq });
    if (!found.pageInfo.hasNextPage) return events;
    after = found.pageInfo.endCursor;
  }
}

// -- hygiene -----------------------------------------------------------------------------------

/** When everybody has gone, nothing of them is left. */
async function tidyUp(arena: Arena): Promise<void> {
  const { world } = arena;
  // A node that hangs does not answer to a closing handshake either.
  const gone = Promise.all(arena.subscribers.map((one) => one.stop()));
  await Promise.race([gone, delay(GOODBYES_MS)]);
  for (const place of world.cluster.places) {
    let left: string[] = [];
    const ok = await until(async () => {
      const metrics = await metricsOf(place);
      const names = ['parley_sockets', 'parley_streams', 'parley_followed_rooms'];
      left = names.filter((name) => metrics?.[name] !== 0).map((name) => `${name} ${metrics?.[name]}`);
      return left.length === 0;
    }, TIDY_MS);
    world.history.add({
      f: 'hygiene',
      ok,
      what: `node ${place.index} keeps what nobody uses: ${left.join(', ')}`,
    });
    accuse(arena, place, await metricsOf(place));
  }
  const [idle] = await world.cluster.postgres.query<{ count: string }>(
    `SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'`,
  );
  world.history.add({
    f: 'hygiene',
    ok: idle?.count === '0',
    what: `${idle?.count} transactions are left open`,
  });
  for (const death of world.cluster.deaths) world.history.add({ f: 'hygiene', ok: false, what: death });
}

function lastErrorOf({ node }: Place): string {
  const line = node?.log().findLast(({ level }) => level >= 50);
  return JSON.stringify(line ?? null).slice(0, 800);
}

const CRASH = /unhandled rejection|uncaught exception|could not be handled|has a hole|did not end well/;

function accuse({ world }: Arena, place: Place, metrics: Record<string, number> | null): void {
  const masked = metrics?.['parley_internal_errors_total'] ?? 0;
  const what = `node ${place.index}: ${masked} internal errors were shown to clients: ${lastErrorOf(place)}`;
  world.history.add({ f: 'hygiene', ok: masked === 0, what });
  const bad = place.node?.log().filter(({ msg, level }) => level >= 50 && CRASH.test(msg)) ?? [];
  for (const line of bad.slice(0, 3))
    world.history.add({
      f: 'hygiene',
      ok: false,
      what: `node ${place.index}: ${JSON.stringify(line).slice(0, 600)}`,
    });
}
