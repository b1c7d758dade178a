/** So much per second, and a burst on top. */
export interface AllowanceRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A token bucket. At once and without a promise: for what is spent with every message. */
export class Allowance {
  private readonly rate: AllowanceRate;
  private left: number;
  private at = performance.now();

  constructor(rate: AllowanceRate) {
    this.rate = rate;
    this.left = rate.burst;
  }

  /** 0 where it was had, otherwise the ms until it can be; nothing is spent then. More than the burst is had when it is full. */
  spend(amount: number): number {
    this.refill();
    const wanted = Math.min(amount, this.rate.burst);
    if (wanted > this.left) return Math.ceil(((wanted - this.left) / this.rate.perSecond) * 1_000);
    this.left -= wanted;
    return 0;
  }

  get isFull(): boolean {
    this.refill();
    return this.left >= this.rate.burst;
  }

  private refill(): void {
    const now = performance.now();
    this.left = Math.min(this.rate.burst, this.left + ((now - this.at) * this.rate.perSecond) / 1_000);
    this.at = now;
  }
}

const SWEPT_FROM = 10_000;

/** One for each of many; those that are full are the same as none. */
export class Allowances {
  private readonly rate: AllowanceRate;
  private readonly known = new Map<number, Allowance>();
  private sweepAt = SWEPT_FROM;

  constructor(rate: AllowanceRate) {
    this.rate = rate;
  }

  /** As `Allowance.spend`. */
  spend(who: number, amount: number): number {
    const allowance = this.known.get(who) ?? new Allowance(this.rate);
    this.known.set(who, allowance);
    if (this.known.size > this.sweepAt) this.sweep();
    return allowance.spend(amount);
  }

  private sweep(): void {
    for (const [who, allowance] of this.known) if (allowance.isFull) this.known.delete(who);
    this.sweepAt = Math.max(SWEPT_FROM, this.known.size * 2);
  }
}
