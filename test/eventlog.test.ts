import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEventRegistry } from '../src/capabilities.ts';
import { LogFollower } from '../src/eventlog/follower/log-follower.ts';
import { RoomFollower } from '../src/eventlog/follower/room-follower.ts';
import { rotateEpoch } from '../src/eventlog/incarnation.ts';
import type { RoomEvent } from '../src/eventlog/kinds.ts';
import { openInboxAt } from '../src/eventlog/streams/inbox-opening.ts';
import { InboxSource } from '../src/eventlog/streams/inbox-source.ts';
import type { StreamItem } from '../src/eventlog/streams/items.ts';
import { Stream } from '../src/eventlog/streams/stream.ts';
import type { Bus, BusHandler } from '../src/platform/bus.ts';
import { type Database, openDatabase } from '../src/platform/db.ts';
import { createLog, createMetrics } from '../src/platform/telemetry.ts';
import { createDatabase, type TestDatabase } from './harness/database.ts';

// The promise of the inbox, at random: writers that dawdle before their commit and roll back, nodes whose news are late,
// doubled or lost, viewers that vanish at any item, forget the last few, and resume on either node. In the end what
// each viewer applied is compared with the two logs.

const ROOMS = 24;
const VIEWERS = 5;
const WRITERS = 5;
const RUN_MS = 6_000;
/** Every device comes back at least so often, also on a loaded machine. */
const MIN_RESUMES = 4;
const LAST_VISIT_MS = 60_000;

/** Mulberry32: the same seed, the same run of choices (the timing stays the machine's). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A bus between two nodes that loses 40 %, delays some, doubles some. */
class LossyBus implements Bus {
  isHealthy = true;
  private static handlers = new Map<string, BusHandler[]>();
  private readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }
  publish(channel: string, text: string, epoch: number): void {
    const dice = this.random();
    if (dice < 0.4) return;
    const deliver = () => {
      for (const handler of LossyBus.handlers.get(channel) ?? []) handler(text, epoch);
    };
    if (dice < 0.7) setTimeout(deliver, this.random() * 60);
    else deliver();
    if (dice > 0.9) setTimeout(deliver, this.random() * 100);
  }
  subscribe(channel: string, handler: BusHandler): void {
    LossyBus.handlers.set(channel, [...(LossyBus.handlers.get(channel) ?? []), handler]);
  }
  onRecovered(): void {
    // it never tells
  }
  async close(): Promise<void> {
    LossyBus.handlers.clear();
  }
}

interface Applied {
  /** room, and for each the numbers in the order they were applied */
  readonly rooms: Map<number, number[]>;
  readonly account: number[];
  cursor: string | null;
  /** each applied item with what stood before it, so that the last few can be forgotten */
  readonly history: { undo: () => void; cursor: string }[];
  longest: number;
  resumes: number;
}

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createDatabase();
  db = openDatabase(database.url, 24, createLog('silent', 'test'), createMetrics());
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

function makeFollower(random: () => number): LogFollower {
  return new LogFollower({
    sql: db.tail,
    bus: new LossyBus(random),
    log: createLog('silent', 'test'),
    metrics: createMetrics(),
    headCheckMs: 150,
    rotateEpoch: (seen) => rotateEpoch(database.url, seen),
    ageMs: 150, // most readers fall behind the recent events
    registry: createEventRegistry(),
  });
}

async function post(client: pg.PoolClient, roomId: number, userId: number): Promise<number | null> {
  const values = [[roomId], [userId], [randomUUID()], [randomUUID()], ['words'], [null]];
  const { rows } = await client.query(
    'SELECT status, room_seq AS "roomSeq" FROM post_messages($1::bigint[], $2::bigint[], $3::text[], $4::uuid[], $5::text[], $6::bigint[])',
    values,
  );
  return rows[0].status === 0 ? Number(rows[0].roomSeq) : null;
}

/** One transaction: a post, a join or a removal; often late with its commit, sometimes rolled back. */
async function write(
  pool: pg.Pool,
  logFollowers: LogFollower[],
  random: () => number,
  owner: number,
  viewers: number[],
  rooms: number[],
): Promise<void> {
  const pick = <T>(list: T[]) => list[Math.floor(random() * list.length)] as T;
  const client = await pool.connect();
  const roomId = pick(rooms);
  const viewer = pick(viewers);
  try {
    await client.query('BEGIN');
    if (random() < 0.3) {
      await client.query('SELECT pg_current_xact_id()'); // takes its number long before it writes
      await pause(random() * 80);
    }
    const dice = random();
    let head: number | null;
    if (dice < 0.9) head = await post(client, roomId, owner);
    else {
      const call =
        dice < 0.95 ? 'add_members($1, $2, ARRAY[$3::bigint], 20::smallint)' : 'remove_member($1, $2, $3)';
      const { rows } = await client.query(`SELECT room_seq AS "roomSeq" FROM ${call}`, [
        roomId,
        owner,
        viewer,
      ]);
      head = Number(rows[0].roomSeq);
    }
    if (random() < 0.4) await pause(random() * 40);
    if (random() < 0.05) {
      await client.query('ROLLBACK');
      return;
    }
    await client.query('COMMIT');
    const logFollower = pick(logFollowers);
    if (head !== null) logFollower.announceRoom(roomId, head);
    if (dice >= 0.9) logFollower.announceAccounts([viewer]);
  } finally {
    client.release();
  }
}

