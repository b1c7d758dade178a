import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { type Feed, type Item, openFeed } from './harness/feed.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp, signUpAll } from './harness/people.ts';
import { type Redis, startRedis } from './harness/redis.ts';

// Typing, as the members of a room see it, on the same node and on another.

let database: TestDatabase;
let redis: Redis;
let one: TestNode;
let two: TestNode;
const env = { MAX_SOCKETS_PER_USER: '1000' };
const options = () => ({ databaseUrl: database.url, redisUrl: redis.url, env });

beforeAll(async () => {
  [database, redis] = await Promise.all([createDatabase(), startRedis()]);
  [one, two] = await Promise.all([startNode(options()), startNode(options())]);
});

afterAll(async () => {
  await Promise.all([one?.stop(), two?.stop()]);
  await redis?.stop();
  await database?.drop();
});

const WATCH = `subscription ($id: ID!, $after: Cursor, $include: [RoomInclude!]) {
  room(id: $id, after: $after, include: $include) {
    __typename
    ... on RoomEvent { roomSeq cursor }
    ... on TypingChanged { userCount users { username displayName } room { id viewerPermissions } }
    ... on StreamReady { cursor }
    ... on Heartbeat { cursor }
  }
}`;

const watch = (person: Person, id: string, more: object = {}) =>
  openFeed(person.node.wsUrl, person.token, WATCH, { id, include: ['TYPING'], ...more }, 'room');

const setTyping = (person: Person, roomId: string, isTyping = true) =>
  person.change('setTyping', { roomId, isTyping }, 'roomId expiresAt');

const namesIn = (item: Item): string[] => item['users'].map((user: Item) => user['displayName']);

/** Reads on until exactly these are typing. */
async function typing(feed: Feed, ...names: string[]): Promise<void> {
  for (;;) {
    const item = await feed.next('TypingChanged');
    expect(item['userCount']).toBe(item['users'].length);
    if (namesIn(item).sort().join() === names.sort().join()) return;
  }
}

async function makeHall() {
  const { ada, bob, eve } = await signUpAll(one, 'ada', 'bob', 'eve');
  const roomId = await ada.createRoom('hall');
  await bob.join(roomId);
  await eve.join(roomId);
  return { ada, bob, eve, roomId };
}

