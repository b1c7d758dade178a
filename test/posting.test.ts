import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEventRegistry } from '../src/capabilities.ts';
import type { ChangeOutcome } from '../src/changes/kind.ts';
import { loadSettings } from '../src/config.ts';
import type { Services } from '../src/context.ts';
import { LogFollower } from '../src/eventlog/follower/log-follower.ts';
import { rotateEpoch } from '../src/eventlog/incarnation.ts';
import { post, postKind } from '../src/messages/posts.ts';
import { type Database, openDatabase } from '../src/platform/db.ts';
import { createLog, createMetrics } from '../src/platform/telemetry.ts';
import { createDatabase, type TestDatabase } from './harness/database.ts';

// A single post has its own function. It must check, number and store like the one for batches.

let database: TestDatabase;
let pool: pg.Pool;
let ada: number;
let bob: number;

beforeAll(async () => {
  database = await createDatabase();
  pool = new pg.Pool({ connectionString: database.url });
  ada = await addUser('ada');
  bob = await addUser('bob');
});

afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

async function one<Row>(text: string, values: unknown[] = []): Promise<Row> {
  const { rows } = await pool.query(text, values);
  return rows[0] as Row;
}

let lastUser = 900_000; // like no other number here

async function addUser(name: string): Promise<number> {
  await pool.query('INSERT INTO users (id, username, display_name) VALUES ($1, $2, $2)', [++lastUser, name]);
  return lastUser;
}

async function addRoom(kind: number): Promise<number> {
  const sql = 'SELECT room_id::int AS id FROM create_room($1, $2::smallint, $3, NULL, $3, $4)';
  const { id } = await one<{ id: number }>(sql, [ada, kind, randomUUID(), randomUUID()]);
  await pool.query('SELECT add_members($1, $2, ARRAY[$3::bigint], 20::smallint)', [id, ada, bob]);
  return id;
}

interface Post {
  readonly author: number;
  readonly key: string;
  readonly text: string;
  readonly replyTo?: number;
}

type Way = (roomId: number, post: Post) => Promise<unknown>;
const ANSWER = 'status, room_seq::int, seq::int, username, display_name, created_at IS NOT NULL AS dated';
const fingerprintOf = ({ text }: Post) =>
  `00000000-0000-0000-0000-${Buffer.from(text).toString('hex').slice(0, 12).padEnd(12, '0')}`;
const valuesOf = (roomId: number, post: Post) => [
  roomId,
  post.author,
  post.key,
  fingerprintOf(post),
  post.text,
  post.replyTo ?? null,
];

const alone: Way = (roomId, post) =>
  one(`SELECT ${ANSWER} FROM post_message($1, $2, $3, $4, $5, $6)`, valuesOf(roomId, post));
const inBatch: Way = (roomId, post) =>
  one(
    `SELECT ${ANSWER} FROM post_messages($1::bigint[], $2::bigint[], $3::text[], $4::uuid[], $5::text[], $6::bigint[])`,
    valuesOf(roomId, post).map((value) => [value]),
  );

const skipping: Way = (roomId, post) =>
  one(
    `SELECT ${ANSWER} FROM post_messages($1::bigint[], $2::bigint[], $3::text[], $4::uuid[], $5::text[], $6::bigint[], true)`,
    valuesOf(roomId, post).map((value) => [value]),
  );

/** Everything that posting may have changed, but for the times. */
async function stateOf(roomId: number): Promise<unknown> {
  const tables = {
    room_heads: 'state, has_hidden, last_room_seq, last_message_seq',
    messages: 'room_seq, seq, author_id, idempotency_key, fingerprint, text, reply_to_room_seq, version',
    room_events: "room_seq, kind, actor_id, subject, message_seq, facts - 'joinedAt' AS facts",
    memberships: 'user_id, role, read_seq, delivered_seq, is_hidden',
  };
  const state: Record<string, unknown> = {};
  for (const [table, columns] of Object.entries(tables)) {
    const { rows } = await pool.query(`SELECT ${columns} FROM ${table} WHERE room_id = $1 ORDER BY 1, 2`, [
      roomId,
    ]);
    state[table] = rows;
  }
  const { rows } = await pool.query(
    'SELECT user_id, kind, room_seq FROM account_events WHERE room_id = $1 ORDER BY 1, 2, 3',
    [roomId],
  );
  return { ...state, account_events: rows };
}

