import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Batch, LogConsumer } from '../src/eventlog/consumers/consumer.ts';
import { startConsumers } from '../src/eventlog/consumers/consumers.ts';
import { EVENTS_PER_BATCH } from '../src/eventlog/consumers/progress.ts';
import { rotateEpoch } from '../src/eventlog/incarnation.ts';
import { statement } from '../src/platform/db.ts';
import { createMetrics, type Metrics } from '../src/platform/telemetry.ts';
import { runAdmin } from './harness/admin.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { LogWriter } from './harness/log-writer.ts';
import { startNode } from './harness/node.ts';
import { signUp } from './harness/people.ts';
import { startRedis } from './harness/redis.ts';

// A consumer reads the logs of all rooms: each event takes effect once, in the order of its room, whatever dies.

let database: TestDatabase;
let writer: LogWriter;
const undo: (() => unknown)[] = [];

beforeEach(async () => {
  database = await createDatabase();
  undo.push(() => database.drop());
  // What took effect, in its order. Nothing keeps out a repetition: the consumer has to.
  await execute(
    database.url,
    'CREATE TABLE taken (id BIGSERIAL PRIMARY KEY, room_id BIGINT, room_seq BIGINT)',
  );
  writer = await LogWriter.connect(database.url);
  undo.push(() => writer.close());
});

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const take = statement(
  'INSERT INTO taken (room_id, room_seq) SELECT * FROM unnest($1::bigint[], $2::bigint[])',
);

/** A consumer that records its events, after it has called `before`. */
function scribe(before: (batch: Batch) => void | Promise<void> = () => {}): LogConsumer {
  return {
    name: 'scribe',
    async apply(batch) {
      await batch.sql.rows(take, [
        batch.events.map(({ roomId }) => roomId),
        batch.events.map(({ roomSeq }) => roomSeq),
      ]);
      await before(batch);
    },
  };
}

interface Running {
  readonly metrics: Metrics;
  stop(): Promise<void>;
}

/** As a node does that has this consumer. */
function startConsumer(consumer = scribe(), maxAttempts = 3, log = pino({ level: 'silent' })): Running {
  const metrics = createMetrics();
  const stop = startConsumers({
    url: database.url,
    consumers: [consumer],
    log,
    metrics,
    pollMs: 5,
    standbyMs: 20,
    rules: { maxAttempts, retrySeconds: 0 },
  });
  undo.push(stop);
  return { metrics, stop };
}

const PATIENCE = { timeout: 60_000, interval: 20 };

/** A new consumer begins at the present: what a test writes before that is not its. */
async function hasBegun(): Promise<void> {
  await vi.waitFor(async () => expect(await rows(`SELECT 1 FROM consumers`)).toHaveLength(1), PATIENCE);
}

const rows = <Row>(sql: string) => queryRows<Row>(database.url, sql);
const idsOf = async (sql: string) => (await rows<{ id: string }>(sql)).map(({ id }) => id);
const takenIn = (room: number) =>
  idsOf(`SELECT room_seq AS id FROM taken WHERE room_id = ${room} ORDER BY taken.id`);
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);

/** Every event of every log, each once, in the order of its room. */
async function tookEverything(): Promise<void> {
  await vi.waitFor(async () => {
    const [count] = await rows<{ missing: number }>(
      `SELECT (SELECT count(*) FROM room_events)::int - (SELECT count(*) FROM taken)::int AS missing`,
    );
    expect(count?.missing).toBeLessThanOrEqual(0);
  }, PATIENCE);
  const inOrder = `string_agg(room_seq::text, ',' ORDER BY`;
  expect(await rows(`SELECT room_id, ${inOrder} id) AS seqs FROM taken GROUP BY 1 ORDER BY 1`)).toEqual(
    await rows(`SELECT room_id, ${inOrder} room_seq) AS seqs FROM room_events GROUP BY 1 ORDER BY 1`),
  );
}

/** Ends the connection of the worker of a consumer, like a crash of its node. */
const killWorker = () =>
  rows(`SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_locks l USING (pid)
        WHERE a.datname = current_database() AND l.locktype = 'advisory' AND l.granted AND a.application_name = 'parley-consumer'`);

