import MarkdownIt from 'markdown-it';
import { countCharacters } from '../platform/characters.ts';
import { invalid } from '../platform/errors.ts';

/** In code points. */
export const MAX_TEXT = 5_000;

/**
 * The text as it will be stored: line breaks at its end are taken off, nothing else is changed.
 * @throws ValidationError
 */
export function messageText(text: string): string {
  const kept = text.replace(/[\r\n]+$/, '');
  if (kept.trim() === '') throw invalid('input.text', 'A message says something: not only white space.');
  // Code points are at most as many as UTF-16 units: the cheap test answers nearly always.
  if (kept.length > MAX_TEXT && countCharacters(kept) > MAX_TEXT) {
    throw invalid('input.text', `A message has at most ${MAX_TEXT} characters.`);
  }
  return kept;
}

// Raw HTML stays text: it is shown as it was written, by whoever shows it, escaped at output.
const markdown = new MarkdownIt({ html: false, linkify: false });

interface Token {
  readonly type: string;
  readonly content: string;
  readonly children: Token[] | null;
}

const breaks = new Set(['softbreak', 'hardbreak']);
const texts = new Set(['text', 'code_inline', 'image']);

function textOf(token: Token): string {
  if (token.children) return token.children.map(textOf).join('');
  if (breaks.has(token.type)) return '\n';
  return texts.has(token.type) ? token.content : '';
}

/** The price of `Message.plainText`: parsing costs more than reading a column. */
export const PLAIN_TEXT_POINTS = 5;

/** The text without its Markdown, a line per block: for notifications, previews and screen readers. */
export function plainText(text: string): string {
  const blocks = (markdown.parse(text, {}) as Token[]).flatMap((token) => {
    if (token.type === 'fence' || token.type === 'code_block') return [token.content.trimEnd()];
    return token.type === 'inline' ? [textOf(token)] : [];
  });
  return blocks.join('\n');
}
