/**
 * Returns a function that creates one value per owner at the first call; the value is freed with its owner. So a loader
 * can belong to a request, or a queue to a node, and be declared beside the code that uses it.
 */
export function memo<Owner extends object, Value>(make: (owner: Owner) => Value): (owner: Owner) => Value {
  const kept = new WeakMap<Owner, Value>();
  return (owner) => {
    const known = kept.get(owner);
    if (known !== undefined) return known;
    const value = make(owner);
    kept.set(owner, value);
    return value;
  };
}
