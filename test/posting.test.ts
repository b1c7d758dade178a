import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './harness/database.ts';

// A post that is alone has a function of its own. It must judge, number and store as the one for batches does.

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

/** The story of a room: answers, and what is stored in the end. */
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

test('a post alone and a batch of one are judged, numbered and stored alike', async () => {
  const direct: number[] = [];
  const [single, batch] = [await story(alone, direct), await story(inBatch, direct)];
  const nameless = (told: unknown) =>
    JSON.parse(JSON.stringify(told).replaceAll(/(friend|stranger)-\d/g, '$1'));
  expect(nameless(single)).toEqual(nameless(batch));
  const { answers } = single as { answers: { status: number }[] };
  expect(answers.map(({ status }) => status)).toEqual([0, 0, 1, 2, 0, 8, 8, 5, 6, 3, 1, 3, 3, 4, 3, 1, 0, 0]);
});