describe('exactly once', () => {
  test('with writers that dawdle, overtake and roll back, and workers that die', async () => {
    startConsumer();
    startConsumer();
    await hasBegun();
    const rooms = await writer.createRooms(12);
    let random = 7;
    const below = (n: number) => (random = (random * 48_271) % 2_147_483_647) % n;
    const writers = await Promise.all(numbers(1, 6).map(() => LogWriter.connect(database.url)));
    const others = await Promise.all(writers.map(() => LogWriter.connect(database.url)));
    await Promise.all(
      writers.map(async (one, index) => {
        for (let i = 0; i < 60; i++) {
          const room = rooms[below(rooms.length)] as number;
          await one.begin();
          // Its number is older than those of others that write meanwhile.
          if (below(2)) await others[index]?.append(rooms[below(rooms.length)] as number);
          await one.append(room);
          if (below(3)) await one.append(room);
          if (below(5)) await one.commit();
          else await one.rollback();
          if (index === 0 && i % 6 === 0) await killWorker();
        }
        await Promise.all([one.close(), others[index]?.close()]);
      }),
    );
    await tookEverything();
  }, 120_000);

  test('with a transaction that stays open: only its room waits', async () => {
    startConsumer();
    await hasBegun();
    const [slow, quick] = (await writer.createRooms(2)) as [number, number];
    const dawdler = await LogWriter.connect(database.url);
    await dawdler.begin();
    await dawdler.append(slow);
    for (let i = 0; i < 5; i++) await writer.append(quick);
    await vi.waitFor(async () => expect(await takenIn(quick)).toEqual(numbers(1, 5)), PATIENCE);
    expect(await takenIn(slow)).toEqual([]);
    await dawdler.commit();
    await dawdler.close();
    await tookEverything();
  });

  test('after downtime, over more rooms and events than one batch has', async () => {
    const first = startConsumer();
    await hasBegun();
    const rooms = await writer.createRooms(450);
    await writer.append(...rooms);
    await tookEverything();
    await first.stop();
    await writer.appendMany(rooms[3] as number, 2.5 * EVENTS_PER_BATCH);
    await writer.appendMany(rooms[449] as number, EVENTS_PER_BATCH);
    await writer.append(...rooms);
    let batches = 0;
    // It dies in the middle, and what follows reads on from there.
    startConsumer(
      scribe(async () => {
        if (++batches === 4) await killWorker();
      }),
    );
    await tookEverything();
  });

  test('a worker whose position another one took saves nothing and starts again', async () => {
    const said: string[] = [];
    startConsumer(scribe(), 3, pino({}, { write: (line) => said.push(JSON.parse(line).msg) }));
    await hasBegun();
    const [room] = (await writer.createRooms(1)) as [number];
    // In one transaction, so that the worker meets both at once.
    await writer.begin();
    await writer.takePosition('scribe');
    await writer.append(room);
    await writer.commit();
    await tookEverything();
    expect(said).toEqual([
      'this node runs the consumer',
      'a consumer lost its position and takes it over again',
      'this node runs the consumer',
    ]);
  });
});

describe('a new epoch', () => {
  test('neither skips nor repeats what was not yet read', async () => {
    const first = startConsumer();
    await hasBegun();
    const rooms = (await writer.createRooms(300)) as [number, ...number[]];
    await writer.append(...rooms);
    await tookEverything();
    await first.stop();
    await writer.appendMany(rooms[0], 2 * EVENTS_PER_BATCH);
    await writer.append(...rooms);
    // Stops in the middle of the backlog.
    let batches = 0;
    const second = startConsumer(
      scribe(() => {
        if (++batches > 1) throw Object.assign(new Error('terminated'), { code: '57P01' });
      }),
    );
    await vi.waitFor(() => expect(batches).toBeGreaterThan(1), PATIENCE);
    await second.stop();
    await rotateEpoch(database.url);
    expect((await rows(`SELECT 1 FROM consumer_rooms`)).length).toBeGreaterThan(200);
    await writer.append(...rooms);
    await rotateEpoch(database.url); // while rooms are still set aside
    await writer.append(...rooms);
    startConsumer();
    await tookEverything();
    await vi.waitFor(async () => expect(await rows(`SELECT 1 FROM consumer_rooms`)).toEqual([]), PATIENCE);
  });

  test('begins while a worker works', async () => {
    startConsumer();
    await hasBegun();
    const rooms = await writer.createRooms(20);
    for (let i = 0; i < 10; i++) {
      await writer.append(...rooms);
      await rotateEpoch(database.url);
    }
    await tookEverything();
  });
});

