import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { messageSatellites } from '../src/capabilities.ts';
import { eraseFromMessages } from '../src/messages/satellites.ts';
import { MAX_PINS } from '../src/pins/pins.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';
import { openServices } from './harness/services.ts';

let database: TestDatabase;
let node: TestNode;
let people: Record<'ada' | 'bob' | 'cyd', Person>;
let roomId: string;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    env: { POSTS_PER_SECOND: '10000', CHANGES_PER_SECOND: '10000', CHANGES_BURST: '10000' },
  });
  people = await signUpAll(node, 'ada', 'bob', 'cyd');
  roomId = await people.ada.createRoom('the hall');
  await people.bob.join(roomId);
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

const PINNED = 'roomSeq message { isPinned pinnedBy { username } }';
const pin = (by: Person, messageId: string) => by.change('pinMessage', { messageId }, PINNED);
const unpin = (by: Person, messageId: string) => by.change('unpinMessage', { messageId }, PINNED);
const say = async (by = people.ada, text = 'well?') => (await by.say(roomId, text)).message.id as string;

async function pinnedFor(person: Person, id = roomId): Promise<string[]> {
  const query = 'query ($id: ID!) { room(id: $id) { pinnedMessages(first: 100) { nodes { id } } } }';
  const { data } = await person.ask(query, { id });
  return data.room.pinnedMessages.nodes.map((message: { id: string }) => message.id);
}

const isPinnedFor = async (person: Person, id: string) =>
  (await person.ask('query ($id: ID!) { node(id: $id) { ... on Message { isPinned } } }', { id })).data.node
    .isPinned;

const eventsOf = async (messageId: string) => {
  const [room, seq] = messageId.split('_').slice(1);
  const rows = await queryRows<{ kind: number }>(
    database.url,
    'SELECT kind::int FROM room_events WHERE room_id = $1 AND subject = $2 AND kind >= 20 ORDER BY room_seq',
    [room, seq],
  );
  return rows.map(({ kind }) => kind);
};

async function unpinAll(): Promise<void> {
  for (const id of await pinnedFor(people.ada)) await unpin(people.ada, id);
}

test('a pin is one event, and the newest pin is listed first', async () => {
  const { ada, bob } = people;
  const [one, two] = [await say(bob), await say()];
  expect(await pin(ada, one)).toMatchObject({
    __typename: 'PinMessageSuccess',
    message: { isPinned: true, pinnedBy: { username: ada.username } },
  });
  await pin(ada, two);
  expect(await pinnedFor(bob)).toEqual([two, one]);
  expect((await pin(ada, one)).__typename).toBe('PinMessageSuccess');
  expect(await eventsOf(one)).toEqual([20]);
  await unpin(ada, one);
  expect(await unpin(ada, one)).toMatchObject({ message: { isPinned: false, pinnedBy: null } });
  expect(await eventsOf(one)).toEqual([20, 21]);
  expect(await pinnedFor(bob)).toEqual([two]);
  await pin(ada, one);
  expect(await pinnedFor(bob)).toEqual([one, two]);
  await unpinAll();
});

test('pages of pins follow each other, and skip no pin while others are removed', async () => {
  const { ada } = people;
  const ids = [await say(), await say(), await say()];
  for (const id of ids) await pin(ada, id);
  const page = async (after: string | null) => {
    const query = `query ($id: ID!, $after: String) { room(id: $id) { pinnedMessages(first: 2, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } } }`;
    return (await ada.ask(query, { id: roomId, after })).data.room.pinnedMessages;
  };
  const first = await page(null);
  expect(first).toMatchObject({ nodes: [{ id: ids[2] }, { id: ids[1] }], pageInfo: { hasNextPage: true } });
  await unpin(ada, ids[1] as string);
  const second = await page(first.pageInfo.endCursor);
  expect(second).toMatchObject({ nodes: [{ id: ids[0] }], pageInfo: { hasNextPage: false } });
  await unpinAll();
});

