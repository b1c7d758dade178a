import type { Services } from '../context.ts';
import { countCharacters } from '../platform/characters.ts';
import { invalid } from '../platform/errors.ts';
import { Lru } from '../platform/lru.ts';
import { memo } from '../platform/memo.ts';
import { type Content, parseContent } from './content.ts';
import type { Steps } from './markdown-emphasis.ts';
import { plainText } from './plain-text.ts';

/** In code points. */
export const MAX_TEXT = 5_000;

/**
 * Returns the text in its stored form: without line breaks at its end, otherwise unchanged.
 * @throws ValidationError
 */
export function messageText(text: string, field = 'input.text'): string {
  const kept = withoutTrailingBreaks(text);
  if (kept.trim() === '') throw invalid(field, 'A message cannot be blank.');
  // A text has at most as many code points as UTF-16 units, so the cheap test is usually enough.
  if (kept.length > MAX_TEXT && countCharacters(kept) > MAX_TEXT) {
    throw invalid(field, `A message can have at most ${MAX_TEXT} characters.`);
  }
  return kept;
}

/** Uses a loop, because a regular expression for trailing line breaks takes quadratic time. */
function withoutTrailingBreaks(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return text.slice(0, end);
}

/** The price of `Message.plainText`, in points: parsing costs more than reading a column. */
export const PLAIN_TEXT_POINTS = 10;

/** The price of `Message.content`, without its blocks. */
export const CONTENT_POINTS = 10;

/** Minimum length of a text whose result is cached. */
const CACHED_FROM = 200;
const CACHED_TEXTS = 5_000;
/** Characters of texts and their results in the cache. */
const CACHED_CHARACTERS = 4_000_000;

const plainTexts = memo((_node: Services) => new Lru<string>(CACHED_TEXTS, CACHED_CHARACTERS));

/**
 * The same as `plainText`, cached. The key is the text itself, because a version can have another text after a restore.
 */
export function plainTextOf(node: Services, text: string, steps?: Steps): string {
  if (text.length < CACHED_FROM) return plainText(text, steps);
  const cache = plainTexts(node);
  const known = cache.get(text);
  if (known !== undefined) return known;
  const plain = plainText(text, steps);
  cache.set(text, plain, text.length + plain.length);
  return plain;
}

const CACHED_NODES = 100_000;
/** So many take the memory of a node. */
const CHARACTERS_OF_NODE = 100;

const contents = memo((_node: Services) => new Lru<Content>(CACHED_TEXTS, CACHED_NODES));

/** The same as `parseContent`, cached. */
export function contentOf(node: Services, text: string, steps?: Steps): Content {
  if (text.length < CACHED_FROM) return parseContent(text, steps);
  const cache = contents(node);
  const known = cache.get(text);
  if (known) return known;
  const content = parseContent(text, steps);
  const nodes = content.blocks.reduce((sum, { inlines }) => sum + 1 + inlines.length, 0);
  cache.set(text, content, nodes + text.length / CHARACTERS_OF_NODE);
  return content;
}