describe('an event that fails', () => {
  test('stops only its room, and goes on when it can', async () => {
    const poison = { roomId: 0, isPoisonous: true };
    const { metrics } = startConsumer(
      scribe(({ events }) => {
        const hit = events.some(({ roomId, roomSeq }) => roomId === poison.roomId && roomSeq === 3);
        if (hit && poison.isPoisonous) throw new Error('cannot digest it');
      }),
      3,
    );
    await hasBegun();
    const rooms = (await writer.createRooms(3)) as [number, number, number];
    poison.roomId = rooms[1];
    for (let i = 0; i < 5; i++) await writer.append(...rooms);
    await vi.waitFor(async () => {
      expect(await takenIn(rooms[0])).toEqual(numbers(1, 5));
      expect(await takenIn(rooms[2])).toEqual(numbers(1, 5));
      expect(await rows(`SELECT room_id, after_seq, attempts, error FROM consumer_rooms`)).toEqual([
        { room_id: `${poison.roomId}`, after_seq: '2', attempts: 3, error: 'cannot digest it' },
      ]);
    }, PATIENCE);
    expect(await takenIn(poison.roomId)).toEqual(numbers(1, 2));
    expect(await metrics.registry.metrics()).toContain('parley_consumer_lag_seconds{consumer="scribe"}');
    const admin = (...args: string[]) =>
      runAdmin(args, { env: { DATABASE_URL: database.url, CONSUMER_MAX_ATTEMPTS: '3' } });
    const { out } = await admin('consumers');
    expect(out).toContain('s behind, 0 rooms waiting, 1 dead letters');
    expect(out).toContain(`scribe room ${poison.roomId} event 3: 3 attempts, cannot digest it`);
    poison.isPoisonous = false;
    expect((await admin('retry-dead-letters', '--consumer', 'scribe')).out).toContain('1 rooms');
    await writer.append(...rooms);
    await tookEverything();
    await vi.waitFor(async () => expect(await rows(`SELECT 1 FROM consumer_rooms`)).toEqual([]), PATIENCE);
  });

  test('is skipped by an operator, once', async () => {
    startConsumer(
      scribe(({ events }) => {
        if (events.some(({ roomSeq }) => roomSeq === 2)) throw new Error('never');
      }),
      1,
    );
    await hasBegun();
    const [room] = (await writer.createRooms(1)) as [number];
    await writer.appendMany(room, 4);
    await vi.waitFor(
      async () => expect(await rows(`SELECT 1 FROM consumer_rooms`)).toHaveLength(1),
      PATIENCE,
    );
    const skip = () =>
      runAdmin(['skip-dead-letter', '--consumer', 'scribe', '--room', `${room}`, '--event', '2'], {
        env: { DATABASE_URL: database.url },
      });
    expect((await skip()).code).toBe(0);
    expect((await skip()).code).toBe(1);
    await vi.waitFor(async () => expect(await takenIn(room)).toEqual(['1', '3', '4']), PATIENCE);
    expect(await rows(`SELECT after_seq, until_seq, reason FROM consumer_skips`)).toEqual([
      { after_seq: '1', until_seq: '2', reason: 'operator' },
    ]);
  });
});

test('events that were trimmed before they were read are written down', async () => {
  const first = startConsumer();
  await hasBegun();
  const [room] = (await writer.createRooms(1)) as [number];
  await writer.append(room);
  await tookEverything();
  await first.stop();
  await writer.appendMany(room, 9);
  await execute(database.url, `DELETE FROM room_events WHERE room_id = ${room} AND room_seq < 7`);
  startConsumer();
  await vi.waitFor(async () => expect(await takenIn(room)).toEqual(['1', ...numbers(7, 10)]), PATIENCE);
  expect(await rows(`SELECT room_id, until_seq, reason FROM consumer_skips`)).toEqual([
    { room_id: `${room}`, until_seq: '6', reason: 'trimmed' },
  ]);
});

describe('room statistics', () => {
  test('count every event once when the node that counts is killed', async () => {
    const redis = await startRedis();
    undo.push(() => redis.stop());
    const env = { CONSUMER_POLL_MS: '10' };
    const options = { databaseUrl: database.url, redisUrl: redis.url, env };
    const one = await startNode(options);
    undo.push(() => one.kill());
    await one.logged(({ msg }) => msg === 'this node runs the consumer');
    const two = await startNode(options);
    undo.push(() => two.kill());
    const ada = await signUp(two, 'ada');
    const roomId = await ada.createRoom('counted');
    for (let i = 0; i < 20; i++) await ada.say(roomId, `${i}`);
    await one.kill();
    for (let i = 0; i < 20; i++) await ada.say(roomId, `${i}`);
    await two.logged(({ msg }) => msg === 'this node runs the consumer');
    const counted = `SELECT kind, events::int FROM room_statistics ORDER BY kind`;
    const truth = `SELECT kind, count(*)::int AS events FROM room_events GROUP BY kind ORDER BY kind`;
    await vi.waitFor(async () => expect(await rows(counted)).toEqual(await rows(truth)), PATIENCE);
    await vi.waitFor(
      async () => expect((await two.metrics())['parley_room_events{kind="MessageCreated"}']).toBe(40),
      PATIENCE,
    );
  });
});
