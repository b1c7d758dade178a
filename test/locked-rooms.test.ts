import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createDatabase, queryRows, type TestDatabase } from './harness/database.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp, signUpAll } from './harness/people.ts';
import { type Redis, startRedis } from './harness/redis.ts';

// Another session holds the lock of a room: an operator in psql, or a transaction that hangs. Other rooms must not be
// affected.

// Longer than a test: an answer before the end of the lock did not wait for it.
const PATIENT_MS = 60_000;
const IMPATIENT_MS = 2_000;
const env = {
  ...Object.fromEntries(
    ['POSTS', 'CHANGES'].flatMap((what) => [
      [`${what}_PER_SECOND`, '100000'],
      [`${what}_BURST`, '100000'],
    ]),
  ),
};

let database: TestDatabase;
let node: TestNode;
/** With the same database and a short deadline. */
let impatient: TestNode;
let redis: Redis;
let holder: pg.Client;
let ada: Person;
let free: string;

beforeAll(async () => {
  [database, redis] = await Promise.all([createDatabase(), startRedis()]);
  const start = (deadlineMs: number) =>
    startNode({
      databaseUrl: database.url,
      redisUrl: redis.url,
      env: { ...env, WRITE_DEADLINE_MS: String(deadlineMs) },
    });
  [node, impatient] = [await start(PATIENT_MS), await start(IMPATIENT_MS)];
  ada = await signUp(node, 'ada');
  free = await ada.createRoom('free');
});

afterAll(async () => {
  await Promise.all([node?.stop(), impatient?.stop()]);
  await redis?.stop();
  await database?.drop();
});

beforeEach(async () => {
  holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
});

afterEach(() => holder.end());

/** Holds the lock until `release`, whatever else fails. */
async function lock(sql: string, values: unknown[]): Promise<void> {
  await holder.query('BEGIN');
  await holder.query(sql, values);
}

const lockRooms = (...rooms: string[]) =>
  lock('SELECT 1 FROM room_heads WHERE room_id = ANY ($1) FOR UPDATE', [rooms.map(numberIn)]);
const release = () => holder.query('ROLLBACK');

interface Sent {
  readonly __typename: string;
  readonly code?: string;
  readonly retryAfterMs?: number;
  readonly roomSeq?: number;
  readonly replayed?: boolean;
}

async function mutate(person: Person, name: string, input: object, fields = 'roomSeq'): Promise<Sent> {
  const Name = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const { data, errors } = await person.ask(
    `mutation ($input: ${Name}Input!) { ${name}(input: $input) { __typename ... on ${Name}Success { ${fields} }
       ... on UserError { code } ... on UnavailableError { retryAfterMs } } }`,
    { input },
  );
  if (errors.length > 0) throw new Error(`${name}: ${JSON.stringify(errors)}`);
  return data[name];
}

const post = (roomId: string, text: string, idempotencyKey: string = randomUUID(), by = ada) =>
  mutate(by, 'sendMessage', { roomId, text, idempotencyKey }, 'roomSeq replayed');

const busyRooms = async () => (await node.metrics())['parley_busy_rooms'];

/** Keeps count of the answers. */
function counted(answers: readonly Promise<Sent>[]) {
  const counter = { answered: 0, all: Promise.all(answers) };
  for (const answer of answers) void answer.finally(() => counter.answered++).catch(() => undefined);
  return counter;
}

const succeed = (answers: readonly Sent[]) =>
  expect([...new Set(answers.map(({ __typename }) => __typename.replace(/^.*Success$/, 'Success')))]).toEqual(
    ['Success'],
  );
const refused = { __typename: 'UnavailableError', code: 'UNAVAILABLE', retryAfterMs: 1_000 };