/** Runs the same changes in a room: returns the answers, and the stored rows at the end. */
async function story(way: Way, direct: number[]): Promise<unknown> {
  const roomId = await addRoom(2);
  const answers: unknown[] = [];
  const say = async (author: number, key: string, text: string, replyTo?: number) =>
    answers.push(await way(roomId, { author, key, text, ...(replyTo !== undefined && { replyTo }) }));
  const change = (what: string) =>
    pool.query(`UPDATE memberships SET ${what} WHERE room_id = ${roomId} AND user_id = ${bob}`);

  await say(ada, 'a', 'first');
  await say(bob, 'a', 'the same key, another author');
  await say(ada, 'a', 'first');
  await say(ada, 'a', 'something else');
  await say(bob, 'b', 'a quote', 4);
  await say(bob, 'c', 'a quote of nothing', 3);
  await change('visible_from_seq = 3, visible_from_room_seq = 6');
  await say(bob, 'd', 'a quote from before what may be seen', 4);
  await change('permission_bits = 0');
  await say(bob, 'e', 'may not');
  await change(`permission_bits = 1, timeout_until = now() + interval '1 hour'`);
  await say(bob, 'f', 'not now');
  await change('timeout_until = NULL, is_hidden = true');
  await say(bob, 'g', 'hidden');
  await say(bob, 'a', 'the same key, another author');
  await say(await addUser(`stranger-${direct.length}`), 'h', 'not a member');
  answers.push(await way(2_000_000, { author: ada, key: 'i', text: 'no such room' }));
  await change('is_hidden = false');
  await pool.query('SELECT archive_room($1, $2)', [roomId, ada]);
  await say(ada, 'j', 'archived');
  await pool.query('SELECT delete_room($1, $2)', [roomId, ada]);
  await say(ada, 'k', 'deleted');
  await say(ada, 'a', 'first');

  const friend = await addUser(`friend-${direct.length}`);
  const { id } = await one<{ id: number }>(
    'SELECT room_id::int AS id FROM open_direct_room($1, ARRAY[$2::bigint])',
    [ada, friend],
  );
  direct.push(id);
  answers.push(await way(id, { author: ada, key: 'l', text: 'the first message shows it to the other' }));
  answers.push(await way(id, { author: friend, key: 'm', text: 'hello' }));
  const withoutNames = (state: unknown) =>
    JSON.parse(JSON.stringify(state).replaceAll(`"${friend}"`, '"friend"'));
  return { answers, room: await stateOf(roomId), direct: withoutNames(await stateOf(id)) };
}

test('a post alone, a batch of one, and one that waits for no lock are judged, numbered and stored alike', async () => {
  const direct: number[] = [];
  const nameless = (told: unknown) =>
    JSON.parse(JSON.stringify(told).replaceAll(/(friend|stranger)-\d/g, '$1'));
  const single = await story(alone, direct);
  for (const way of [inBatch, skipping]) expect(nameless(await story(way, direct))).toEqual(nameless(single));
  const { answers } = single as { answers: { status: number }[] };
  expect(answers.map(({ status }) => status)).toEqual([0, 0, 1, 2, 0, 8, 8, 5, 6, 3, 1, 3, 3, 4, 3, 1, 0, 0]);
});

test('a batch that waits for no lock stores the posts of rooms that are free, and says which are busy', async () => {
  const [held, free] = [await addRoom(2), await addRoom(2)];
  expect(await alone(held, { author: ada, key: 'known', text: 'before' })).toMatchObject({ status: 0 });
  await withLock(held, async () => {
    const rooms = [held, free, held, free, 2_000_000];
    const keys = ['new', 'a', 'known', 'b', 'c'];
    const { rows } = await pool.query(
      `SELECT status FROM post_messages($1::bigint[], $2::bigint[], $3::text[], $4::uuid[], $5::text[], $6::bigint[], true)`,
      [
        rooms,
        rooms.map(() => ada),
        keys,
        rooms.map(() => fingerprintOf({ author: ada, key: '', text: 'before' })),
        rooms.map(() => 'before'),
        rooms.map(() => null),
      ],
    );
    expect(rows.map(({ status }) => status)).toEqual([9, 0, 1, 0, 3]);
  });
  expect(await skipping(held, { author: ada, key: 'new', text: 'before' })).toMatchObject({
    status: 0,
    room_seq: 5,
  });
});

/** While another transaction holds the lock of a room. */
async function withLock(roomId: number, task: () => Promise<void>): Promise<void> {
  const holder = await pool.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM room_heads WHERE room_id = $1 FOR UPDATE', [roomId]);
    await task();
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
}

describe('posts of one author that come one after the other', () => {
  let db: Database;
  let node: Services;

  beforeAll(() => {
    const [log, metrics] = [createLog('silent', 'test'), createMetrics()];
    db = openDatabase(database.url, 4, log, metrics);
    const logFollower = new LogFollower({
      sql: db.tail,
      bus: null,
      log,
      metrics,
      headCheckMs: 1_000,
      rotateEpoch: (seen) => rotateEpoch(database.url, seen),
      registry: createEventRegistry(),
    });
    const settings = loadSettings({ WRITE_DEADLINE_MS: '60000' });
    node = { db, log, metrics, logFollower, settings } as unknown as Services;
  });

  afterAll(() => db?.close());

  const busyRooms = async () => (await node.metrics.busyRooms.get()).values[0]?.value;
  const say = (roomId: number, i: number) =>
    post(node, postKind, {
      roomId,
      authorId: ada,
      key: `${i}`,
      fingerprint: randomUUID(),
      text: `${i}`,
      replyToRoomSeq: null,
    });

  test.each(['free', 'locked', 'locked in the midst'])(
    'stay in their order in a room that is %s',
    async (how) => {
      const [roomId, other] = [await addRoom(2), await addRoom(2)];
      const outcomes: Promise<ChangeOutcome>[] = [];
      const sayMany = () => {
        for (let i = 0; i < 400; i++) {
          outcomes.push(say(roomId, outcomes.length));
          if (i % 3 === 0) void say(other, outcomes.length);
        }
      };
      if (how !== 'locked') sayMany();
      if (how === 'free') sayMany();
      else
        await withLock(roomId, async () => {
          sayMany();
          await expect.poll(busyRooms).toBe(1);
          sayMany();
        });
      const numbers = (await Promise.all(outcomes)).map(({ roomSeq }) => roomSeq);
      expect(numbers).toEqual(numbers.map((_, i) => i + 4));
    },
  );
});
