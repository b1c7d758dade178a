/**
 * Keeps values by key for a moment: at least `keepMs`, at most twice that while they are used. It drops whole
 * generations, so it never checks entries. Unlike in a WeakMap, values do not live as long as their keys, which would
 * make garbage collection expensive.
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

  clear(): void {
    this.young = new Map();
    this.old = new Map();
  }

  private turn(): void {
    const age = performance.now() - this.turnedAt;
    if (age < this.keepMs) return;
    this.old = age < 2 * this.keepMs ? this.young : new Map();
    this.young = new Map();
    this.turnedAt = performance.now();
  }
}
