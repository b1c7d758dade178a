import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { attemptNode, startNode, type TestNode } from './harness/node.ts';
import { signUpAll } from './harness/people.ts';

// Several processes behind one port are one chat.

let database: TestDatabase;
let node: TestNode;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    env: { WORKERS: '2', POSTS_PER_SECOND: '1000', POSTS_BURST: '1000' },
  });
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

const workers = () =>
  node
    .log()
    .filter(({ msg }) => msg === 'a worker is ready')
    .map(({ worker }) => Number(worker));

test('posts of one worker reach the watchers of the other', async () => {
  const { ada, bob } = await signUpAll(node, 'ada', 'bob');
  const roomId = await ada.createRoom('both');
  await bob.join(roomId);
  // Connections are dealt out in turn, so these are on both.
  const feeds = await Promise.all(Array.from({ length: 4 }, () => bob.watch(roomId)));
  for (const feed of feeds) await feed.next('StreamReady');
  const texts = Array.from({ length: 8 }, (_, i) => `line ${i}`);
  for (const text of texts) await ada.say(roomId, text);
  for (const feed of feeds) expect(await feed.texts(8)).toEqual(texts);
  expect((await node.metrics())['parley_sockets']).toBe(4);
  for (const feed of feeds) feed.close();
});

test('a worker that is killed is replaced, and its clients come back', async () => {
  const { ada } = await signUpAll(node, 'ada');
  const roomId = await ada.createRoom('replaced');
  const feeds = await Promise.all(Array.from({ length: 12 }, () => ada.watch(roomId)));
  const ready = await Promise.all(feeds.map((feed) => feed.next('StreamReady')));
  const [first] = workers();
  process.kill(first as number, 'SIGKILL');
  await expect.poll(() => feeds.filter((feed) => feed.closed).length).toBeGreaterThan(0);
  await expect.poll(() => workers().length).toBe(3);
  await ada.say(roomId, 'still here');
  const back = await Promise.all(
    Array.from({ length: 4 }, () => ada.watch(roomId, ready[0]?.cursor ?? null)),
  );
  for (const feed of back) {
    expect(await feed.texts(1)).toEqual(['still here']);
    feed.close();
  }
  for (const feed of feeds) feed.close();
});

test('several workers without what they share are refused', async () => {
  const { code, output } = await attemptNode({ databaseUrl: database.url, env: { WORKERS: '2' } });
  expect(code).toBe(1);
  expect(output).toContain('parley: REDIS_URL: is required when WORKERS is more than 1');
});