function apply(applied: Applied, item: StreamItem): void {
  if (!('cursor' in item)) return;
  const before = applied.cursor;
  applied.cursor = item.cursor;
  applied.longest = Math.max(applied.longest, item.cursor.length);
  let undo = () => undefined as unknown;
  if ('event' in item) {
    const list = 'accountSeq' in item.event ? applied.account : (applied.rooms.get(item.event.roomId) ?? []);
    if (!('accountSeq' in item.event)) applied.rooms.set(item.event.roomId, list);
    list.push('accountSeq' in item.event ? item.event.accountSeq : item.event.roomSeq);
    undo = () => list.pop();
  }
  applied.history.push({ undo, cursor: before ?? item.cursor });
  if (applied.history.length > 40) applied.history.shift();
}

/** Forgets the last few items, as a client does that crashed before saving. */
function forget(applied: Applied, count: number): void {
  for (let i = 0; i < count; i++) {
    const last = applied.history.pop();
    if (!last) return;
    last.undo();
    applied.cursor = last.cursor;
  }
}

interface Resynced {
  reason: string;
}

/** Watches until `done`, coming and going; a demand to resync starts afresh, as the protocol says. */
async function watch(
  logFollowers: LogFollower[],
  random: () => number,
  userId: number,
  done: () => boolean,
  settled: (applied: Applied, userId: number) => Promise<boolean>,
  onResume: (resumes: number) => void,
) {
  const applied: Applied = {
    rooms: new Map(),
    account: [],
    cursor: null,
    history: [],
    longest: 0,
    resumes: 0,
  };
  const resyncs: Resynced[] = [];
  for (;;) {
    const logFollower = logFollowers[Math.floor(random() * logFollowers.length)] as LogFollower;
    const opening = await openInboxAt(logFollower, userId, applied.cursor);
    if ('kind' in opening) {
      if (opening.kind !== 'ResyncRequired') throw new Error(JSON.stringify(opening));
      resyncs.push({ reason: opening.resyncReason });
      // A fresh snapshot: the positions of everything begin anew.
      applied.rooms.clear();
      applied.account.length = 0;
      applied.history.length = 0;
      applied.cursor = null;
      continue;
    }
    const source = await InboxSource.open(logFollower, opening);
    const stream = new Stream(source);
    const isLastVisit = done();
    const lifeMs = 50 + random() * 600;
    const end = setTimeout(() => void stream.return(), isLastVisit ? LAST_VISIT_MS : lifeMs);
    const beats = setInterval(() => stream.beat(), 40);
    for await (const item of stream) {
      apply(applied, item);
      if (isLastVisit && item.kind === 'Heartbeat' && (await settled(applied, userId))) break;
    }
    clearTimeout(end);
    clearInterval(beats);
    await stream.return();
    if (isLastVisit) return { applied, resyncs };
    onResume(++applied.resumes);
    if (random() < 0.5) forget(applied, Math.floor(random() * 30));
  }
}

function isDenseAscending(numbers: number[]): boolean {
  return numbers.every((n, i) => i === 0 || n === (numbers[i - 1] as number) + 1);
}

