import { describe, expect, test } from 'vitest';
import { loadSettings } from '../src/config.ts';
import { canonicalAddress, networkOf, TrustedProxies } from '../src/platform/network-address.ts';
import { TokenBucket, TokenBuckets } from '../src/platform/token-bucket.ts';

// One token in some eleven days: nothing refills while a test runs.
const NEVER = { perSecond: 0.000_001, burst: 10 };

describe('a token bucket', () => {
  test('refuses what is not there, and spends nothing then', () => {
    const bucket = new TokenBucket(NEVER);
    expect(bucket.spend(8)).toBe(0);
    expect(bucket.spend(3)).toBeGreaterThan(0);
    expect(bucket.spend(2)).toBe(0);
  });

  test('gives more than it holds when it is full', () => {
    const bucket = new TokenBucket(NEVER);
    expect(bucket.spend(1_000)).toBe(0);
    expect(bucket.spend(1)).toBeGreaterThan(0);
  });

  test('owes at most what it holds', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 10 });
    for (let i = 0; i < 5; i++) bucket.owe(100);
    expect(bucket.level).toBeCloseTo(-1, 2);
    expect(bucket.waitFor(1)).toBeLessThanOrEqual(11_000);
  });
});

describe('many token buckets', () => {
  test('are bounded, and nobody gets a new one by pushing the own one out', () => {
    const buckets = new TokenBuckets(NEVER, 100);
    buckets.of('attacker').spend(10);
    for (let i = 0; i < 10_000; i++) buckets.of(`address ${i}`).spend(10);
    expect(buckets.size).toBeLessThanOrEqual(100 + 256);
    expect(buckets.of('attacker').spend(1)).toBeGreaterThan(0);
    // Keys without their own bucket share the rest, which is spent.
    expect(buckets.of('one more').spend(1)).toBeGreaterThan(0);
  });

  test('that are full again make room', () => {
    const buckets = new TokenBuckets({ perSecond: 1e9, burst: 10 }, 100);
    for (let i = 0; i < 10_000; i++) expect(buckets.of(i).spend(10)).toBe(0);
    expect(buckets.size).toBeLessThanOrEqual(100);
  });
});

describe('an address', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['[2001:DB8::1]:4711', '2001:db8:0:0:0:0:0:1'],
    ['2001:0db8:0000::0001', '2001:db8:0:0:0:0:0:1'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0:0:0:c000:201'],
    ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
    ['::', '0:0:0:0:0:0:0:0'],
    [' 192.0.2.1 ', '192.0.2.1'],
    ['unknown', ''],
    ['192.0.2.300', ''],
    ['', ''],
  ])('%s is written %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  test('of IPv6 stands for its /64, of IPv4 for itself', () => {
    expect(networkOf('2001:db8:1:2:aaaa::1')).toBe(networkOf('2001:DB8:1:2::f'));
    expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'));
    expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
  });
});

describe('behind proxies, the client', () => {
  const trust = (setting: string) => new TrustedProxies(loadSettings({ TRUST_PROXY: setting }).TRUST_PROXY);

  test.each([
    // setting, peer, X-Forwarded-For, client
    ['false', '10.0.0.1', '1.1.1.1', '10.0.0.1'],
    ['0', '10.0.0.1', '1.1.1.1', '10.0.0.1'],
    ['true', '10.0.0.1', '', '10.0.0.1'],
    ['true', '10.0.0.1', '6.6.6.6, 1.1.1.1', '1.1.1.1'],
    ['1', '10.0.0.1', '6.6.6.6,1.1.1.1', '1.1.1.1'],
    ['2', '10.0.0.1', '6.6.6.6, 1.1.1.1, 10.0.0.2', '1.1.1.1'],
    ['3', '10.0.0.1', '1.1.1.1', '1.1.1.1'],
    ['true', '10.0.0.1', '6.6.6.6, nonsense', '10.0.0.1'],
    ['10.0.0.0/8', '10.0.0.1', '6.6.6.6, 1.1.1.1, 10.9.9.9', '1.1.1.1'],
    ['10.0.0.0/8', '192.0.2.9', '6.6.6.6', '192.0.2.9'],
    ['10.0.0.0/8', '::ffff:10.0.0.1', '6.6.6.6, ::ffff:1.1.1.1', '1.1.1.1'],
    ['10.0.0.1,2001:db8::/32', '2001:db8::1', '6.6.6.6, 1.1.1.1, 10.0.0.1', '1.1.1.1'],
    ['10.0.0.0/8', '10.0.0.1', '6.6.6.6, nonsense, 10.0.0.2', '10.0.0.2'],
    ['loopback,uniquelocal', '127.0.0.1', '1.1.1.1, 192.168.1.1', '1.1.1.1'],
    ['loopback', '::1', '10.0.0.5', '10.0.0.5'],
  ])('TRUST_PROXY=%s, from %s with "%s": %s', (setting, peer, forwarded, client) => {
    expect(trust(setting).clientOf(peer, forwarded)).toBe(client);
  });

  test.each(['maybe', '10.0.0.0/40', '17', '10.0.0.0/8/8', '-1', '10.0.0.1;10.0.0.2'])(
    'TRUST_PROXY=%s is refused',
    (setting) => {
      expect(() => loadSettings({ TRUST_PROXY: setting })).toThrow(
        /^TRUST_PROXY: must be true, false, a number/,
      );
    },
  );
});
