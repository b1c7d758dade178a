import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { numberIn } from '../harness/ids.ts';
import { attemptNode, startNode, type TestNode } from '../harness/node.ts';
import { signUp, signUpAll } from '../harness/people.ts';
import { type Redis, startRedis } from '../harness/redis.ts';

// The same process twice against one PostgreSQL and one Redis is one chat.

let database: TestDatabase;
let redis: Redis;
let one: TestNode;
let two: TestNode;
const env = { POSTS_PER_SECOND: '10000', POSTS_BURST: '10000' };

beforeAll(async () => {
  [database, redis] = await Promise.all([createDatabase(), startRedis()]);
  const options = { databaseUrl: database.url, redisUrl: redis.url, env };
  [one, two] = await Promise.all([startNode(options), startNode(options)]);
});

afterAll(async () => {
  await Promise.all([one?.stop(), two?.stop()]);
  await redis?.stop();
  await database?.drop();
});

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);

describe('two nodes', () => {
  test('are one chat, with Redis, without it, and with it again', async () => {
    const { ada, bob } = await signUpAll(one, 'ada', 'bob');
    const roomId = await ada.createRoom('bridge');
    const there = bob.via(two);
    await there.join(roomId);
    const [room, inbox] = [await there.watch(roomId), await there.watchInbox()];
    await Promise.all([room.next('StreamReady'), inbox.next('StreamReady')]);

    const post = async (from: number, to: number) => {
      for (const text of numbers(from, to)) await ada.say(roomId, text);
    };
    await post(1, 50);
    expect(await room.texts(50)).toEqual(numbers(1, 50));
    expect(await inbox.texts(50)).toEqual(numbers(1, 50));
    expect((await two.metrics())['parley_announcements_total{outcome="accepted"}']).toBeGreaterThanOrEqual(
      50,
    );

    await redis.kill();
    await post(51, 100);
    expect(await room.texts(50)).toEqual(numbers(51, 100));
    expect(await inbox.texts(50)).toEqual(numbers(51, 100));

    await redis.restart();
    await post(101, 150);
    expect(await room.texts(50)).toEqual(numbers(101, 150));
    expect(await inbox.texts(50)).toEqual(numbers(101, 150));
    const seqs = room.items.filter((item) => item.roomSeq).map((item) => item.roomSeq as number);
    expect(seqs).toEqual(Array.from({ length: 150 }, (_, i) => i + (seqs[0] as number)));
    room.close();
    inbox.close();
  });

  test('a client resumes on the other node after its own was killed', async () => {
    const three = await startNode({ databaseUrl: database.url, redisUrl: redis.url, env });
    const { ada, bob } = await signUpAll(one, 'ada', 'bob');
    const roomId = await ada.createRoom('refuge');
    await bob.join(roomId);
    const feeds = [await bob.via(three).watch(roomId), await bob.via(three).watchInbox()];
    for (const feed of feeds) await feed.next('StreamReady');
    await ada.say(roomId, 'one');
    const cursors = [];
    for (const feed of feeds) cursors.push((await feed.next('MessageCreated')).cursor);
    await three.kill();
    await ada.say(roomId, 'two');
    const back = [
      await bob.via(two).watch(roomId, cursors[0] ?? null),
      await bob.via(two).watchInbox(cursors[1] ?? null),
    ];
    await ada.say(roomId, 'three');
    for (const feed of back) {
      expect(await feed.texts(2)).toEqual(['two', 'three']);
      feed.close();
    }
  });

  test('the same key on both nodes at once is one message', async () => {
    const ada = await signUp(one, 'ada');
    const roomId = await ada.createRoom('twins');
    const input = { roomId, text: 'once', idempotencyKey: 'same' };
    const sent = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        ada.via(i % 2 ? one : two).change('sendMessage', input, 'message { id } replayed'),
      ),
    );
    expect(new Set(sent.map(({ message }) => message.id)).size).toBe(1);
    expect(sent.filter(({ replayed }) => !replayed)).toHaveLength(1);
  });

  test('signing out on one node ends the streams on the other', async () => {
    const ada = await signUp(one, 'ada');
    const feed = await ada.via(two).watchInbox();
    await feed.next('StreamReady');
    await ada.ask('mutation { logout { __typename } }');
    expect((await feed.closing()).code).toBe(4401);
    expect(feed.items.at(-1)).toMatchObject({ __typename: 'StreamClosed', closeReason: 'SESSION_ENDED' });
  });

  test('a second node without Redis is refused', async () => {
    const { code, output } = await attemptNode({ databaseUrl: database.url });
    expect(code).toBe(1);
    expect(output).toMatch(/REDIS_URL/);
  });

  test('without a node to hear of it, an announcement that nobody signed is not believed', async () => {
    const ioredis = await import('ioredis');
    const { ada, bob } = await signUpAll(one, 'ada', 'bob');
    const roomId = await ada.createRoom('forgery');
    await bob.join(roomId);
    const feed = await bob.via(two).watch(roomId);
    await feed.next('StreamReady');
    const inside = numberIn(roomId);
    const publisher = new ioredis.Redis(redis.url);
    const event = {
      roomId: inside,
      roomSeq: 4,
      kind: 'MemberLeft',
      actorId: 1,
      subject: 1,
      messageSeq: 0,
      createdAt: new Date(),
      facts: { removed: true },
      message: null,
    };
    const json = JSON.stringify({ epoch: 1, head: 4, events: [event] });
    const channel = `parley:${inside % 64}`;
    await publisher.publish(channel, `rooms forged ${inside}:${json.length} ${json}`);
    for (const garbage of ['', 'garbage', 'rooms', `rooms forged ${inside}`, `rooms forged ${inside}:-1 x`])
      await publisher.publish(channel, garbage);
    await publisher.quit();
    await ada.say(roomId, 'the truth');
    expect(await feed.next()).toMatchObject({ __typename: 'MessageCreated', roomSeq: 4 });
    feed.close();
  });
});