test('only members with the permission pin, and both members of a direct room', async () => {
  const { ada, bob, cyd } = people;
  const id = await say();
  expect(await pin(bob, id)).toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(await pin(cyd, id)).toMatchObject({ code: 'NOT_FOUND' });
  await pin(ada, id);
  expect(await unpin(bob, id)).toMatchObject({ code: 'PERMISSION_DENIED' });
  await ada.change('changeMemberRole', { roomId, userId: bob.userId, role: 'MODERATOR' });
  expect(await unpin(bob, id)).toMatchObject({ message: { isPinned: false } });
  await ada.change('changeMemberRole', { roomId, userId: bob.userId, role: 'MEMBER' });

  const direct = await ada.change(
    'openDirectRoom',
    { userIds: [bob.userId] },
    'room { id viewerPermissions }',
  );
  expect(direct.room.viewerPermissions).toEqual(['SEND_MESSAGES', 'PIN_MESSAGES']);
  const said = (await ada.say(direct.room.id, 'between us')).message.id;
  expect(await pin(bob, said)).toMatchObject({ message: { isPinned: true } });
  expect(await pinnedFor(ada, direct.room.id)).toEqual([said]);
});

test('a deleted message loses its pin, and cannot be pinned', async () => {
  const { ada } = people;
  const id = await say();
  await pin(ada, id);
  await ada.change('deleteMessage', { messageId: id });
  expect(await isPinnedFor(ada, id)).toBe(false);
  expect(await pinnedFor(ada)).toEqual([]);
  expect(await pin(ada, id)).toMatchObject({ code: 'CONFLICT' });
  expect(await unpin(ada, id)).toMatchObject({ __typename: 'UnpinMessageSuccess' });
  expect(await eventsOf(id)).toEqual([20]);
  expect(await queryRows(database.url, 'SELECT 1 FROM pins WHERE room_id = $1', [numberIn(roomId)])).toEqual(
    [],
  );
});

test('a stream shows pins as of the event or later', async () => {
  const { ada, bob } = people;
  const id = await say();
  const query = `subscription ($id: ID!) { room(id: $id) { __typename ... on RoomEvent { cursor actor { username } }
    ... on MessagePinned { message { id isPinned } } } }`;
  const feed = await openFeed(node.wsUrl, bob.token, query, { id: roomId }, 'room');
  await feed.next('StreamReady');
  await pin(ada, id);
  const pinned = await feed.next('MessagePinned');
  expect(pinned).toMatchObject({ actor: { username: ada.username }, message: { id, isPinned: true } });
  feed.close();
  await unpinAll();
});

test('the limit of pins is exact, however many are pinned at once', async () => {
  const { ada } = people;
  const ids: string[] = [];
  for (let i = 0; i < MAX_PINS + 5; i++) ids.push(await say());
  const answers = await Promise.all(ids.map((id) => pin(ada, id)));
  const refused = answers.filter(({ __typename }) => __typename === 'ConflictError');
  expect(refused).toHaveLength(5);
  expect(await pinnedFor(ada)).toHaveLength(MAX_PINS);
  await Promise.all((await pinnedFor(ada)).map((id) => unpin(ada, id)));
  expect(await pinnedFor(ada)).toEqual([]);
});

test('many pins and removals of one message at once leave what the last event says', async () => {
  const { ada } = people;
  const id = await say();
  await Promise.all(Array.from({ length: 41 }, (_, i) => (i % 2 === 0 ? pin(ada, id) : unpin(ada, id))));
  const events = await eventsOf(id);
  expect(events.every((kind, i) => kind === (i % 2 === 0 ? 20 : 21))).toBe(true);
  expect(await isPinnedFor(ada, id)).toBe(events.at(-1) === 20);
  await unpinAll();
});

test('members see the pins of their visible history only, and others none', async () => {
  const { ada, bob, cyd } = people;
  const id = await say();
  await pin(ada, id);
  expect(await pinnedFor(bob)).toEqual([id]);
  const query = 'query ($id: ID!) { room(id: $id) { pinnedMessages { nodes { id } } } }';
  expect((await cyd.ask(query, { id: roomId })).data.room.pinnedMessages).toBeNull();
  await execute(
    database.url,
    `UPDATE memberships SET visible_from_seq = 1000000 WHERE room_id = ${numberIn(roomId)} AND user_id = ${numberIn(bob.userId)}`,
  );
  expect(await pinnedFor(bob)).toEqual([]);
  expect(await pin(bob, id)).toMatchObject({ code: 'NOT_FOUND' });
  expect(await pinnedFor(ada)).toEqual([id]);
});

test('the pin of an erased user stays', async () => {
  const { ada } = people;
  const before = await pinnedFor(ada);
  expect(before.length).toBeGreaterThan(0);
  const services = await openServices(database.url);
  try {
    await eraseFromMessages(services.node.db.write, messageSatellites);
  } finally {
    await services.close();
  }
  expect(await pinnedFor(ada)).toEqual(before);
});
