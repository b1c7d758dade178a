export const ENTITY = /&(?:#x([\da-f]{1,6})|#(\d{1,7})|([a-z]{2,6}));/iy;
const MAX_CODE_POINT = 0x10ffff;

/** Common entities; others stay unchanged. */
const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  copy: '©',
  reg: '®',
  trade: '™',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  euro: '€',
};

export function entityOf([whole, hex, decimal, name = '']: RegExpExecArray): string {
  if (hex === undefined && decimal === undefined) return entities[name] ?? whole;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  const isHalf = code >= 0xd800 && code <= 0xdfff;
  return code === 0 || code > MAX_CODE_POINT || isHalf ? '\ufffd' : String.fromCodePoint(code);
}