test('posts of other rooms are answered while the lock is held', async () => {
  const rooms = [
    await ada.createRoom('held 1'),
    await ada.createRoom('held 2'),
    await ada.createRoom('held 3'),
  ];
  await lockRooms(...rooms);
  const held = counted(rooms.map((roomId) => post(roomId, 'held')));
  for (let round = 0; round < 5; round++)
    succeed(await Promise.all(Array.from({ length: 20 }, (_, i) => post(free, `free ${round}.${i}`))));
  expect(held.answered, 'of the posts into rooms that are locked').toBe(0);
  expect(await node.metrics()).toMatchObject({ parley_busy_rooms: 3 });
  await release();
  succeed(await held.all);
  expect(await node.metrics()).toMatchObject({ parley_busy_rooms: 0 });
});

test('posts and changes of a locked room are refused in time, and can be repeated', async () => {
  const roomId = await ada.createRoom('refusing');
  const messageId = (await ada.say(roomId, 'to be changed')).message.id;
  const there = ada.via(impatient);
  await lockRooms(roomId);
  const keys = Array.from({ length: 5 }, () => randomUUID());
  const attempts = () => [
    ...keys.map((key) => post(roomId, 'held', key, there)),
    mutate(there, 'editMessage', { messageId, text: 'edited' }),
    mutate(there, 'updateProfile', { displayName: 'Ada' }, '__typename'),
  ];
  for (const answer of await Promise.all(attempts())) expect(answer).toEqual(refused);
  await release();
  succeed(await Promise.all(attempts()));
  succeed(await Promise.all(attempts()));
  const stored = await queryRows<{ count: number }>(
    database.url,
    'SELECT count(*)::int AS count FROM messages WHERE room_id = $1 AND idempotency_key = ANY ($2)',
    [numberIn(roomId), keys],
  );
  expect(stored).toEqual([{ count: keys.length }]);
});

test('what waits for a room is stored as soon as the lock is gone, each post once', async () => {
  const roomId = await ada.createRoom('queue');
  await lockRooms(roomId);
  const texts = Array.from({ length: 300 }, (_, i) => `${i}`);
  const feed = await ada.watch(roomId);
  await feed.next('StreamReady');
  const held = counted(texts.map((text) => post(roomId, text, `key ${text}`)));
  succeed([await post(free, 'meanwhile')]);
  await expect.poll(busyRooms).toBe(1);
  expect(held.answered).toBe(0);
  await release();
  const answers = await held.all;
  succeed(answers);
  expect(new Set(answers.map(({ roomSeq }) => roomSeq)).size).toBe(300);
  const stored = await feed.texts(300);
  expect(stored.toSorted()).toEqual(texts.toSorted());
  feed.close();
});

test('other changes of a locked room wait, too, and leave the connections to those of other rooms', async () => {
  const { bob, cleo } = await signUpAll(node, 'bob', 'cleo');
  const [held, other] = [await ada.createRoom('held'), await ada.createRoom('other')];
  const message = async (roomId: string) => (await ada.say(roomId, 'to be changed')).message.id;
  const [heldMessage, otherMessage] = [await message(held), await message(other)];
  await lockRooms(held);
  const changes = counted([
    ...Array.from({ length: 12 }, (_, i) =>
      mutate(ada, 'editMessage', { messageId: heldMessage, text: `${i}` }),
    ),
    mutate(ada, 'deleteMessage', { messageId: heldMessage }),
    mutate(bob, 'joinRoom', { roomId: held }),
    mutate(ada, 'addMembers', { roomId: held, userIds: [cleo.userId] }),
    mutate(ada, 'updateRoom', { roomId: held, name: 'renamed' }),
    mutate(ada, 'archiveRoom', { roomId: held }),
  ]);
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all([
      mutate(ada, 'editMessage', { messageId: otherMessage, text: `${round}` }),
      mutate(bob, 'joinRoom', { roomId: other }),
      mutate(ada, 'addMembers', { roomId: other, userIds: [cleo.userId] }),
      mutate(ada, 'createRoom', { name: 'new', kind: 'PUBLIC', idempotencyKey: randomUUID() }),
      post(other, `${round}`),
    ]);
    succeed(answers);
  }
  expect(changes.answered, 'of the changes of the locked room').toBe(0);
  await release();
  await changes.all;
});

