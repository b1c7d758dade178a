import type { Observable } from '@parley/client';

/** A value that can be set and observed. */
export class Cell<Value> implements Observable<Value> {
  private value: Value;
  private readonly listeners = new Set<() => void>();

  constructor(value: Value) {
    this.value = value;
  }

  getSnapshot(): Value {
    return this.value;
  }

  subscribe(listener: () => void): () => void {
    const entry = () => listener();
    this.listeners.add(entry);
    return () => void this.listeners.delete(entry);
  }

  set(value: Value): void {
    if (value === this.value) return;
    this.value = value;
    for (const listener of [...this.listeners]) listener();
  }
}
