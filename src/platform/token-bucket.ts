export interface TokenBucketRate {
  readonly perSecond: number;
  /** What a bucket holds when it is full. */
  readonly burst: number;
}

/** A token bucket. Synchronous: it is asked with every request and message. */
export class TokenBucket {
  private readonly rate: TokenBucketRate;
  /** Below zero after a debit without tokens. */
  private left: number;
  private at = performance.now();

  constructor(rate: TokenBucketRate) {
    this.rate = rate;
    this.left = rate.burst;
  }

  /** 0 after it has spent the tokens, otherwise the ms until they are there; nothing is spent then. */
  spend(amount: number): number {
    const waitMs = this.waitFor(amount);
    if (waitMs === 0) this.owe(amount);
    return waitMs;
  }

  /**
   * The ms until so many tokens are there beside a reserve; 0 where they are. More than the bucket holds is had when it
   * is full.
   */
  waitFor(amount: number, reserve = 0): number {
    this.refill();
    const wanted = Math.min(amount + reserve, this.rate.burst);
    return wanted <= this.left ? 0 : Math.ceil(((wanted - this.left) / this.rate.perSecond) * 1_000);
  }

  /** Spends without asking. The balance may fall to minus one full bucket, which delays the next callers. */
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
 * A token bucket for each key. Their number is bounded, and only full buckets are evicted, which are the same as none:
 * nobody empties a bucket and gets a new one by making others. While there are too many, new keys share a few.
 */
export class TokenBuckets {
  private readonly rate: TokenBucketRate;
  private readonly maxBuckets: number;
  /** The least recently used one is first: it has had the longest time to fill up. */
  private readonly buckets = new Map<string | number, TokenBucket>();
  private readonly shared = new Map<number, TokenBucket>();

  constructor(rate: TokenBucketRate, maxBuckets = MAX_BUCKETS) {
    this.rate = rate;
    this.maxBuckets = maxBuckets;
  }

  /** To be used at once: it is not kept for its holder. */
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