test('however many rooms are locked, the node waits for them with one connection for posts and one for changes', async () => {
  const rooms = await Promise.all(Array.from({ length: 6 }, (_, i) => ada.createRoom(`locked ${i}`)));
  const messages = await Promise.all(rooms.map((roomId) => ada.say(roomId, 'a message')));
  await lockRooms(...rooms);
  const held = counted([
    ...rooms.flatMap((roomId) => [post(roomId, 'one'), post(roomId, 'two')]),
    ...messages.map(({ message }) => mutate(ada, 'editMessage', { messageId: message.id, text: 'edited' })),
  ]);
  await expect.poll(busyRooms).toBe(6);
  const waitingNow = () =>
    queryRows<{ pool: string; count: number }>(
      database.url,
      `SELECT application_name AS pool, count(*)::int AS count FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock' GROUP BY 1`,
    );
  const most = async () => {
    const looks: number[] = [];
    for (let look = 0; look < 50; look++) looks.push(...(await waitingNow()).map(({ count }) => count));
    return Math.max(...looks);
  };
  // Each change takes a connection once before it is known that its room is locked.
  await expect.poll(most).toBe(1);
  expect(held.answered).toBe(0);
  await release();
  succeed(await held.all);
});

test('messages of other rooms expire while the lock is held', async () => {
  const [held, other] = [await ada.createRoom('held'), await ada.createRoom('other')];
  for (const roomId of [held, other])
    await mutate(ada, 'updateRoom', { roomId, messageLifetimeSeconds: 3_600 });
  // As many as one look takes.
  succeed(await Promise.all(Array.from({ length: 256 }, (_, i) => post(held, `${i}`))));
  const feed = await ada.watch(other);
  await feed.next('StreamReady');
  succeed([await post(other, 'it expires')]);
  const heldFeed = await ada.watch(held);
  await heldFeed.next('StreamReady');
  await lockRooms(held);
  for (const [roomId, ago] of [
    [held, '2 minutes'],
    [other, '1 minute'],
  ] as const)
    for (const table of ['messages', 'message_expiries'])
      await queryRows(
        database.url,
        `UPDATE ${table} SET expires_at = now() - $2::interval WHERE room_id = $1`,
        [numberIn(roomId), ago],
      );
  await feed.next('MessageDeleted');
  await release();
  for (let i = 0; i < 256; i++) await heldFeed.next('MessageDeleted');
  for (const each of [feed, heldFeed]) each.close();
});

test('a key that is known is answered though the room is locked', async () => {
  const roomId = await ada.createRoom('known');
  const first = await post(roomId, 'said before', 'known key');
  await lockRooms(roomId);
  const held = counted([post(roomId, 'new')]);
  expect(await post(roomId, 'said before', 'known key')).toEqual({ ...first, replayed: true });
  expect(held.answered).toBe(0);
  await release();
  succeed(await held.all);
});

test('a lock of something else than the room holds up that room alone', async () => {
  const dora = await signUp(node, 'dora');
  const direct = (await ada.change('openDirectRoom', { userIds: [dora.userId] }, 'room { id }')).room.id;
  await lock('SELECT 1 FROM account_heads WHERE user_id = $1 FOR UPDATE', [numberIn(dora.userId)]);
  // The first message of a direct room informs the other member, which takes the lock of the account.
  const held = counted([post(direct, 'hello'), post(direct, 'again')]);
  for (let round = 0; round < 3; round++)
    succeed(await Promise.all(Array.from({ length: 5 }, (_, i) => post(free, `${round}.${i}`))));
  expect(held.answered).toBe(0);
  await release();
  succeed(await held.all);
});

test('a new name waits for all rooms of the person, but holds none of them for long', async () => {
  const [held, other] = [await ada.createRoom('held'), await ada.createRoom('other')];
  await lockRooms(held);
  const renamed = counted([mutate(ada, 'updateProfile', { displayName: 'Ada' }, '__typename')]);
  for (let i = 0; i < 10; i++) succeed([await post(other, `${i}`)]);
  expect(renamed.answered).toBe(0);
  await release();
  succeed(await renamed.all);
});
