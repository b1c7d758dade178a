import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { COALESCE_MS } from '../src/eventlog/ephemeral/channel.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { type Feed, type Item, openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';

// How far others have read: asked for with a message, and told beside the log of a room.

let database: TestDatabase;
let node: TestNode;
let far: TestNode;

beforeAll(async () => {
  database = await createDatabase();
  const env = { CHANGES_PER_SECOND: '10000', REGISTRATIONS_PER_HOUR: '1000' };
  const options = { databaseUrl: database.url, redisUrl: inject('redisUrl'), env };
  [node, far] = await Promise.all([startNode(options), startNode(options)]);
});

afterAll(async () => {
  await Promise.all([node?.stop(), far?.stop()]);
  await database?.drop();
});

async function hall() {
  const { ada, bob, cyd } = await signUpAll(node, 'ada', 'bob', 'cyd');
  const roomId = await ada.createRoom('the hall');
  for (const person of [bob, cyd]) await person.join(roomId);
  const { message } = await ada.say(roomId, 'well?');
  return { ada, bob, cyd, roomId, messageId: message.id };
}

const read = (by: Person, roomId: string, upToSeq = 1) =>
  by.change('markRead', { roomId, upToSeq }, 'accountSeq');
const RECEIPTS = 'receipts { memberCount deliveredCount readCount deliveredTo { id } readBy { id } }';

async function receipts(person: Person, id: string) {
  const { data, errors } = await person.ask(
    `query ($id: ID!) { node(id: $id) { ... on Message { ${RECEIPTS} } } }`,
    { id },
  );
  expect(errors).toEqual([]);
  return data.node.receipts;
}

async function marks(person: Person, roomId: string) {
  const query =
    'query ($id: ID!) { room(id: $id) { members { nodes { user { id } readSeq deliveredSeq } } } }';
  const { data } = await person.ask(query, { id: roomId });
  const nodes: { user: { id: string }; readSeq: number }[] = data.room.members.nodes;
  return new Map(nodes.map(({ user, readSeq }) => [user.id, readSeq]));
}

const ids = (...people: Person[]) => people.map(({ userId }) => ({ id: userId }));

describe('the receipts of a message', () => {
  test('count who has received and read it, but its author', async () => {
    const { ada, bob, cyd, roomId, messageId } = await hall();
    expect(await receipts(ada, messageId)).toEqual({
      memberCount: 2,
      deliveredCount: 0,
      readCount: 0,
      deliveredTo: [],
      readBy: [],
    });
    const { data } = await cyd.ask('{ viewer { inboxCursor } }');
    await cyd.change('ackDelivered', { cursor: data.viewer.inboxCursor }, 'roomCount');
    await read(bob, roomId);
    expect(await receipts(ada, messageId)).toEqual({
      memberCount: 2,
      deliveredCount: 2,
      readCount: 1,
      deliveredTo: ids(bob, cyd).toSorted((a, b) => numberIn(a.id) - numberIn(b.id)),
      readBy: ids(bob),
    });
    await bob.say(roomId, 'well!');
    const { message } = await ada.say(roomId, 'so?');
    expect(await receipts(cyd, message.id)).toMatchObject({ readCount: 0 });
  });

  test('are counts alone in rooms of more than a hundred members', async () => {
    const { ada, bob, roomId, messageId } = await hall();
    await read(bob, roomId);
    await execute(
      database.url,
      `INSERT INTO users (username, display_name) SELECT 'crowd' || n, 'crowd' FROM generate_series(1, 120) AS n;
       INSERT INTO memberships (room_id, user_id, role, permission_bits, from_room_seq, joined_at)
       SELECT ${numberIn(roomId)}, u.id, 20, 1, 1, now() FROM users u WHERE u.username LIKE 'crowd%'`,
    );
    expect(await receipts(ada, messageId)).toEqual({
      memberCount: 122,
      deliveredCount: 1,
      readCount: 1,
      deliveredTo: null,
      readBy: null,
    });
  });

  test('are for members', async () => {
    const { messageId } = await hall();
    const { eve } = await signUpAll(node, 'eve');
    const query = 'query ($id: ID!) { node(id: $id) { id } }';
    expect((await eve.ask(query, { id: messageId })).data.node).toBe(null);
  });
});

