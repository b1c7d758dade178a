import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Bus, createRedisBus } from '../src/platform/bus.ts';
import { createLog } from '../src/platform/telemetry.ts';
import { type Redis as RedisServer, startRedis } from './harness/redis.ts';

// Messages between nodes, over a real Redis whose connections are slow, or are cut.

const SECRETS = ['only for the tests of the bus'] as const;
const EPOCH = 1;
let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

function createBus(url: string): Bus {
  const bus = createRedisBus({ url, secrets: [...SECRETS], log: createLog('silent', 'test') });
  onTestFinished(() => bus.close());
  return bus;
}

function connectRedis(): Redis {
  const client = new Redis(redis.url);
  onTestFinished(() => client.disconnect());
  return client;
}

/** What Redis answers to subscribers waits until it is released. */
interface SlowLink {
  readonly url: string;
  /** Connections of subscribers so far. */
  readonly subscribers: number;
  release(): void;
}

async function openSlowLink(): Promise<SlowLink> {
  const held = new Set<[Socket, Socket]>();
  let [subscribers, isHeld] = [0, true];
  const server = createServer((near) => {
    const far = connect(redis.port, '127.0.0.1');
    for (const end of [near, far]) end.on('error', () => undefined);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far);
    near.once('data', (chunk) => {
      const isSubscriber = String(chunk).includes('parley-subscriber');
      if (isSubscriber) subscribers++;
      if (isSubscriber && isHeld) held.add([near, far]);
      else far.pipe(near);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get subscribers() {
      return subscribers;
    },
    release() {
      isHeld = false;
      for (const [near, far] of held) far.pipe(near);
    },
  };
}

/** Publishes until a message has arrived on every channel. */
async function expectHeard(channels: readonly string[], heard: ReadonlySet<string>): Promise<void> {
  const other = createBus(redis.url);
  await expect
    .poll(
      () => {
        for (const channel of channels) if (!heard.has(channel)) other.publish(channel, channel, EPOCH);
        return channels.filter((channel) => !heard.has(channel));
      },
      { timeout: 20_000, interval: 50 },
    )
    .toEqual([]);
}

test('a channel that is subscribed while the connection is made is heard, by that connection', async () => {
  const link = await openSlowLink();
  const bus = createBus(link.url);
  await expect.poll(() => link.subscribers, { timeout: 20_000 }).toBe(1);
  const heard = new Set<string>();
  bus.subscribe('early', (text) => heard.add(text));
  // Redis has answered everything that the bus has sent so far; the answers arrive together.
  const client = connectRedis();
  for (let trip = 0; trip < 3; trip++) await client.ping();
  link.release();
  await expectHeard(['early'], heard);
  expect(link.subscribers).toBe(1);
});

test('channels are heard that are subscribed while connections are cut again and again', async () => {
  const bus = createBus(redis.url);
  const heard = new Set<string>();
  const channels = Array.from({ length: 100 }, (_, i) => `channel-${i}`);
  const client = connectRedis();
  for (const channel of channels) {
    bus.subscribe(channel, (text) => heard.add(text));
    await client.client('KILL', 'TYPE', 'pubsub');
    await client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  }
  await expectHeard(channels, heard);
});

test('a bus that is closed while it subscribes leaves nothing behind', async () => {
  const link = await openSlowLink();
  const bus = createBus(link.url);
  bus.subscribe('late', () => undefined);
  await expect.poll(() => link.subscribers, { timeout: 20_000 }).toBe(1);
  await bus.close();
  link.release();
  expect(bus.isHealthy).toBe(false);
});
