/** Where two JSON values differ, the innermost values first named: `room_7.messages.msg_7_12.text: "a", not "b"`. */
export function differencesBetween(actual: unknown, expected: unknown, path = ''): string[] {
  if (Array.isArray(actual) && Array.isArray(expected)) return betweenLists(actual, expected, path);
  if (isRecord(actual) && isRecord(expected)) return betweenRecords(actual, expected, path);
  return Object.is(actual ?? null, expected ?? null)
    ? []
    : [`${path}: ${shown(actual)}, not ${shown(expected)}`];
}

type Dictionary = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Dictionary {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function betweenRecords(actual: Dictionary, expected: Dictionary, path: string): string[] {
  const names = new Set([...Object.keys(actual), ...Object.keys(expected)]);
  return [...names].flatMap((name) => differencesBetween(actual[name], expected[name], under(path, name)));
}

/** Items with the same `id` are compared, wherever they stand; then their order. */
function betweenLists(actual: readonly unknown[], expected: readonly unknown[], path: string): string[] {
  const [own, other] = [byName(actual), byName(expected)];
  const missing = [...other.keys()].filter((name) => !own.has(name));
  const extra = [...own.keys()].filter((name) => !other.has(name));
  const shared = [...own].filter(([name]) => other.has(name));
  const found = [
    ...missing.map((name) => `${under(path, name)} is missing`),
    ...extra.map((name) => `${under(path, name)} should not be there`),
    ...shared.flatMap(([name, item]) => differencesBetween(item, other.get(name), under(path, name))),
  ];
  if (found.length > 0 || actual.length !== own.size)
    return found.length > 0 ? found : [`${path} has repeats`];
  const order = [...own.keys()];
  const at = [...other.keys()].findIndex((name, i) => name !== order[i]);
  return at < 0 ? [] : [`${path} has ${order[at]} in place of ${[...other.keys()][at]}`];
}

function byName(list: readonly unknown[]): Map<string, unknown> {
  return new Map(list.map((item, i) => [nameOf(item) ?? String(i), item]));
}

function nameOf(item: unknown): string | null {
  if (typeof item === 'string') return item;
  const id = isRecord(item) ? (item['id'] ?? item['emoji']) : null;
  return typeof id === 'string' ? id : null;
}

const under = (path: string, name: string) => (path ? `${path}.${name}` : name);

const MAX_SHOWN = 80;
const shown = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, MAX_SHOWN);
