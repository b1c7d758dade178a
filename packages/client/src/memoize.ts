/** Caches the result for each object, as long as the other inputs are the same. */
export function memoize<Key extends object, Rest extends readonly unknown[], Value>(
  compute: (key: Key, ...rest: Rest) => Value,
): (key: Key, ...rest: Rest) => Value {
  const known = new WeakMap<Key, { readonly rest: Rest; readonly value: Value }>();
  return (key, ...rest) => {
    const held = known.get(key);
    if (held?.rest.every((each, i) => each === rest[i])) return held.value;
    const value = compute(key, ...rest);
    known.set(key, { rest, value });
    return value;
  };
}