describe.each([1, 2, 3])('the inbox with seed %i', (seed) => {
  test('gives every viewer every event once and in order, whatever becomes of nodes, news and viewers', async () => {
    const random = randomFrom(seed);
    const pool = new pg.Pool({ connectionString: database.url, max: 12 });
    const ids = async (count: number) => {
      const { rows } = await pool.query(
        `INSERT INTO users (username, display_name) SELECT 'u' || gen_random_uuid(), 'x' FROM generate_series(1, $1) RETURNING id`,
        [count],
      );
      return rows.map((row) => Number(row.id));
    };
    const [owner] = (await ids(1)) as [number];
    const viewers = await ids(VIEWERS);
    const rooms: number[] = [];
    for (let i = 0; i < ROOMS; i++) {
      const { rows } = await pool.query(
        'SELECT room_id FROM create_room($1, 1::smallint, $2, NULL, $3, gen_random_uuid())',
        [owner, `room ${i}`, randomUUID()],
      );
      rooms.push(Number(rows[0].room_id));
      const some = viewers.filter(() => random() < 0.7);
      if (some.length)
        await pool.query('SELECT * FROM add_members($1, $2, $3, 20::smallint)', [rooms.at(-1), owner, some]);
    }
    const logFollowers = [makeFollower(random), makeFollower(random)];
    for (const logFollower of logFollowers) await logFollower.start();

    const until = performance.now() + RUN_MS;
    let seldomBack = 2 * VIEWERS; // devices
    const onResume = (resumes: number) => {
      if (resumes === MIN_RESUMES) seldomBack--;
    };
    const isOver = () => performance.now() > until && seldomBack === 0;
    let writing = WRITERS;
    const writers = Array.from({ length: WRITERS }, async () => {
      while (!isOver()) await write(pool, logFollowers, random, owner, viewers, rooms);
      writing--;
    });
    // A long transaction holds the lower bound of every snapshot back.
    const sleeper = pool.query('BEGIN').then(() => undefined);
    const heads = async () => {
      const { rows } = await pool.query(
        'SELECT room_id, last_room_seq FROM room_heads WHERE room_id = ANY ($1)',
        [rooms],
      );
      return new Map(rows.map((row) => [Number(row.room_id), Number(row.last_room_seq)]));
    };
    let settledAt = 0;
    // A second and everything: what would come once more has come by then.
    const settled = async (applied: Applied, viewer: number) => {
      if (writing > 0) return false;
      settledAt ||= performance.now();
      if (performance.now() - settledAt < 1_000) return false;
      const last = await heads();
      const { rows } = await pool.query('SELECT room_id FROM memberships WHERE user_id = $1', [viewer]);
      return rows.every(({ room_id }) => {
        const numbers = applied.rooms.get(Number(room_id));
        return !numbers?.length || numbers.at(-1) === last.get(Number(room_id));
      });
    };
    // Each of them on two devices, whose streams share what they can.
    const watching = [...viewers, ...viewers];
    const results = await Promise.all(
      watching.map((viewer) => watch(logFollowers, random, viewer, () => writing === 0, settled, onResume)),
    );
    await Promise.all([...writers, sleeper]);

    const last = await heads();
    for (const [i, { applied, resyncs }] of results.entries()) {
      const viewer = watching[i] as number;
      const { rows: members } = await pool.query(
        'SELECT room_id, from_room_seq FROM memberships WHERE user_id = $1',
        [viewer],
      );
      expect(isDenseAscending(applied.account), `account log of ${viewer}`).toBe(true);
      for (const [roomId, numbers] of applied.rooms) {
        const lost = numbers.filter((n, j) => j > 0 && n !== (numbers[j - 1] as number) + 1);
        const { rows: left } = await pool.query(
          `SELECT room_seq FROM account_events WHERE user_id = $1 AND room_id = $2 AND kind = 2`,
          [viewer, roomId],
        );
        const ends = new Set(left.map((row) => Number(row.room_seq)));
        // A hole is allowed only where access was lost: behind the own departure, or after it while away.
        for (const n of lost) {
          const before = numbers[numbers.indexOf(n) - 1] as number;
          const explained = [...ends].some((end) => end >= before && end < n);
          expect(
            explained,
            `room ${roomId} of ${viewer}: ${before} then ${n}, departures ${[...ends].join()}`,
          ).toBe(true);
        }
        expect(new Set(numbers).size, `room ${roomId} of ${viewer} repeats`).toBe(numbers.length);
      }
      for (const { room_id } of members) {
        const numbers = applied.rooms.get(Number(room_id));
        if (numbers?.length)
          expect(numbers.at(-1), `end of room ${room_id} of ${viewer}`).toBe(last.get(Number(room_id)));
      }
      expect(applied.resumes).toBeGreaterThanOrEqual(MIN_RESUMES);
      expect(applied.longest).toBeLessThan(1_500);
      for (const { reason } of resyncs) expect(reason).toBe('ACCESS_CHANGED');
    }
    for (const logFollower of logFollowers) logFollower.close();
    await pool.end();
  });
});

const EMPTY_LOG = { registry: createEventRegistry(), read: async () => [], onFailure: () => undefined };

test('a follower lets go of what two ages have passed over, and goes on', () => {
  const follower = new RoomFollower(7, 1, 5, EMPTY_LOG, () => undefined);
  const event = (roomSeq: number) => ({ roomId: 1, roomSeq, kind: 'MessageCreated' }) as RoomEvent;
  follower.accept([event(6), event(7)], 7);
  follower.evictOld();
  follower.accept([event(8)], 8);
  expect([6, 7, 8, 9].map((roomSeq) => follower.get(roomSeq)?.roomSeq)).toEqual([6, 7, 8, undefined]);
  follower.evictOld();
  expect([6, 7, 8].map((roomSeq) => follower.get(roomSeq)?.roomSeq)).toEqual([undefined, undefined, 8]);
  follower.evictOld();
  expect(follower.get(8)).toBeUndefined();
  expect(follower.get(9)).toBeNull();
  follower.accept([event(9)], 9);
  expect(follower.get(9)?.roomSeq).toBe(9);
});

test('a follower that everybody has left does not hold anything up', async () => {
  const follower = new RoomFollower(7, 1, 5, EMPTY_LOG, () => undefined);
  follower.retain();
  follower.release();
  // Resolves: nothing is read for it any more. (It once waited for a reading that never began.)
  await follower.reach(9);
  expect(follower.last).toBe(5);
});
