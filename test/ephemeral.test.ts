import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { EphemeralChannel, MAX_VALUE_LENGTH } from '../src/eventlog/ephemeral/channel.ts';
import { decodePacket, tellPackets } from '../src/eventlog/ephemeral/packets.ts';
import type { TopicSubscription } from '../src/eventlog/ephemeral/topic.ts';
import { MAX_KEYS } from '../src/eventlog/ephemeral/watched-topics.ts';
import { type Bus, createRedisBus } from '../src/platform/bus.ts';
import { MAX_PACKET_BYTES } from '../src/platform/sealing.ts';
import { createLog, createMetrics, type Metrics } from '../src/platform/telemetry.ts';
import { type Link, openLink } from './harness/link.ts';
import { type Redis as RedisServer, startRedis } from './harness/redis.ts';

// Values that last for a moment, on several nodes with a real Redis between them.

const LEASE_MS = 1_500;
const COALESCE_MS = 200;
const secrets = ['only for the tests of ephemeral values'] as const;
let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

interface Member {
  readonly channel: EphemeralChannel;
  readonly bus: Bus | null;
  readonly metrics: Metrics;
}

async function join(url: string | null = redis.url, epoch = 1): Promise<Member> {
  const metrics = createMetrics();
  const log = createLog('silent', 'test');
  const bus = url === null ? null : createRedisBus({ url, secrets: [...secrets], log });
  const channel = new EphemeralChannel({
    bus,
    metrics,
    leaseMs: LEASE_MS,
    coalesceMs: COALESCE_MS,
    epoch: () => epoch,
  });
  onTestFinished(async () => {
    channel.close();
    await bus?.close();
  });
  if (bus) await expect.poll(() => bus.isHealthy, { timeout: 20_000 }).toBe(true);
  return { channel, bus, metrics };
}

const ignore = () => undefined;
const shown = (subscription: TopicSubscription) => Object.fromEntries(subscription.values);
const eventually = (subscription: TopicSubscription, values: object) =>
  expect.poll(() => shown(subscription), { timeout: 20_000, interval: 20 }).toEqual(values);

async function packets({ metrics }: Member, outcome: string): Promise<number> {
  const { values } = await metrics.ephemeralPackets.get();
  return values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0;
}

describe('on one node', () => {
  test('a subscription has the whole set first, then the keys that changed, each with its latest value', async () => {
    const { channel } = await join(null);
    channel.publish('room', 'ada', '1');
    channel.publish('room', 'bob', '2');
    const told: unknown[] = [];
    const subscription = channel.subscribe('room', () => told.push(1));
    expect(subscription.take()).toEqual({
      isWhole: true,
      values: new Map([
        ['ada', '1'],
        ['bob', '2'],
      ]),
    });
    expect(subscription.take()).toBeNull();
    for (let i = 0; i < 50; i++) channel.publish('room', 'ada', `${i}`);
    channel.publish('room', 'bob', null);
    await expect.poll(() => told.length).toBe(2);
    expect(subscription.take()).toEqual({
      isWhole: false,
      values: new Map([
        ['ada', '49'],
        ['bob', null],
      ]),
    });
    expect(subscription.take()).toBeNull();
    expect(shown(subscription)).toEqual({ ada: '49' });
  });

  test('a value ends with its time; one that is repeated stays, and tells nobody', async () => {
    const { channel } = await join(null);
    let told = 0;
    const subscription = channel.subscribe('room', () => told++);
    channel.publish('room', 'ada', '1', 1_500);
    channel.publish('room', 'bob', '1', 60_000);
    await expect.poll(() => told).toBe(2);
    channel.publish('room', 'bob', '1', 60_000);
    await eventually(subscription, { bob: '1' });
    await expect.poll(() => told).toBe(3);
  });

  test('a slow subscriber costs the keys that changed, however often they do', async () => {
    const { channel } = await join(null);
    const subscription = channel.subscribe('room', ignore);
    subscription.take();
    for (let i = 0; i < 20_000; i++) channel.publish('room', `${i % 7}`, `${i}`);
    await expect.poll(() => shown(subscription)['6']).toBe('19998');
    await eventually(subscription, Object.fromEntries([...subscription.values]));
    await expect.poll(() => subscription.take()?.values.size, { interval: COALESCE_MS * 2 }).toBe(7);
  });

  test('a topic and a value have limits', async () => {
    const member = await join(null);
    const { channel } = member;
    const subscription = channel.subscribe('room', ignore);
    for (let i = 0; i < MAX_KEYS + 10; i++) channel.publish('room', `${i}`, '1');
    expect(subscription.values.size).toBe(MAX_KEYS);
    expect(await packets(member, 'full')).toBe(10);
    expect(() => channel.publish('room', 'x', 'x'.repeat(MAX_VALUE_LENGTH + 1))).toThrow(RangeError);
  });

  test('what was forgotten stays away until it is published again', async () => {
    const { channel } = await join(null);
    const subscription = channel.subscribe('room', ignore);
    channel.publish('room', 'ada', '1', 60_000);
    channel.forget('room', 'ada');
    channel.forget('room', 'nobody');
    expect(shown(subscription)).toEqual({});
    channel.publish('room', 'ada', '2', 60_000);
    expect(shown(subscription)).toEqual({ ada: '2' });
  });
});

