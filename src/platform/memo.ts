/**
 * One value per owner, made when first asked for and gone with its owner. This is how a loader belongs to a request
 * and a lane to a node while being declared beside the code that uses it.
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
