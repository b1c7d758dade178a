import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { type Feed, openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';
import { Random } from './realtime/convergence/random.ts';
import { NUMBERS, type Numbers, queried, recounted, TOTALS } from './unread/numbers.ts';
import { markRead, markUnread, Play } from './unread/play.ts';

// What is pushed is what is queried is what a recount says.

let database: TestDatabase;
let nodes: TestNode[];
let near: TestNode;

const env = {
  POSTS_PER_SECOND: '10000',
  CHANGES_PER_SECOND: '10000',
  CHANGES_BURST: '10000',
  COST_PER_SECOND: '1000000000',
  COST_BURST: '1000000000',
  REGISTRATIONS_PER_HOUR: '1000',
};

beforeAll(async () => {
  database = await createDatabase();
  const options = { databaseUrl: database.url, redisUrl: inject('redisUrl'), env };
  nodes = await Promise.all([startNode(options), startNode(options)]);
  near = nodes[0] as TestNode;
});

afterAll(async () => {
  await Promise.all((nodes ?? []).map((node) => node.stop()));
  await database?.drop();
});

// -- asking, counting, following -------------------------------------------------------------------

const FOLLOW = `subscription { inbox { __typename
  ... on RoomEvent { cursor roomSeq ${TOTALS} room { ${NUMBERS} } }
  ... on AccountEvent { cursor accountSeq ${TOTALS} }
  ... on RoomAccessGranted { room { ${NUMBERS} } }
  ... on ReadStateChanged { room { ${NUMBERS} } }
  ... on StreamReady { cursor } } }`;

async function follow(person: Person): Promise<Feed> {
  const feed = await openFeed(person.node.wsUrl, person.token, FOLLOW, {}, 'inbox');
  await feed.next('StreamReady');
  return feed;
}

const rowsOf = <Row>(statement: string, values: readonly unknown[]) =>
  queryRows<Row>(database.url, statement, values);

/** The last word of a stream on a room, and on all of them. */
function pushed({ items }: Feed, roomId: string): Numbers | null {
  const item = items.findLast(({ room }) => room?.id === roomId);
  if (!item) return null;
  const { id: _id, ...numbers } = item['room'];
  return numbers;
}

const pushedTotals = ({ items }: Feed) => items.findLast((item) => item['viewerUnread'])?.['viewerUnread'];

async function expectExact(person: Person, feeds: readonly Feed[]): Promise<void> {
  const { cursor: _, ...truth } = await queried(person);
  expect(truth).toEqual(await recounted(rowsOf, person));
  const { rooms, totals } = truth;
  for (const feed of feeds) {
    const told = [...rooms].filter(([id]) => pushed(feed, id));
    await expect
      .poll(() => told.map(([id]) => [id, pushed(feed, id)] as const), { timeout: 60_000 })
      .toEqual(told);
    if (told.length > 0) await expect.poll(() => pushedTotals(feed), { timeout: 60_000 }).toEqual(totals);
  }
}

async function hallOf(...names: string[]) {
  const people = Object.values(await signUpAll(near, ...names));
  const roomId = await (people[0] as Person).createRoom('the hall');
  for (const person of people.slice(1)) await person.join(roomId);
  return { roomId, people: people as [Person, Person, ...Person[]] };
}

// -- examples --------------------------------------------------------------------------------------

describe('marks', () => {
  test('are moved forwards by reading and sending, backwards by markUnread alone', async () => {
    const {
      roomId,
      people: [ada, bob],
    } = await hallOf('ada', 'bob');
    for (const text of ['one', 'two', 'three']) await ada.say(roomId, text);
    expect(await markRead(bob, roomId, 2)).toMatchObject({
      room: { viewerReadSeq: 2, viewerUnreadCount: 1 },
      membership: { readSeq: 2, deliveredSeq: 2 },
    });
    expect(await markRead(bob, roomId, 1)).toMatchObject({ room: { viewerReadSeq: 2 } });
    expect(await markUnread(bob, roomId, 3)).toMatchObject({ room: { viewerReadSeq: 2 } });
    expect(await markUnread(bob, roomId, 1)).toMatchObject({
      room: { viewerReadSeq: 0, viewerUnreadCount: 3 },
      membership: { readSeq: 0, deliveredSeq: 2 },
    });
    await bob.say(roomId, 'four');
    expect((await queried(bob)).rooms.get(roomId)).toEqual({
      viewerReadSeq: 4,
      viewerUnreadCount: 0,
      viewerUnreadMentionCount: 0,
    });
  });

  test('that change nothing are no events', async () => {
    const {
      roomId,
      people: [ada, bob],
    } = await hallOf('ada', 'bob');
    await ada.say(roomId, 'one');
    const first = await markRead(bob, roomId, 1);
    expect(await markRead(bob, roomId, 1)).toEqual(first);
    expect(await markRead(bob, roomId, 0)).toEqual(first);
    const { data } = await bob.ask(
      'mutation { markAllRead { ... on MarkAllReadSuccess { roomCount accountSeq } } }',
    );
    expect(data.markAllRead).toEqual({ roomCount: 0, accountSeq: first.accountSeq });
  });

  test('reach all devices of the user, on every node, and nobody else', async () => {
    const {
      roomId,
      people: [ada, bob],
    } = await hallOf('ada', 'bob');
    const far = bob.via(nodes[1] as TestNode);
    const feeds = await Promise.all([follow(bob), follow(bob), follow(far)]);
    const others = await follow(ada);
    await ada.say(roomId, 'one');
    await markRead(bob, roomId, 1);
    for (const feed of feeds)
      expect(await feed.next('ReadStateChanged')).toMatchObject({
        room: { viewerReadSeq: 1, viewerUnreadCount: 0 },
        viewerUnread: { messages: 0, mentions: 0, rooms: 0 },
      });
    await ada.say(roomId, 'two');
    for (const feed of feeds)
      expect(await feed.next('MessageCreated')).toMatchObject({
        room: { viewerReadSeq: 1, viewerUnreadCount: 1 },
        viewerUnread: { messages: 1, mentions: 0, rooms: 1 },
      });
    await others.next('MessageCreated');
    await others.next('MessageCreated');
    expect(others.items.map(({ __typename }) => __typename)).not.toContain('ReadStateChanged');
    for (const feed of [...feeds, others]) feed.close();
  });

  test('wait for who was away', async () => {
    const {
      roomId,
      people: [ada, bob],
    } = await hallOf('ada', 'bob');
    const before = await follow(bob);
    const cursor = before.items[0]?.cursor;
    before.close();
    await ada.say(roomId, 'one');
    await markRead(bob, roomId, 1);
    const after = FOLLOW.replace('inbox', `inbox(after: "${cursor}")`);
    const feed = await openFeed(near.wsUrl, bob.token, after, {}, 'inbox');
    await feed.next('StreamReady');
    expect(feed.items.map(({ __typename }) => __typename)).toEqual([
      'MessageCreated',
      'ReadStateChanged',
      'StreamReady',
    ]);
    await expectExact(bob, [feed]);
    feed.close();
  });

  test('lie inside the room', async () => {
    const {
      roomId,
      people: [ada, bob],
    } = await hallOf('ada', 'bob');
    await ada.say(roomId, 'one');
    const refused = (path: string) => ({ __typename: 'ValidationError', path: ['input', path] });
    expect(await markRead(bob, roomId, 2)).toMatchObject(refused('upToSeq'));
    expect(await markRead(bob, roomId, -1)).toMatchObject(refused('upToSeq'));
    expect(await markUnread(bob, roomId, 0)).toMatchObject(refused('fromSeq'));
    expect(await markUnread(bob, roomId, 3)).toMatchObject(refused('fromSeq'));
    const { eve } = await signUpAll(near, 'eve');
    for (const mark of [markRead, markUnread])
      expect(await mark(eve as Person, roomId, 1)).toMatchObject({ __typename: 'NotFoundError' });
  });
});

describe('what has arrived', () => {
  const ack = (by: Person, cursor: string | undefined) =>
    by.change('ackDelivered', { cursor: cursor ?? 'none' }, 'roomCount');
  const delivered = async (person: Person, roomId: string) => {
    const query = 'query ($id: ID!) { room(id: $id) { viewerMembership { readSeq deliveredSeq } } }';
    return (await person.ask(query, { id: roomId })).data.room.viewerMembership;
  };

  test('is acknowledged by the cursor of the inbox, in all rooms at once', async () => {
    const {
      roomId,
      people: [ada, bob],
    } = await hallOf('ada', 'bob');
    const other = await ada.createRoom('another');
    await bob.join(other);
    const feed = await follow(bob);
    await ada.say(roomId, 'one');
    await ada.say(other, 'two');
    const { cursor } = await feed.next('MessageCreated');
    const { cursor: last } = await feed.next('MessageCreated');
    await ada.say(roomId, 'not yet seen');
    expect(await ack(bob, cursor)).toMatchObject({ roomCount: 1 });
    expect(await ack(bob, last)).toMatchObject({ roomCount: 1 });
    expect(await ack(bob, last)).toMatchObject({ roomCount: 0 });
    for (const id of [roomId, other])
      expect(await delivered(bob, id)).toEqual({ readSeq: 0, deliveredSeq: 1 });
    feed.close();
  });

  test("is not acknowledged by another's cursor, or by none", async () => {
    const {
      people: [ada, bob],
    } = await hallOf('ada', 'bob');
    const { data } = await ada.ask('{ viewer { inboxCursor } }');
    for (const cursor of [data.viewer.inboxCursor, 'none'])
      expect(await ack(bob, cursor)).toMatchObject({
        __typename: 'ValidationError',
        path: ['input', 'cursor'],
      });
  });
});

test('a mark that was moved back does not count own messages, and forgets those that are deleted', async () => {
  const {
    roomId,
    people: [ada, bob],
  } = await hallOf('ada', 'bob');
  const feeds = await Promise.all([follow(bob), follow(bob.via(nodes[1] as TestNode))]);
  const ids: string[] = [];
  for (let n = 1; n <= 6; n++) ids.push((await (n % 2 ? ada : bob).say(roomId, `${n}`)).message.id);
  await markUnread(bob, roomId, 1);
  await expectExact(bob, feeds);
  await bob.change('deleteMessage', { messageId: ids[3] });
  await ada.change('deleteMessage', { messageId: ids[4] });
  await expectExact(bob, feeds);
  await markRead(bob, roomId, 2);
  await expectExact(bob, feeds);
  await bob.change('deleteMessage', { messageId: ids[5] });
  await bob.change('deleteMessage', { messageId: ids[1] });
  await markUnread(bob, roomId, 2);
  await expectExact(bob, feeds);
  for (const feed of feeds) feed.close();
});

test('mentions from before a member left count again after markUnread', async () => {
  const {
    roomId,
    people: [ada, bob, cyd],
  } = await hallOf('ada', 'bob', 'cyd');
  for (const person of [bob, cyd as Person]) await ada.say(roomId, `@${person.username}, @room`);
  await ada.say(roomId, `@${bob.username}`);
  await bob.change('leaveRoom', { roomId });
  await bob.join(roomId);
  const feed = await follow(bob);
  expect(await markUnread(bob, roomId, 1)).toMatchObject({ room: { viewerUnreadCount: 3 } });
  await expectExact(bob, [feed]);
  feed.close();
});

test('messages before the visible part of the history do not count', async () => {
  const {
    roomId,
    people: [ada, bob],
  } = await hallOf('ada', 'bob');
  const ids: string[] = [];
  for (let n = 1; n <= 5; n++) ids.push((await ada.say(roomId, `${n}`)).message.id);
  await execute(
    database.url,
    `UPDATE memberships SET visible_from_seq = 4 WHERE room_id = ${numberIn(roomId)} AND user_id = ${numberIn(bob.userId)}`,
  );
  const feed = await follow(bob);
  await ada.change('deleteMessage', { messageId: ids[1] });
  await expectExact(bob, [feed]);
  await ada.change('deleteMessage', { messageId: ids[4] });
  await expectExact(bob, [feed]);
  feed.close();
});

test('the first unread message is that behind the mark, for who only reads', async () => {
  const {
    roomId,
    people: [ada, bob],
  } = await hallOf('ada', 'bob');
  for (let n = 1; n <= 5; n++) await ada.say(roomId, `${n}`);
  await markRead(bob, roomId, 3);
  const query =
    'query ($id: ID!) { room(id: $id) { messages(around: { firstUnread: true }, first: 1) { nodes { text } } } }';
  expect((await bob.ask(query, { id: roomId })).data.room.messages.nodes).toEqual([{ text: '4' }]);
});

test("in the stream of one room the viewer's numbers are null: the inbox carries them", async () => {
  const {
    roomId,
    people: [ada, bob],
  } = await hallOf('ada', 'bob');
  const document = `subscription ($id: ID!) { room(id: $id) { __typename ... on RoomEvent { ${TOTALS} room { ${NUMBERS} } } } }`;
  const feed = await openFeed(near.wsUrl, bob.token, document, { id: roomId }, 'room');
  await feed.next('StreamReady');
  await ada.say(roomId, 'one');
  expect(await feed.next('MessageCreated')).toMatchObject({
    viewerUnread: { messages: null, mentions: null, rooms: null },
    room: { viewerReadSeq: null, viewerUnreadCount: null, viewerUnreadMentionCount: null },
  });
  feed.close();
});

// -- whatever happens ------------------------------------------------------------------------------

const seed = Number(process.env['UNREAD_SEED'] ?? Date.now() % 1_000_000_000);
const rounds = Number(process.env['UNREAD_ROUNDS'] ?? 12);
const AT_ONCE = 12;

test(
  `pushed, queried and recounted are the same after everything that happens (UNREAD_SEED=${seed})`,
  async () => {
    const random = new Random(seed);
    const names = ['ada', 'bob', 'cyd', 'dan'];
    const { owner, ...others } = await signUpAll(near, 'owner', ...names);
    const rooms = [
      await (owner as Person).createRoom('a hall'),
      await (owner as Person).createRoom('a corner'),
    ];
    const people = [...Object.values(others), owner as Person];
    for (const person of people) for (const roomId of rooms) await person.join(roomId);
    const feeds = await Promise.all(
      people.map((person) => Promise.all([follow(person), ...nodes.map((node) => follow(person.via(node)))])),
    );
    const play = new Play(random, people, rooms);
    const anywhere = (person: Person) => person.via(random.pick(nodes));
    for (let round = 0; round < rounds; round++) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => play.act(anywhere)));
      await Promise.all(people.map((person, i) => expectExact(person, feeds[i] as Feed[])));
    }
    for (const feed of feeds.flat()) feed.close();
  },
  60_000 + rounds * 20_000,
);