describe('on several nodes', () => {
  test('who comes late has the whole set, then every change; who does not watch is sent nothing', async () => {
    const [one, two, idle] = await Promise.all([join(), join(), join()]);
    one.channel.publish('room', 'ada', '1');
    two.channel.publish('room', 'bob', '2');
    const watching = two.channel.subscribe('room', ignore);
    await eventually(watching, { ada: '1', bob: '2' });
    one.channel.publish('room', 'ada', '3');
    one.channel.publish('room', 'eve', '4');
    await eventually(watching, { ada: '3', bob: '2', eve: '4' });
    one.channel.publish('room', 'eve', null);
    await eventually(watching, { ada: '3', bob: '2' });
    expect(await packets(idle, 'sent')).toBe(0);
    const sent = await packets(one, 'sent');
    for (let i = 0; i < 1_000; i++) one.channel.publish('another room', `${i}`, '1');
    one.channel.publish('room', 'ada', '5');
    await eventually(watching, { ada: '5', bob: '2' });
    // Answers may have come between; of the thousand values that nobody watches nothing went out.
    expect((await packets(one, 'sent')) - sent).toBeLessThan(20);
  });

  test('a key is sent once in an interval, with its last value', async () => {
    const [one, two] = await Promise.all([join(), join()]);
    const watching = two.channel.subscribe('room', ignore);
    one.channel.publish('room', 'ada', '0');
    await eventually(watching, { ada: '0' });
    const [before, startedAt] = [await packets(one, 'sent'), performance.now()];
    for (let i = 1; i <= 500; i++) {
      one.channel.publish('room', 'ada', `${i}`);
      if (i % 50 === 0) await new Promise(setImmediate);
    }
    await eventually(watching, { ada: '500' });
    const intervals = (performance.now() - startedAt) / COALESCE_MS;
    const answers = (performance.now() - startedAt) / (LEASE_MS / 4) + 1;
    expect((await packets(one, 'sent')) - before).toBeLessThan(2 + intervals + answers);
  });

  test('the latest of two nodes counts on all, and a clearing on either ends it on both', async () => {
    const [one, two, three] = await Promise.all([join(), join(), join()]);
    const all = [one, two, three].map(({ channel }) => channel.subscribe('room', ignore));
    one.channel.publish('room', 'ada', '"one"');
    for (const each of all) await eventually(each, { ada: '"one"' });
    two.channel.publish('room', 'ada', '"two"');
    for (const each of all) await eventually(each, { ada: '"two"' });
    one.channel.publish('room', 'ada', null);
    for (const each of all) await eventually(each, {});
    // The other's older value does not come back with its next answers.
    for (let answers = 0; answers < 3; answers++) {
      const before = await packets(three, 'received');
      await expect.poll(() => packets(three, 'received'), { timeout: 20_000 }).toBeGreaterThan(before);
      expect(all.map(shown)).toEqual([{}, {}, {}]);
    }
  });

  test('at the same moment: all nodes agree', async () => {
    const members = await Promise.all([join(), join(), join()]);
    const all = members.map(({ channel }) => channel.subscribe('room', ignore));
    for (let round = 0; round < 5; round++) {
      members.forEach(({ channel }, i) => channel.publish('room', 'ada', `"${round} of ${i}"`));
      await expect
        .poll(
          () =>
            new Set(all.map((each) => shown(each)['ada'])).size === 1 &&
            shown(all[0] as TopicSubscription)['ada'],
          {
            timeout: 20_000,
          },
        )
        .toContain(`${round} of`);
    }
  });

  test('values of a node that is silent end with the lease; those of a node that lives do not', async () => {
    const [one, two] = await Promise.all([join(), join()]);
    const silent = await join();
    const watching = two.channel.subscribe('room', ignore);
    one.channel.publish('room', 'lives', '1');
    silent.channel.publish('room', 'silent', '1');
    await eventually(watching, { lives: '1', silent: '1' });
    await silent.bus?.close(); // neither a goodbye nor an answer any more
    await eventually(watching, { lives: '1' });
    for (let answers = 0; answers < 4; answers++) {
      const before = await packets(two, 'received');
      await expect.poll(() => packets(two, 'received'), { timeout: 20_000 }).toBeGreaterThan(before);
      expect(shown(watching)).toEqual({ lives: '1' });
    }
  });

  test('a node that ends in order takes its values along', async () => {
    const [one, two] = await Promise.all([join(), join()]);
    const watching = two.channel.subscribe('room', ignore);
    one.channel.publish('room', 'ada', '1');
    await eventually(watching, { ada: '1' });
    const told = new Promise<void>((resolve) => two.channel.subscribe('room', resolve));
    one.channel.close();
    await told;
    expect(shown(watching)).toEqual({});
  });

  test('lost packets are made up for by the next answer', async () => {
    const link: Link = await openLink(redis.url);
    onTestFinished(() => link.close());
    const [one, two] = await Promise.all([join(), join(link.url)]);
    const watching = two.channel.subscribe('room', ignore);
    one.channel.publish('room', 'ada', '1');
    one.channel.publish('room', 'bob', '1');
    await eventually(watching, { ada: '1', bob: '1' });
    link.silence();
    one.channel.publish('room', 'ada', '2');
    one.channel.publish('room', 'bob', null);
    // Its own keep working, and those of others end.
    two.channel.publish('room', 'here', '1');
    await eventually(watching, { here: '1' });
    link.restore();
    await eventually(watching, { here: '1', ada: '2' });
  });

  test('Redis dies and comes back: each keeps its own, and then all are exchanged', async () => {
    const [one, two] = await Promise.all([join(), join()]);
    const all = [one, two].map(({ channel }) => channel.subscribe('room', ignore));
    one.channel.publish('room', 'ada', '1');
    two.channel.publish('room', 'bob', '1');
    for (const each of all) await eventually(each, { ada: '1', bob: '1' });
    await redis.kill();
    await eventually(all[0] as TopicSubscription, { ada: '1' });
    await eventually(all[1] as TopicSubscription, { bob: '1' });
    one.channel.publish('room', 'ada', '2');
    await redis.restart();
    for (const each of all) await eventually(each, { ada: '2', bob: '1' });
  });

  test('values of other data are not shown', async () => {
    const [one, two, other] = await Promise.all([join(), join(), join(redis.url, 2)]);
    const watching = two.channel.subscribe('room', ignore);
    other.channel.publish('room', 'ghost', '1');
    one.channel.publish('room', 'ada', '1');
    await eventually(watching, { ada: '1' });
    await expect.poll(() => packets(other, 'refused'), { timeout: 20_000 }).toBeGreaterThan(1);
    expect(shown(watching)).toEqual({ ada: '1' });
  });
});

describe('packets', () => {
  test('stay below what the bus carries, and lose nothing', () => {
    const values = Array.from(
      { length: MAX_KEYS },
      (_, i) => [`${i}`, i, null, '漢'.repeat(MAX_VALUE_LENGTH)] as const,
    );
    const texts = tellPackets('me', [{ topic: 'room', isWhole: true, values }]);
    const keys: string[] = [];
    for (const text of texts) {
      expect(Buffer.byteLength(text)).toBeLessThan(MAX_PACKET_BYTES - 100);
      const packet = decodePacket(text);
      if (!packet || 'ask' in packet) throw new Error('no values');
      // A part must not end what the other parts have.
      expect(packet.tell.every(({ isWhole }) => !isWhole)).toBe(true);
      keys.push(...packet.tell.flatMap((told) => told.values.map(([key]) => key)));
    }
    expect(keys.sort()).toEqual(values.map(([key]) => key).sort());
  });

  test.each(['', 'null', '{}', '[]', '{"v":2,"from":"x","ask":[]}'])(
    'of another format are refused: %j',
    (text) => {
      expect(decodePacket(text)).toBeNull();
    },
  );
});
