import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Redis, startRedis } from './harness/redis.ts';

// Every node knows how many there are: those that end, in whatever way, are not counted any more after a lease.

let database: TestDatabase;
let redis: Redis;
let nodes: TestNode[];
const start = () =>
  startNode({ databaseUrl: database.url, redisUrl: redis.url, env: { EPHEMERAL_LEASE_SECONDS: '3' } });

beforeAll(async () => {
  [database, redis] = await Promise.all([createDatabase(), startRedis()]);
  nodes = await Promise.all([start(), start(), start()]);
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.kill()));
  await redis?.stop();
  await database?.drop();
});

const countAt = async (node: TestNode | undefined) => (await node?.metrics())?.['parley_nodes'];
const eventually = (node: TestNode | undefined, count: number) =>
  expect.poll(() => countAt(node), { timeout: 60_000, interval: 200 }).toBe(count);

test('nodes that are killed, stopped and continued, or ended are counted on all others', async () => {
  const [one, two, three] = nodes;
  for (const node of nodes) await eventually(node, 3);
  three?.signal('SIGSTOP');
  for (const node of [one, two]) await eventually(node, 2);
  three?.signal('SIGCONT');
  for (const node of nodes) await eventually(node, 3);
  await three?.kill();
  for (const node of [one, two]) await eventually(node, 2);
  await redis.kill();
  for (const node of [one, two]) await eventually(node, 1);
  await redis.restart();
  for (const node of [one, two]) await eventually(node, 2);
  await two?.stop();
  await eventually(one, 1);
});
