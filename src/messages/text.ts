import type { Services } from '../context.ts';
import { countCharacters } from '../platform/characters.ts';
import { invalid } from '../platform/errors.ts';
import { Lru } from '../platform/lru.ts';
import { memo } from '../platform/memo.ts';
import { BlockText } from './markdown-blocks.ts';
import type { Steps } from './markdown-emphasis.ts';

/** In code points. */
export const MAX_TEXT = 5_000;

/**
 * The text as it will be stored: line breaks at its end are taken off, nothing else is changed.
 * @throws ValidationError
 */
export function messageText(text: string): string {
  const kept = withoutTrailingBreaks(text);
  if (kept.trim() === '') throw invalid('input.text', 'A message cannot be blank.');
  // Code points are at most as many as UTF-16 units: the cheap test answers nearly always.
  if (kept.length > MAX_TEXT && countCharacters(kept) > MAX_TEXT) {
    throw invalid('input.text', `A message can have at most ${MAX_TEXT} characters.`);
  }
  return kept;
}

/** A loop, because a regular expression for trailing line breaks backtracks at each of them: quadratic. */
function withoutTrailingBreaks(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return text.slice(0, end);
}

/** The price of `Message.plainText`, in points: parsing costs more than reading a column. */
export const PLAIN_TEXT_POINTS = 10;

/** Longer texts are parsed once, as long as they are in the cache. */
const CACHED_FROM = 200;
const CACHED_TEXTS = 5_000;
/** With what they became. */
const CACHED_CHARACTERS = 4_000_000;

const plainTexts = memo((_node: Services) => new Lru<string>(CACHED_TEXTS, CACHED_CHARACTERS));

/** The same as `plainText`. A text is its own key: what a version says may be another after a restore. */
export function plainTextOf(node: Services, text: string, steps?: Steps): string {
  if (text.length < CACHED_FROM) return plainText(text, steps);
  const cache = plainTexts(node);
  const known = cache.get(text);
  if (known !== undefined) return known;
  const plain = plainText(text, steps);
  cache.set(text, plain, text.length + plain.length);
  return plain;
}

/**
 * The text without its Markdown, a line per block: for notifications, previews and screen readers. Never longer than
 * the text. Tables, HTML and references stay as they were written.
 */
export function plainText(text: string, steps: Steps = { count: 0 }): string {
  return new BlockText(steps).read(text);
}
