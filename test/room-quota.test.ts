import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { createDatabase, queryRows } from './harness/database.ts';
import { startNode } from './harness/node.ts';
import { signUp } from './harness/people.ts';

const FULL = {
  __typename: 'ConflictError',
  detail: expect.stringMatching(/You have reached the limit of rooms/),
};
const OTHERS_FULL = {
  __typename: 'ConflictError',
  detail: expect.stringMatching(/One of these users has reached the limit of rooms/),
  path: ['input', 'userIds'],
};

async function stage() {
  const database = await createDatabase();
  const node = await startNode({ databaseUrl: database.url, env: { MAX_ROOMS_PER_USER: '10' } });
  onTestFinished(async () => {
    await node.stop();
    await database.drop();
  });
  const [ada, bob] = [await signUp(node, 'ada'), await signUp(node, 'bob')];
  const create = (name: string, idempotencyKey = randomUUID() as string) =>
    ada.change('createRoom', { name, kind: 'PUBLIC', idempotencyKey }, 'room { id } replayed');
  return { node, database, ada, bob, create };
}

test('nobody creates or joins more rooms than one person may be in', async () => {
  const { database, node, ada, bob, create } = await stage();
  const eve = await signUp(node, 'eve');
  const rooms: string[] = [];
  for (let i = 0; i < 10; i++) rooms.push((await create(`room ${i}`, `key ${i}`)).room.id);
  expect(await create('one more')).toMatchObject(FULL);
  // A repetition is not counted again.
  expect(await create('room 3', 'key 3')).toMatchObject({ replayed: true });
  expect(await ada.change('joinRoom', { roomId: rooms[0] })).toMatchObject({ __typename: 'JoinRoomSuccess' });

  for (let i = 10; i < 20; i++) rooms.push(await eve.createRoom(`room ${i}`));
  const answers = await Promise.all(rooms.map((roomId) => bob.change('joinRoom', { roomId })));
  expect(answers.filter(({ __typename }) => __typename === 'JoinRoomSuccess')).toHaveLength(10);
  for (const answer of answers)
    if (answer.__typename !== 'JoinRoomSuccess') expect(answer).toMatchObject(FULL);
  const counted = await queryRows<{ count: string }>(
    database.url,
    `SELECT count(*) FROM memberships GROUP BY user_id ORDER BY 1`,
  );
  expect(counted.map(({ count }) => Number(count))).toEqual([10, 10, 10]);

  const left = answers.findIndex(({ __typename }) => __typename === 'JoinRoomSuccess');
  const open = answers.findIndex(({ __typename }) => __typename !== 'JoinRoomSuccess');
  await bob.change('leaveRoom', { roomId: rooms[left] }, 'roomId');
  expect(await bob.change('joinRoom', { roomId: rooms[open] })).toMatchObject({
    __typename: 'JoinRoomSuccess',
  });
});

test('others can add somebody to most of these rooms, not to all', async () => {
  const { node, ada, bob, create } = await stage();
  const eve = await signUp(node, 'eve');
  const rooms: string[] = [];
  for (let i = 0; i < 10; i++) rooms.push((await create(`room ${i}`)).room.id);
  const add = (roomId: string | undefined, ...userIds: string[]) =>
    ada.change('addMembers', { roomId, userIds });
  for (const roomId of rooms.slice(0, 9))
    expect(await add(roomId, bob.userId)).toMatchObject({ __typename: 'AddMembersSuccess' });
  expect(await add(rooms[9], eve.userId, bob.userId)).toMatchObject(OTHERS_FULL);
  expect(await add(rooms[0], eve.userId, bob.userId)).toMatchObject({ __typename: 'AddMembersSuccess' });

  const openDirect = (userId: string) => eve.change('openDirectRoom', { userIds: [userId] }, 'room { id }');
  expect(await openDirect(bob.userId)).toMatchObject(OTHERS_FULL);
  expect(await bob.change('joinRoom', { roomId: rooms[9] })).toMatchObject({ __typename: 'JoinRoomSuccess' });
  expect(await bob.change('openDirectRoom', { userIds: [eve.userId] })).toMatchObject(FULL);
});

test('a direct room that exists can be opened by whoever has all the rooms there are', async () => {
  const { ada, bob, create } = await stage();
  const open = (who: typeof ada, other: typeof ada) =>
    who.change('openDirectRoom', { userIds: [other.userId] }, 'room { id }');
  const { room } = await open(ada, bob);
  for (let i = 0; i < 9; i++) await create(`room ${i}`);
  expect(await create('one more')).toMatchObject(FULL);
  expect(await open(ada, bob)).toEqual({ __typename: 'OpenDirectRoomSuccess', room });
  expect(await open(bob, ada)).toEqual({ __typename: 'OpenDirectRoomSuccess', room });
});