describe('who does not share them', () => {
  const share = (by: Person, sharesReceipts: boolean) =>
    by.change('updatePrivacy', { sharesReceipts }, 'viewer { sharesReceipts }');
  const shareIn = (by: Person, roomId: string, sharesReceipts: boolean) =>
    by.change('updateRoomPreferences', { roomId, sharesReceipts }, 'room { viewerSharesReceipts }');

  test('is not among the others, sees none, and shows no mark', async () => {
    const { ada, bob, roomId, messageId } = await hall();
    await read(bob, roomId);
    expect(await share(bob, false)).toMatchObject({ viewer: { sharesReceipts: false } });
    expect(await receipts(ada, messageId)).toMatchObject({ memberCount: 1, readCount: 0, readBy: [] });
    expect(await receipts(bob, messageId)).toBe(null);
    expect((await marks(ada, roomId)).get(bob.userId)).toBe(0);
    expect((await marks(bob, roomId)).get(bob.userId)).toBe(1);
    await share(bob, true);
    expect(await receipts(ada, messageId)).toMatchObject({ memberCount: 2, readBy: ids(bob) });
  });

  test('may do so in one room, or in all but one', async () => {
    const { ada, bob, roomId, messageId } = await hall();
    await read(bob, roomId);
    expect(await shareIn(bob, roomId, false)).toMatchObject({ room: { viewerSharesReceipts: false } });
    expect(await receipts(ada, messageId)).toMatchObject({ memberCount: 1 });
    await share(bob, false);
    await shareIn(bob, roomId, true);
    expect(await receipts(ada, messageId)).toMatchObject({ memberCount: 2, readCount: 1 });
    expect(await receipts(bob, messageId)).toMatchObject({ memberCount: 2 });
  });

  test('shows none in events either', async () => {
    const { ada, bob, roomId } = await hall();
    await read(bob, roomId);
    await share(bob, false);
    const document =
      'subscription ($id: ID!) { room(id: $id) { __typename ... on MemberUpdated { membership { readSeq deliveredSeq } } } }';
    const feed = await openFeed(node.wsUrl, ada.token, document, { id: roomId }, 'room');
    await feed.next('StreamReady');
    await ada.change('changeMemberRole', { roomId, userId: bob.userId, role: 'MODERATOR' });
    expect(await feed.next('MemberUpdated')).toMatchObject({ membership: { readSeq: 0, deliveredSeq: 0 } });
    feed.close();
  });
});