describe('typing', () => {
  test('is shown on every node, the whole set each time, until it is ended or not repeated', async () => {
    const { ada, bob, eve, roomId } = await makeHall();
    const feeds = await Promise.all([watch(eve, roomId), watch(eve.via(two), roomId)]);
    for (const feed of feeds) await typing(feed);
    await setTyping(ada, roomId);
    for (const feed of feeds) await typing(feed, 'ada');
    const done = await setTyping(bob.via(two), roomId);
    expect(done).toMatchObject({ __typename: 'SetTypingSuccess', roomId });
    expect(new Date(done.expiresAt).getTime()).toBeGreaterThan(Date.now());
    for (const feed of feeds) await typing(feed, 'ada', 'bob');
    // Ended on another node than it began on.
    expect(await setTyping(ada.via(two), roomId, false)).toMatchObject({ expiresAt: null });
    for (const feed of feeds) await typing(feed, 'bob');
    for (const feed of feeds) await typing(feed);
    for (const feed of feeds) feed.close();
  });

  test('who begins to watch has the present set first', async () => {
    const { ada, eve, roomId } = await makeHall();
    await setTyping(ada, roomId);
    const here = await watch(eve, roomId);
    expect((await here.next()).__typename).toBe('StreamReady');
    expect(namesIn(await here.next())).toEqual(['ada']);
    const there = await watch(eve.via(two), roomId);
    await typing(there, 'ada');
    for (const feed of [here, there]) feed.close();
  });

  test('ends with the message, and with leaving, wherever they are done', async () => {
    const { ada, bob, eve, roomId } = await makeHall();
    const feeds = await Promise.all([watch(eve, roomId), watch(eve.via(two), roomId)]);
    await Promise.all([setTyping(ada, roomId), setTyping(bob, roomId)]);
    for (const feed of feeds) await typing(feed, 'ada', 'bob');
    await ada.via(two).say(roomId, 'hello');
    for (const feed of feeds) await typing(feed, 'bob');
    await bob.via(two).change('leaveRoom', { roomId });
    for (const feed of feeds) await typing(feed);
    for (const feed of feeds) feed.close();
  });

  test('changes neither cursor nor numbers, and comes only where it is asked for', async () => {
    const { ada, bob, eve, roomId } = await makeHall();
    const [asked, plain] = await Promise.all([watch(eve, roomId), watch(eve, roomId, { include: null })]);
    await asked.next('StreamReady');
    const ready = await plain.next('StreamReady');
    expect(asked.cursor).toBe(ready.cursor);
    await setTyping(ada, roomId);
    await typing(asked, 'ada');
    expect(asked.cursor).toBe(ready.cursor);
    await bob.say(roomId, 'hello');
    const [event] = await asked.events(1);
    expect(await plain.next()).toEqual(event);
    expect(plain.items.some(({ __typename }) => __typename === 'TypingChanged')).toBe(false);
    const resumed = await watch(eve, roomId, { after: ready.cursor });
    expect((await resumed.next('MessageCreated')).roomSeq).toBe(event?.roomSeq);
    expect((await resumed.next()).__typename).toBe('StreamReady');
    for (const feed of [asked, plain, resumed]) feed.close();
  });

  test('is executed once for all who watch', async () => {
    const { ada, eve, roomId } = await makeHall();
    const feeds = await Promise.all(Array.from({ length: 30 }, () => watch(eve.via(two), roomId)));
    for (const feed of feeds) await typing(feed);
    const shared = async () => (await two.metrics())['parley_executions_total{scope="shared"}'] ?? 0;
    const before = await shared();
    await setTyping(ada, roomId);
    for (const feed of feeds) await typing(feed, 'ada');
    expect((await shared()) - before).toBe(1);
    for (const feed of feeds) feed.close();
  });

  test('is for members who may send, and not for others', async () => {
    const { ada, bob, roomId } = await makeHall();
    const stranger = await signUp(one, 'stranger');
    expect(await setTyping(stranger, roomId)).toMatchObject({ __typename: 'NotFoundError' });
    expect(await setTyping(ada, 'room_999999')).toMatchObject({ __typename: 'NotFoundError' });
    const closed = await watch(stranger, roomId);
    expect((await closed.next()).__typename).toBe('StreamClosed');
    await closed.ended();
    expect(closed.items).toHaveLength(1);
    const feed = await watch(bob, roomId);
    await typing(feed);
    await ada.change('removeMember', { roomId, userId: bob.userId });
    await feed.next('MemberLeft');
    await setTyping(ada, roomId);
    await feed.ended();
    expect(feed.items.filter(({ __typename }) => __typename === 'TypingChanged')).toHaveLength(1);
    await ada.change('archiveRoom', { roomId });
    expect(await setTyping(ada, roomId)).toMatchObject({ __typename: 'ConflictError' });
  });

  test('has a limit of its own', async () => {
    const { ada, roomId } = await makeHall();
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => setTyping(ada, roomId)));
    const kinds = new Set(outcomes.map(({ __typename }) => __typename));
    expect(kinds).toEqual(new Set(['SetTypingSuccess', 'RateLimitedError']));
    await ada.say(roomId, 'posts are not limited by it');
  });

  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'of a node that ends by %s ends on all others',
    async (signal) => {
      const three = await startNode(options());
      const { ada, eve, roomId } = await makeHall();
      const feed = await watch(eve.via(two), roomId);
      await typing(feed);
      await setTyping(ada.via(three), roomId);
      await typing(feed, 'ada');
      three.signal(signal);
      await typing(feed);
      if (signal === 'SIGSTOP') {
        three.signal('SIGCONT');
        // The first may be lost with the connections that broke meanwhile: clients repeat it.
        const shown = async () => {
          await setTyping(ada.via(three), roomId);
          return feed.items.at(-1)?.['userCount'];
        };
        await expect.poll(shown, { timeout: 60_000, interval: 2_000 }).toBe(1);
      }
      feed.close();
      await three.kill();
    },
  );

  test('a client that does not read gets the latest, not all that was', async () => {
    const { ada, bob, eve, roomId } = await makeHall();
    const feed = await watch(eve, roomId);
    await typing(feed);
    const other = await watch(bob, roomId);
    await typing(other);
    feed.socket?.pause();
    // More than buffers on the way hold.
    const text = 'x'.repeat(4_000);
    for (let i = 0; i < 5; i++) await ada.say(roomId, text);
    await setTyping(ada, roomId);
    await typing(other, 'ada');
    await typing(other);
    feed.socket?.resume();
    await feed.events(5);
    await setTyping(bob, roomId);
    await typing(feed, 'bob');
    for (const each of [feed, other]) each.close();
  });

  test('without Redis the own node goes on; afterwards all see it again', async () => {
    const { ada, bob, eve, roomId } = await makeHall();
    const feeds = await Promise.all([watch(eve, roomId), watch(eve.via(two), roomId)]);
    const [here, there] = feeds as [Feed, Feed];
    for (const feed of feeds) await typing(feed);
    await redis.kill();
    await setTyping(ada, roomId);
    await typing(here, 'ada');
    await setTyping(bob.via(two), roomId);
    await typing(there, 'bob');
    await redis.restart();
    await expect.poll(async () => (await one.metrics())['parley_bus_healthy'], { timeout: 30_000 }).toBe(1);
    await expect.poll(async () => (await two.metrics())['parley_bus_healthy'], { timeout: 30_000 }).toBe(1);
    // Clients repeat it.
    const shown = async () => {
      await setTyping(eve, roomId);
      const latest = feeds.map(({ items }) =>
        items.findLast(({ __typename }) => __typename === 'TypingChanged'),
      );
      return latest.every((item) => item && namesIn(item).includes('eve'));
    };
    await expect.poll(shown, { timeout: 60_000, interval: 2_000 }).toBe(true);
    for (const feed of feeds) feed.close();
  });
});
