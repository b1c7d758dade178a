import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runAdmin } from './harness/admin.ts';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Redis, startRedis } from './harness/redis.ts';

// Every node knows the number of live nodes: nodes that ended, in any way, are no longer counted after a lease.

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

describe('the command line', () => {
  const admin = (env: Record<string, string>) =>
    runAdmin(['nodes'], { env: { DATABASE_URL: database.url, ...env } });
  const list = () => admin({ REDIS_URL: redis.url });
  const portOf = (node: TestNode) => Number(new URL(node.url).port);
  const portsIn = (out: string) =>
    [...out.matchAll(/:(\d+)$/gm)].map(([, port]) => Number(port)).toSorted((a, b) => a - b);

  test('lists the nodes that are alive, and no longer one that was killed', async () => {
    const here = await Promise.all([start(), start()]);
    nodes.push(...here);
    await nodes[0]?.kill();
    const ports = here.map(portOf).toSorted((a, b) => a - b);
    await expect.poll(async () => portsIn((await list()).out), { timeout: 60_000 }).toEqual(ports);
    const { code, out } = await list();
    expect(code).toBe(0);
    for (const line of out.trim().split('\n'))
      expect(line).toMatch(/^[0-9a-f-]{36} version \d+\.\d+\.\d+, since \d{4}-\d\d-\d\dT\S+Z, \S+:\d+$/);
    await here[0]?.kill();
    await expect
      .poll(async () => portsIn((await list()).out), { timeout: 60_000 })
      .toEqual([portOf(here[1] as TestNode)]);
  });

  test('says so where there is no Redis, where none answers, and where Redis is away', async () => {
    expect(await admin({})).toMatchObject({ code: 0, out: expect.stringContaining('REDIS_URL is not set') });
    const other = { REDIS_URL: redis.url, JWT_SECRET: 'another secret that is long enough to be taken' };
    expect(await admin(other)).toMatchObject({ code: 0, out: expect.stringContaining('no node answers') });
    const away = await admin({ REDIS_URL: 'redis://127.0.0.1:1' });
    expect(away).toMatchObject({ code: 1, err: expect.stringContaining('Redis does not answer') });
  });
});
