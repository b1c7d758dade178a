import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp } from './harness/people.ts';

// A new name of a user in thousands of rooms: recorded in each room once, a hundred at a time.

const ROOMS = 5_000;
const SLICE = 100;
const PATIENCE = { timeout: 100_000, interval: 200 };
const MEMBER_UPDATED = 9;

let database: TestDatabase;
let node: TestNode;
let client: pg.Client;
let holder: pg.Client;
let ada: Person;
let rooms: number[];

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url });
  [client, holder] = [new pg.Client(database.url), new pg.Client(database.url)];
  await Promise.all([client.connect(), holder.connect()]);
  ada = await signUp(node, 'ada');
  const { rows } = await client.query(
    `SELECT (create_room($1, 1::smallint, 'room ' || i, NULL, 'key ' || i, md5(i::text)::uuid)).room_id::int AS id
     FROM generate_series(1, ${ROOMS}) i`,
    [numberIn(ada.userId)],
  );
  rooms = rows.map(({ id }) => id).sort((a, b) => a - b);
}, 120_000);

afterAll(async () => {
  await Promise.all([client?.end(), holder?.end()]);
  await node?.stop();
  await database?.drop();
});

const rename = (displayName: string) =>
  ada.change('updateProfile', { displayName }, 'viewer { user { displayName } }');

/** How many rooms recorded the name how often. */
async function told(): Promise<Record<string, number>> {
  const { rows } = await client.query(
    `SELECT times, count(*)::int AS rooms FROM (SELECT h.room_id, count(e.room_id)::int AS times FROM room_heads h
       LEFT JOIN room_events e ON e.room_id = h.room_id AND e.kind = ${MEMBER_UPDATED} GROUP BY h.room_id) t GROUP BY times`,
  );
  return Object.fromEntries(rows.map(({ times, rooms: count }) => [times, count]));
}

async function lockedHeads(): Promise<number> {
  const { rows } = await client.query(
    'SELECT count(*)::int AS free FROM (SELECT FROM room_heads FOR NO KEY UPDATE SKIP LOCKED) h',
  );
  return ROOMS - rows[0].free;
}

test('is told to the first rooms at once and to the others in slices, also when the node dies in between', async () => {
  const middle = rooms[ROOMS / 2] as number;
  await holder.query('BEGIN');
  await holder.query('SELECT FROM room_heads WHERE room_id = $1 FOR UPDATE', [middle]);
  expect((await rename('Dr. Ada')).viewer.user.displayName).toBe('Dr. Ada');
  // It reaches the slice with the locked room, and no further.
  await expect.poll(told, PATIENCE).toEqual({ 0: ROOMS / 2, 1: ROOMS / 2 });
  for (let look = 0; look < 20; look++) expect(await lockedHeads()).toBeLessThanOrEqual(SLICE + 1);
  // Rooms that it has not reached continue.
  await ada.say(`room_${rooms[ROOMS - 1]}`, 'nobody waits');

  await node.kill();
  await holder.query('ROLLBACK');
  node = await startNode({ databaseUrl: database.url });
  ada = ada.via(node);
  await expect.poll(told, PATIENCE).toEqual({ 1: ROOMS });
  // The last slice commits before the renaming ends.
  await expect.poll(async () => (await client.query('SELECT FROM renames')).rowCount, PATIENCE).toBe(0);
}, 120_000);

test('another name in between is told to all of them', async () => {
  const middle = rooms[ROOMS / 2] as number;
  await holder.query('BEGIN');
  await holder.query('SELECT FROM room_heads WHERE room_id = $1 FOR UPDATE', [middle]);
  await rename('Ada L.');
  await expect.poll(told, PATIENCE).toEqual({ 1: ROOMS / 2, 2: ROOMS / 2 });
  const feed = await ada.watch(`room_${rooms[ROOMS - 1]}`);
  await feed.next('StreamReady');
  const again = rename('Ada Lovelace');
  await holder.query('ROLLBACK');
  await again;
  await expect.poll(async () => (await client.query('SELECT FROM renames')).rowCount, PATIENCE).toBe(0);
  const times = Object.keys(await told()).map(Number);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(2);
  const seen = async () => (await feed.next('MemberUpdated'))['membership'].user.displayName;
  for (let name = await seen(); name !== 'Ada Lovelace'; name = await seen());
  feed.close();
}, 120_000);
