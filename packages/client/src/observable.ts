/** A value that changes. Fits `useSyncExternalStore` of React: the snapshot is the same object until it changes. */
export interface Observable<Value> {
  getSnapshot(): Value;
  /** Calls the listener after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

/** A value that is set. */
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
    // A function of its own, so that one listener that is added twice is told twice and removed once.
    const entry = () => listener();
    this.listeners.add(entry);
    return () => void this.listeners.delete(entry);
  }

  set(value: Value): void {
    this.value = value;
    for (const listener of [...this.listeners]) listener();
  }
}

/**
 * What `compute` makes of some inputs, made anew only when one of them is another. A list with the same items stays the
 * same list.
 */
export function derive<Source, Inputs extends [unknown, ...unknown[]], Value>(
  source: Observable<Source>,
  inputsOf: (value: Source) => Inputs,
  compute: (...inputs: Inputs) => Value,
): Observable<Value> {
  let held: { readonly inputs: Inputs; readonly value: Value } | null = null;
  const getSnapshot = () => {
    const inputs = inputsOf(source.getSnapshot());
    if (!held || inputs.some((input, i) => input !== held?.inputs[i]))
      held = { inputs, value: kept(held?.value, compute(...inputs)) };
    return held.value;
  };
  const subscribe = (listener: () => void) => {
    let seen = getSnapshot();
    return source.subscribe(() => {
      const now = getSnapshot();
      if (now === seen) return;
      seen = now;
      listener();
    });
  };
  return { getSnapshot, subscribe };
}

function kept<Value>(before: Value | undefined, after: Value): Value {
  const isSame =
    Array.isArray(before) &&
    Array.isArray(after) &&
    before.length === after.length &&
    before.every((item, i) => item === after[i]);
  return isSame ? before : after;
}

/** Resolves when that holds of the value, at once where it does. */
export function until<Value>(source: Observable<Value>, holds: (value: Value) => boolean): Promise<Value> {
  return new Promise((resolve) => {
    const check = () => {
      const value = source.getSnapshot();
      if (!holds(value)) return;
      stop();
      resolve(value);
    };
    const stop = source.subscribe(check);
    check();
  });
}
