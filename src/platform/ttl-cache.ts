/**
 * Keeps what was made for a key, for a moment: at least `keepMs`, at most twice that while it is used. Two generations,
 * dropped as a whole, so nothing is looked at to be dropped; and nothing lives as long as its key, as in a WeakMap, where
 * keys that live for long make their values old, which garbage collection pays for.
 */
export class TtlCache<Key, Value> {
  private readonly keepMs: number;
  private young = new Map<Key, Value>();
  private old = new Map<Key, Value>();
  private turnedAt = performance.now();

  constructor(keepMs: number) {
    this.keepMs = keepMs;
  }

  get(key: Key): Value | undefined {
    this.turn();
    return this.young.get(key) ?? this.old.get(key);
  }

  set(key: Key, value: Value): void {
    this.turn();
    this.young.set(key, value);
  }

  private turn(): void {
    const age = performance.now() - this.turnedAt;
    if (age < this.keepMs) return;
    this.old = age < 2 * this.keepMs ? this.young : new Map();
    this.young = new Map();
    this.turnedAt = performance.now();
  }
}