describe('beside the log', () => {
  const DOCUMENT = `subscription ($id: ID!, $include: [RoomInclude!]) { room(id: $id, include: $include) { __typename
    ... on ReceiptsChanged { room { id } markers { user { id } readSeq deliveredSeq } } } }`;
  const watch = (person: Person, id: string, include = ['RECEIPTS']) =>
    openFeed(person.node.wsUrl, person.token, DOCUMENT, { id, include }, 'room');
  const markOf = (item: Item, person: Person) =>
    item['markers'].find(({ user }: { user: { id: string } }) => user.id === person.userId);

  /** The next item in which the person has read so far. */
  async function shows(feed: Feed, person: Person, readSeq: number): Promise<Item> {
    for (;;) {
      const item = await feed.next('ReceiptsChanged');
      if (markOf(item, person)?.readSeq === readSeq) return item;
    }
  }

  test('a stream that asks gets all marks at first, and all of them after each move, from every node', async () => {
    const { ada, bob, cyd, roomId } = await hall();
    const feeds = await Promise.all([watch(ada, roomId), watch(ada.via(far), roomId)]);
    for (const feed of feeds) {
      await feed.next('StreamReady');
      const first = await feed.next('ReceiptsChanged');
      expect(first['markers']).toHaveLength(3);
      expect(markOf(first, ada)).toMatchObject({ readSeq: 1, deliveredSeq: 1 });
      expect(markOf(first, bob)).toMatchObject({ readSeq: 0, deliveredSeq: 0 });
    }
    await read(bob, roomId);
    for (const feed of feeds) expect((await shows(feed, bob, 1))['markers']).toHaveLength(3);
    await read(cyd.via(far), roomId);
    for (const feed of feeds) expect(markOf(await shows(feed, cyd, 1), bob)).toMatchObject({ readSeq: 1 });
    for (const feed of feeds) feed.close();
  });

  test('nothing comes to who does not ask, or does not share the own marks; nothing is written to the log', async () => {
    const { ada, bob, cyd, roomId } = await hall();
    await cyd.change('updatePrivacy', { sharesReceipts: false }, 'viewer { sharesReceipts }');
    const [asking, typing, hiding] = await Promise.all([
      watch(ada, roomId, ['RECEIPTS', 'TYPING']),
      watch(ada, roomId, ['TYPING']),
      watch(cyd, roomId),
    ]);
    for (const feed of [asking, typing, hiding]) await feed.next('StreamReady');
    const events = () =>
      queryRows(database.url, 'SELECT room_seq FROM room_events WHERE room_id = $1', [numberIn(roomId)]);
    const before = await events();
    await read(bob, roomId);
    expect((await shows(asking, bob, 1))['markers'].map((each: any) => each.user.id)).not.toContain(
      cyd.userId,
    );
    expect(await events()).toEqual(before);
    await ada.say(roomId, 'the end');
    for (const feed of [asking, typing, hiding]) await feed.next('MessageCreated');
    expect(asking.items.map(({ __typename }) => __typename)).toContain('TypingChanged');
    for (const feed of [typing, hiding])
      expect(feed.items.map(({ __typename }) => __typename)).not.toContain('ReceiptsChanged');
    for (const feed of [asking, typing, hiding]) feed.close();
  });

  test('members who come and go change the marks, and so do those who change what they share', async () => {
    const { ada, bob, cyd, roomId } = await hall();
    const { dan } = await signUpAll(node, 'dan');
    const feed = await watch(ada, roomId);
    await feed.next('StreamReady');
    const counts = async (count: number) => {
      while ((await feed.next('ReceiptsChanged'))['markers'].length !== count);
    };
    await counts(3);
    await dan.via(far).join(roomId);
    await counts(4);
    await cyd.change('leaveRoom', { roomId });
    await counts(3);
    await bob.change('updateRoomPreferences', { roomId, sharesReceipts: false }, 'accountSeq');
    await counts(2);
    await dan.change('updatePrivacy', { sharesReceipts: false }, 'viewer { sharesReceipts }');
    await counts(1);
    await dan.change('updatePrivacy', { sharesReceipts: true }, 'viewer { sharesReceipts }');
    await counts(2);
    feed.close();
  });

  test('a stream that opens beside another one gets the mark of who has sent a message since', async () => {
    const { ada, bob, cyd, roomId } = await hall();
    const first = await watch(ada, roomId);
    await first.next('ReceiptsChanged');
    await bob.say(roomId, 'an answer');
    await first.next('MessageCreated');
    const second = await watch(cyd, roomId);
    await shows(second, bob, 2);
    for (const feed of [first, second]) feed.close();
  });

  test('who reads forty messages one by one is told of by a few items', async () => {
    const { ada, bob, roomId } = await hall();
    for (let n = 2; n <= 40; n++) await ada.say(roomId, `${n}`);
    const feed = await watch(ada, roomId);
    await feed.next('StreamReady');
    const started = performance.now();
    for (let n = 1; n <= 40; n++) await read(bob, roomId, n);
    await shows(feed, bob, 40);
    const items = feed.items.filter(({ __typename }) => __typename === 'ReceiptsChanged');
    // One at first, and for the moves at most one in COALESCE_MS, however slow the machine is.
    expect(items.length).toBeLessThanOrEqual(2 + (performance.now() - started) / COALESCE_MS);
    feed.close();
  });
});
