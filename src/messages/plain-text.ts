import { parseBlocks } from './markdown-blocks.ts';
import type { Steps } from './markdown-emphasis.ts';
import { inlineText } from './markdown-inline.ts';

/**
 * Returns the text without its Markdown, one line per block, for notifications, previews and screen readers. It is
 * never longer than the text, and hides spoilers. Tables, HTML and references stay unchanged.
 */
export function plainText(text: string, steps: Steps = { count: 0 }): string {
  const blocks = parseBlocks(text, steps);
  const lines = blocks.map((block) => (block.kind === 'code' ? block.text : inlineText(block.text, steps)));
  return lines.filter((line) => line !== '').join('\n');
}
