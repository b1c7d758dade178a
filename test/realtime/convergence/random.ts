/** Chance that can be had again: the same seed, the same choices (mulberry32). */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** At least 0, below 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Value>(from: readonly Value[]): Value {
    if (from.length === 0) throw new Error('nothing to pick from');
    return from[this.int(from.length)] as Value;
  }

  /** One of them, or undefined if there is none. */
  some<Value>(from: readonly Value[]): Value | undefined {
    return from[this.int(from.length)];
  }

  /** Each with that probability. */
  subset<Value>(from: readonly Value[], probability: number): Value[] {
    return from.filter(() => this.chance(probability));
  }
}
