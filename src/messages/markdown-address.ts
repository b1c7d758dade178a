import { ENTITY, entityOf } from './markdown-entities.ts';

/** Maximum length of the address of a link, in characters; a longer one is text. */
export const MAX_ADDRESS = 2_000;

const ALLOWED = /^(?:https?:\/\/|mailto:)/i;
const ESCAPE = /\\([!-/:-@[-`{-~])/g;
const ENTITIES = new RegExp(ENTITY.source, 'gi');
const SCHEME = /(?<![\w@])https?$/i;
// No quotes, brackets, marks of spoilers, invisible characters or characters that change the direction of text.
const BARE = /\/\/[^\s\p{C}<>"'`\\|[\]{}^]{1,2000}/uy;
/** Punctuation that belongs to the sentence. */
const TRAILING = '?!.,:;*_~';

/** Returns the address in the form of a URL: ASCII, with its scheme. Null if a message must not link to it. */
export function linkAddress(text: string): string | null {
  if (text.length > MAX_ADDRESS || !ALLOWED.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  // A name before the host is for deceiving people.
  if (url.username !== '' || url.password !== '' || url.href.length > MAX_ADDRESS) return null;
  return url.href;
}

/** The same of a destination in Markdown, with its escapes and entities. */
export function destinationAddress(raw: string): string | null {
  if (raw.length > 2 * MAX_ADDRESS) return null;
  const text = raw.replace(ESCAPE, '$1');
  return linkAddress(text.replace(ENTITIES, (...match) => entityOf(match as unknown as RegExpExecArray)));
}

/** The same of a text between angle brackets, which may be an e-mail address. */
export function bracketedAddress(text: string): string | null {
  return linkAddress(text.includes(':') ? text : `mailto:${text}`);
}

/** The scheme of an address whose colon is at that index; null if there is none. */
export function schemeBefore(text: string, colon: number): string | null {
  return SCHEME.exec(text.slice(Math.max(0, colon - 6), colon))?.[0] ?? null;
}

/** The part of an address in running text from the colon's slashes on, without the punctuation behind it. */
export function bareRest(text: string, at: number): string {
  BARE.lastIndex = at;
  const rest = BARE.exec(text)?.[0] ?? '';
  let end = rest.length;
  let unopened = 0;
  for (const letter of rest) unopened += letter === ')' ? 1 : letter === '(' ? -1 : 0;
  for (;;) {
    const letter = rest.charAt(end - 1);
    if (letter === ')' && unopened > 0) unopened--;
    else if (letter === '' || !TRAILING.includes(letter)) break;
    end--;
  }
  return rest.slice(0, end);
}
