import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_SEQ } from '../src/platform/errors.ts';
import { createDatabase, queryRows, type TestDatabase } from './harness/database.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';

// The API has numbers of 31 bits. What could not be read later is refused before anything is stored.

/** Posts end so much before the last number. */
const RESERVE = 10_000;

let database: TestDatabase;
let node: TestNode;
let ada: Person;
let bob: Person;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url });
  ({ ada, bob } = await signUpAll(node, 'ada', 'bob'));
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

interface Head {
  readonly last_room_seq: number;
  readonly last_message_seq: number;
}

/** Sets the numbers as if so many events had happened in the room. */
async function setHead(roomId: string, column: keyof Head, to: number): Promise<void> {
  await queryRows(database.url, `UPDATE room_heads SET ${column} = $2 WHERE room_id = $1`, [
    numberIn(roomId),
    to,
  ]);
}

async function headOf(roomId: string): Promise<Head> {
  const [head] = await queryRows<Head>(
    database.url,
    'SELECT last_room_seq::int, last_message_seq::int FROM room_heads WHERE room_id = $1',
    [numberIn(roomId)],
  );
  return head as Head;
}

const countOf = async (table: string, roomId: string) =>
  (
    await queryRows<{ count: number }>(
      database.url,
      `SELECT count(*)::int AS count FROM ${table} WHERE room_id = $1`,
      [numberIn(roomId)],
    )
  )[0]?.count;

const post = (roomId: string) =>
  ada.change('sendMessage', { roomId, text: 'a message', idempotencyKey: randomUUID() });

const full = { __typename: 'ConflictError', code: 'CONFLICT', detail: expect.stringContaining(`${MAX_SEQ}`) };

test.each(['last_room_seq', 'last_message_seq'] as const)('posts end before %s does', async (column) => {
  const [roomId, other] = [await ada.createRoom('long'), await ada.createRoom('short')];
  await setHead(roomId, column, MAX_SEQ - RESERVE - 1);
  const before = await headOf(roomId);
  expect(await post(roomId)).toMatchObject({ roomSeq: before.last_room_seq + 1 });
  const [messages, events] = [await countOf('messages', roomId), await countOf('room_events', roomId)];

  expect(await post(roomId)).toMatchObject(full);
  const inBatch = await Promise.all([...Array.from({ length: 10 }, () => post(roomId)), post(other)]);
  for (const answer of inBatch.slice(0, -1)) expect(answer).toMatchObject(full);
  expect(inBatch.at(-1)).toMatchObject({ __typename: 'SendMessageSuccess' });
  expect([await countOf('messages', roomId), await countOf('room_events', roomId)]).toEqual([
    messages,
    events,
  ]);
  const { errors } = await ada.ask(
    'query ($id: ID!) { room(id: $id) { lastRoomSeq messages(last: 1) { nodes { seq } } } }',
    { id: roomId },
  );
  expect(errors).toEqual([]);
});

test('the last numbers are for leaving, and for what owners do; then nothing is stored', async () => {
  const roomId = await ada.createRoom('full');
  await bob.join(roomId);
  const message = await ada.say(roomId, 'before');
  await setHead(roomId, 'last_room_seq', MAX_SEQ - 1);
  expect(await bob.change('leaveRoom', { roomId })).toMatchObject({ roomSeq: MAX_SEQ });
  const [memberships, events] = [await countOf('memberships', roomId), await countOf('room_events', roomId)];
  for (const answer of [
    await bob.change('joinRoom', { roomId }),
    await ada.change('editMessage', { messageId: message.message.id, text: 'after' }),
    await ada.change('updateRoom', { roomId, name: 'another name' }),
  ])
    expect(answer).toMatchObject(full);
  expect([await countOf('memberships', roomId), await countOf('room_events', roomId)]).toEqual([
    memberships,
    events,
  ]);
  const { data, errors } = await ada.ask(
    'query ($id: ID!) { room(id: $id) { name isArchived lastRoomSeq } }',
    {
      id: roomId,
    },
  );
  expect(errors).toEqual([]);
  expect(data.room).toEqual({ name: 'full', isArchived: false, lastRoomSeq: MAX_SEQ });
});

test('a person’s own log ends likewise: no membership without its event', async () => {
  const roomId = await ada.createRoom('one more');
  await queryRows(database.url, 'UPDATE account_heads SET last_account_seq = $2 WHERE user_id = $1', [
    numberIn(bob.userId),
    MAX_SEQ,
  ]);
  expect(await bob.change('joinRoom', { roomId })).toMatchObject(full);
  expect(await countOf('memberships', roomId)).toBe(1);
  expect((await node.metrics())['parley_internal_errors_total']).toBe(0);
});
