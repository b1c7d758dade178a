/** A part of a line: text, or text with markup around it. */
export type Inline =
  | string
  | { readonly kind: 'break' }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'em' | 'del'; readonly parts: readonly Inline[] }
  | { readonly kind: 'link'; readonly href: string; readonly parts: readonly Inline[] };

/** Maximum depth of nested markup; deeper markup is text. */
const MAX_DEPTH = 6;
const MARKERS = [
  ['**', 'strong'],
  ['__', 'strong'],
  ['~~', 'del'],
  ['*', 'em'],
  ['_', 'em'],
] as const;
const ESCAPE = /\\[!-/:-@[-`{-~]/y;
const TICKS = /`{1,9}/y;
const LINK = /\[([^[\]\n]{1,500})\]\(([^\s()<>]{1,2000})\)/y;
const ADDRESS = /https?:\/\/[^\s<>"'`]{1,2000}/y;
const IS_WORD = /[\p{L}\p{N}_]/u;
const PROTOCOLS = new Set(['http:', 'https:', 'mailto:']);

interface Found {
  readonly part: Inline;
  readonly end: number;
}

/** Parses the inline markup of a block: emphasis, strikethrough, code, links and line breaks. */
export function parseInline(text: string, depth = 0): Inline[] {
  const parts: Inline[] = [];
  const hopeless = new Set<string>();
  let plain = '';
  for (let at = 0; at < text.length; ) {
    const found = depth < MAX_DEPTH ? partAt(text, at, depth, hopeless) : null;
    if (!found) {
      plain += text[at++];
      continue;
    }
    if (plain) parts.push(plain);
    plain = '';
    parts.push(found.part);
    at = found.end;
  }
  return plain ? [...parts, plain] : parts;
}

/** Returns the markup that starts there. `hopeless` are markers without an end, which are not searched again. */
function partAt(text: string, at: number, depth: number, hopeless: Set<string>): Found | null {
  switch (text[at]) {
    case '\n':
      return { part: { kind: 'break' }, end: at + 1 };
    case '\\':
      return escapeAt(text, at);
    case '`':
      return codeAt(text, at, hopeless);
    case '[':
      return linkAt(text, at, depth);
    case 'h':
      return addressAt(text, at);
    case '*':
    case '_':
    case '~':
      return emphasisAt(text, at, depth, hopeless);
    default:
      return null;
  }
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function escapeAt(text: string, at: number): Found | null {
  return match(ESCAPE, text, at) ? { part: text[at + 1] ?? '', end: at + 2 } : null;
}

function codeAt(text: string, at: number, hopeless: Set<string>): Found | null {
  const ticks = match(TICKS, text, at)?.[0] ?? '`';
  if (hopeless.has(ticks)) return { part: ticks, end: at + ticks.length };
  const begin = at + ticks.length;
  let close = text.indexOf(ticks, begin);
  while (close > 0 && text[close + ticks.length] === '`') close = text.indexOf(ticks, endOfRun(text, close));
  if (close < 0) hopeless.add(ticks);
  if (close < 0) return { part: ticks, end: begin };
  return { part: { kind: 'code', text: text.slice(begin, close) }, end: close + ticks.length };
}

function endOfRun(text: string, at: number): number {
  let end = at;
  while (text[end] === '`') end++;
  return end;
}

function linkAt(text: string, at: number, depth: number): Found | null {
  const [whole = '', label = '', target = ''] = match(LINK, text, at) ?? [];
  const href = safeHref(target);
  if (!href) return null;
  return { part: { kind: 'link', href, parts: parseInline(label, depth + 1) }, end: at + whole.length };
}

function addressAt(text: string, at: number): Found | null {
  if (at > 0 && IS_WORD.test(text[at - 1] ?? '')) return null;
  const found = match(ADDRESS, text, at)?.[0].replace(/[.,:;!?)\]*_~]{1,20}$/, '');
  const href = found && safeHref(found);
  return found && href ? { part: { kind: 'link', href, parts: [found] }, end: at + found.length } : null;
}

/** Returns the address, if a message may link to it. */
function safeHref(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url && PROTOCOLS.has(url.protocol) ? url.href : null;
}

function emphasisAt(text: string, at: number, depth: number, hopeless: Set<string>): Found | null {
  for (const [marker, kind] of MARKERS) {
    if (hopeless.has(marker) || !text.startsWith(marker, at) || !opens(text, at, marker)) continue;
    const close = closeOf(text, at + marker.length, marker);
    if (close === null) hopeless.add(marker);
    else {
      const parts = parseInline(text.slice(at + marker.length, close), depth + 1);
      return { part: { kind, parts }, end: close + marker.length };
    }
  }
  return null;
}

const isSpace = (char: string | undefined) => char === undefined || /\s/.test(char);
const isInWord = (marker: string, char: string | undefined) =>
  marker.startsWith('_') && char !== undefined && IS_WORD.test(char);

const opens = (text: string, at: number, marker: string) =>
  !isSpace(text[at + marker.length]) && !isInWord(marker, text[at - 1]);

function closeOf(text: string, from: number, marker: string): number | null {
  for (let at = text.indexOf(marker, from + 1); at >= 0; at = text.indexOf(marker, at + 1)) {
    const isPartOfLonger = marker.length === 1 && (text[at + 1] === marker || text[at - 1] === marker);
    if (!isPartOfLonger && !isSpace(text[at - 1]) && !isInWord(marker, text[at + marker.length])) return at;
  }
  return null;
}
