export interface TokenBucketRate {
  readonly perSecond: number;
  /** The content of a full bucket. */
  readonly burst: number;
}

/** A token bucket. It is synchronous, because it is used for every request and message. */
export class TokenBucket {
  private readonly rate: TokenBucketRate;
  /** Negative after a debit without tokens. */
  private left: number;
  private at = performance.now();

  constructor(rate: TokenBucketRate) {
    this.rate = rate;
    this.left = rate.burst;
  }

  /** Spends tokens and returns 0. If there are too few, it spends nothing and returns the ms until there are enough. */
  spend(amount: number): number {
    const waitMs = this.waitFor(amount);
    if (waitMs === 0) this.owe(amount);
    return waitMs;
  }

  /**
   * Returns the ms until that many tokens are available besides a reserve; 0 if they are. An amount above the capacity
   * is available when the bucket is full.
   */
  waitFor(amount: number, reserve = 0): number {
    this.refill();
    const wanted = Math.min(amount + reserve, this.rate.burst);
    return wanted <= this.left ? 0 : Math.ceil(((wanted - this.left) / this.rate.perSecond) * 1_000);
  }

  /** Spends unconditionally. The balance may fall to minus one full bucket, which delays the next callers. */
  owe(amount: number): void {
    this.refill();
    this.left = Math.max(-this.rate.burst, this.left - Math.min(amount, this.rate.burst));
  }

  /** From -1 (overdrawn by a full bucket) to 1 (full). */
  get level(): number {
    this.refill();
    return this.left / this.rate.burst;
  }

  private refill(): void {
    const now = performance.now();
    this.left = Math.min(this.rate.burst, this.left + ((now - this.at) * this.rate.perSecond) / 1_000);
    this.at = now;
  }
}

/** Some 10 MB. */
const MAX_BUCKETS = 50_000;
const SHARED_BUCKETS = 256;
const MAX_EVICTED_AT_ONCE = 100;

/**
 * A token bucket for each key. Their number is bounded, and only full buckets are evicted, which are equal to none: a
 * client cannot empty a bucket and get a new one by creating others. If there are too many, new keys share a few.
 */
export class TokenBuckets {
  private readonly rate: TokenBucketRate;
  private readonly maxBuckets: number;
  /** The least recently used one comes first: it had the longest time to fill up. */
  private readonly buckets = new Map<string | number, TokenBucket>();
  private readonly shared = new Map<number, TokenBucket>();

  constructor(rate: TokenBucketRate, maxBuckets = MAX_BUCKETS) {
    this.rate = rate;
    this.maxBuckets = maxBuckets;
  }

  /** For immediate use: the bucket is not reserved for the caller. */
  of(key: string | number): TokenBucket {
    const known = this.buckets.get(key);
    if (known) this.buckets.delete(key);
    else this.evictFull();
    if (!known && this.buckets.size >= this.maxBuckets) return this.sharedOf(key);
    const bucket = known ?? new TokenBucket(this.rate);
    this.buckets.set(key, bucket);
    return bucket;
  }

  get size(): number {
    return this.buckets.size + this.shared.size;
  }

  private evictFull(): void {
    let evicted = 0;
    for (const [key, bucket] of this.buckets) {
      if (bucket.level < 1 || evicted++ === MAX_EVICTED_AT_ONCE) return;
      this.buckets.delete(key);
    }
  }

  private sharedOf(key: string | number): TokenBucket {
    const slot = slotOf(String(key));
    const bucket = this.shared.get(slot) ?? new TokenBucket(this.rate);
    this.shared.set(slot, bucket);
    return bucket;
  }
}

/** FNV-1a */
function slotOf(key: string): number {
  let hash = 2_166_136_261;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 16_777_619);
  return (hash >>> 0) % SHARED_BUCKETS;
}
