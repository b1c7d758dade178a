/** A new idempotency key: a UUID of version 7, ordered by time. */
export function newKey(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  const bytes = [...crypto.getRandomValues(new Uint8Array(9))];
  const random = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return (time + random).replace(/^(.{8})(.{4})(.{3})(.{3})/, '$1-$2-7$3-8$4-');
}
