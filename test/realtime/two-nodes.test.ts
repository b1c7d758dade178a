import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forgeries } from '../faults/forgery.ts';
import { createDatabase, queryRows, type TestDatabase } from '../harness/database.ts';
import { numberIn } from '../harness/ids.ts';
import { openLink } from '../harness/link.ts';
import { attemptNode, JWT_SECRET, startNode, type TestNode } from '../harness/node.ts';
import { signUp, signUpAll } from '../harness/people.ts';
import { type Redis as RedisServer, startRedis } from '../harness/redis.ts';

// The same process twice against one PostgreSQL and one Redis is one chat.

let database: TestDatabase;
let redis: RedisServer;
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
    // On a busy machine the head check comes before some of them.
    expect((await two.metrics())['parley_announcements_total{outcome="accepted"}']).toBeGreaterThan(25);

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

  test('a stream has what is announced while the node reads where it begins', async () => {
    const link = await openLink(database.url);
    const behind = await startNode({ databaseUrl: link.url, redisUrl: redis.url, env });
    const { ada, bob } = await signUpAll(one, 'ada', 'bob');
    const roomId = await ada.createRoom('landing');
    const there = bob.via(behind);
    await there.join(roomId);
    const early = await there.watch(roomId);
    const cursor = (await early.next('StreamReady')).cursor as string;

    const answer = link.holdAnswers();
    const [{ asked } = { asked: '' }] = await queryRows<{ asked: string }>(
      database.url,
      'SELECT clock_timestamp()::text AS asked',
    );
    const late = there.watch(roomId, cursor);
    const openings = `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%AS "visibleFromRoomSeq"%' AND state = 'idle'
      AND pid <> pg_backend_pid() AND query_start > $1::timestamptz`;
    await expect.poll(async () => (await queryRows(database.url, openings, [asked])).length).toBe(1);
    await ada.say(roomId, 'meanwhile');
    expect(await early.texts(1)).toEqual(['meanwhile']);
    answer();

    await ada.say(roomId, 'afterwards');
    const feed = await late;
    expect(await feed.texts(2)).toEqual(['meanwhile', 'afterwards']);
    for (const each of [early, feed]) each.close();
    await behind.stop();
    link.close();
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

  test('tell each other nothing that Redis could read', async () => {
    const spy = new Redis(redis.url);
    const overheard: Buffer[] = [];
    spy.on('pmessageBuffer', (_pattern: Buffer, _channel: Buffer, packet: Buffer) => overheard.push(packet));
    await spy.psubscribe('*');
    const asked = new Redis(redis.url);
    const monitor = await asked.monitor();
    const commands: string[] = [];
    monitor.on('monitor', (_time: string, args: string[]) => commands.push(args.join(' ')));

    const { ada, bob } = await signUpAll(one, 'ada', 'bob');
    const roomId = await ada.createRoom('whispers');
    await bob.join(roomId);
    const feed = await bob.via(two).watch(roomId);
    await feed.next('StreamReady');
    const accepted = async () => (await two.metrics())['parley_announcements_total{outcome="accepted"}'] ?? 0;
    const before = await accepted();
    // A head poll may come before the announcement: then the next message tells.
    const said = async () => {
      await ada.say(roomId, 'a secret between us');
      expect(await feed.texts(1)).toEqual(['a secret between us']);
      return (await accepted()) - before;
    };
    await expect.poll(said, { message: 'it came over Redis' }).toBe(1);
    const words = ['a secret between us', 'MessageCreated', ada.username, 'probe'];
    for (const word of words) {
      expect(overheard.filter((packet) => packet.includes(word))).toEqual([]);
      expect(
        commands.filter((command) => command.startsWith('publish') && command.split(' ')[2]?.includes(word)),
      ).toEqual([]);
    }
    expect(overheard.length).toBeGreaterThan(0);
    expect(commands.some((command) => command.startsWith('publish parley:'))).toBe(true);
    feed.close();
    for (const client of [spy, asked, monitor]) client.disconnect();
  });

  test('believe no packet that is forged, altered, cut, too long or repeated, and do no work for it', async () => {
    const { ada, bob } = await signUpAll(one, 'ada', 'bob');
    const roomId = await ada.createRoom('forgery');
    await bob.join(roomId);
    const feed = await bob.via(two).watch(roomId);
    await feed.next('StreamReady');
    const channel = `parley:${numberIn(roomId) % 64}`;
    const client = new Redis(redis.url);
    const spy = new Redis(redis.url);
    const heard = new Promise<Buffer>((resolve) => {
      spy.on('messageBuffer', (_channel: Buffer, packet: Buffer) => resolve(packet));
    });
    await spy.subscribe(channel);
    const { roomSeq } = await ada.say(roomId, 'a genuine message');
    expect(await feed.texts(1)).toEqual(['a genuine message']);
    const genuine = { frame: Buffer.alloc(0), channel, payload: await heard };

    const forged = [
      ...forgeries(numberIn(roomId), genuine, roomSeq + 1),
      Buffer.alloc(0),
      Buffer.from(`rooms ${'x'.repeat(43)} ${`${numberIn(roomId)}:1,`.repeat(500_000)} `),
      Buffer.alloc(5_000_000, 1),
      genuine.payload,
      genuine.payload,
    ];
    expect(forged.length).toBeGreaterThan(8);
    const counters = async () => {
      const metrics = await two.metrics();
      const outcome = (name: string) => metrics[`parley_announcements_total{outcome="${name}"}`] ?? 0;
      const refused = [
        'oversized',
        'malformed',
        'other version',
        'other key',
        'not authentic',
        'other epoch',
      ];
      return {
        refused: refused.reduce((sum, name) => sum + outcome(name), 0),
        old: outcome('old'),
        accepted: outcome('accepted') + outcome('gap'),
        read: metrics['parley_log_reads_total{reason="tail"}'] ?? 0,
      };
    };
    const before = await counters();
    for (const packet of forged) await client.publish(channel, packet);
    await expect.poll(counters).toEqual({
      refused: before.refused + forged.length - 2,
      old: before.old + 2,
      accepted: before.accepted,
      read: before.read,
    });
    await ada.say(roomId, 'the truth');
    expect(await feed.next('MessageCreated')).toMatchObject({
      __typename: 'MessageCreated',
      roomSeq: roomSeq + 1,
    });
    feed.close();
    for (const each of [client, spy]) each.disconnect();
  });

  test('hear each other while the secret is being replaced', async () => {
    const options = { databaseUrl: database.url, redisUrl: redis.url };
    const next = { JWT_SECRET: 'the next secret of the tests: 0123456789', JWT_SECRET_PREVIOUS: JWT_SECRET };
    // No head poll comes before the announcement.
    const renewed = await startNode({ ...options, env: { ...env, ...next, HEAD_CHECK_MS: '10000' } });
    const { ada, bob } = await signUpAll(one, 'ada', 'bob');
    const roomId = await ada.createRoom('exchange');
    await bob.join(roomId);
    const feed = await bob.via(renewed).watch(roomId);
    await feed.next('StreamReady');
    await ada.say(roomId, 'from a node of the old secret');
    expect(await feed.texts(1)).toEqual(['from a node of the old secret']);
    expect((await renewed.metrics())['parley_announcements_total{outcome="accepted"}']).toBe(1);
    feed.close();
    await renewed.stop();
  });
});
