import { refuse } from './errors.ts';
import { type TokenBucket, TokenBuckets } from './token-bucket.ts';

/** A steady rate. One second of it can be spent at once, and `burst` in addition. */
export interface Rate {
  readonly points: number;
  readonly perSeconds: number;
  readonly burst?: number;
}

/** Token buckets by name and key. They are local to the node, so a decision never waits. */
export interface Limits<Name extends string> {
  /** @throws RateLimitedError with the time to wait; nothing is spent then */
  spend(name: Name, key: string | number, points?: number): Promise<void>;
  /** Returns the bucket itself, for immediate use. */
  bucket(name: Name, key: string | number): TokenBucket;
}

export function createLimits<Name extends string>(rates: Record<Name, Rate>): Limits<Name> {
  const limiters = new Map(
    Object.entries<Rate>(rates).map(([name, { points, perSeconds, burst = 0 }]) => [
      name,
      new TokenBuckets({ perSecond: points / perSeconds, burst: points + burst }),
    ]),
  );
  const bucket = (name: Name, key: string | number) => {
    const buckets = limiters.get(name);
    if (!buckets) throw new Error(`there is no limit named ${name}`);
    return buckets.of(key);
  };
  return {
    bucket,
    async spend(name, key, points = 1) {
      const retryAfterMs = bucket(name, key).spend(points);
      if (retryAfterMs > 0) throw refuse('RATE_LIMITED', undefined, { retryAfterMs });
    },
  };
}
