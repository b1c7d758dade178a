import { type Block, parseBlocks } from './markdown-blocks.ts';
import { type Steps, styles } from './markdown-emphasis.ts';
import { inlineRuns, type Run } from './markdown-inline.ts';

/** Blocks and inlines of one message, a mention counted as three. Beyond it, text has no markup. */
export const MAX_CONTENT_NODES = 300;
const NODES_OF_MENTION = 3;
/** Characters of the addresses of all links of one message; every inline of a link has its address. */
export const MAX_CONTENT_ADDRESSES = 5_000;

/** A part of a paragraph. */
export interface Inline extends Omit<Run, 'kind'> {
  readonly kind: Run['kind'] | 'emoji';
}

/** A block with its inlines, if its kind has some. */
export interface ContentBlock extends Readonly<Block> {
  readonly inlines: readonly Inline[];
}

/** The text of a message as a tree. A block of depth n is a child of the last block before it of depth n - 1. */
export interface Content {
  readonly blocks: readonly ContentBlock[];
  /** Whom it mentions, as written and without `@`. Not only in the blocks: also beyond the limit. */
  readonly names: readonly string[];
}

/** Parses the Markdown of a message. The work is linear in its length, and the result bounded by the limits above. */
export function parseContent(text: string, steps: Steps = { count: 0 }): Content {
  const builder = new ContentBuilder(steps);
  for (const block of parseBlocks(text, steps)) builder.add(block);
  return builder.content();
}

/** The text beyond the limit, as one inline. If a part of it is a spoiler, all of it is. */
interface Rest extends Inline {
  styles: number;
}

class ContentBuilder {
  private readonly steps: Steps;
  private readonly blocks: ContentBlock[] = [];
  private readonly names: string[] = [];
  private nodes = MAX_CONTENT_NODES;
  private addresses = MAX_CONTENT_ADDRESSES;
  private rest: Rest | null = null;

  constructor(steps: Steps) {
    this.steps = steps;
  }

  add(block: Block): void {
    const hasInlines = block.kind === 'paragraph' || block.kind === 'heading';
    const runs = hasInlines ? inlineRuns(block.text, this.steps) : [];
    for (const { kind, text } of runs) if (kind === 'mention') this.names.push(text.slice(1));
    if (this.nodes > 0 && !this.rest) this.addBlock(block, runs);
    else if (block.text !== '') this.addLine(block, runs);
  }

  content(): Content {
    return { blocks: this.blocks, names: this.names };
  }

  private addBlock(block: Block, runs: readonly Run[]): void {
    const inlines: Inline[] = [];
    this.nodes--;
    this.blocks.push({ ...block, inlines });
    for (const run of runs) {
      const parts = this.rest ? [run] : withEmoji(run, this.steps);
      for (const inline of parts) this.addInline(inline, inlines);
    }
  }

  private addInline(inline: Inline, inlines: Inline[]): void {
    const nodes = inline.kind === 'mention' ? NODES_OF_MENTION : 1;
    const length = inline.url?.length ?? 0;
    if (this.rest || nodes > this.nodes || length > this.addresses) return this.addRest(inline, inlines);
    this.nodes -= nodes;
    this.addresses -= length;
    inlines.push(inline);
  }

  /** A block beyond the limit is a line of the last inline. */
  private addLine(block: Block, runs: readonly Run[]): void {
    const inlines: Inline[] = [];
    const isCode = block.kind === 'code';
    if (this.rest) this.rest.text += '\n';
    else this.blocks.push({ ...block, kind: 'paragraph', depth: 0, inlines });
    for (const run of isCode ? [{ text: block.text, styles: 0 }] : runs) this.addRest(run, inlines);
  }

  private addRest(run: Pick<Run, 'text' | 'styles'>, inlines: Inline[]): void {
    if (!this.rest) {
      this.rest = { kind: 'text', text: '', styles: 0, url: null };
      inlines.push(this.rest);
    }
    this.rest.text += run.text;
    this.rest.styles |= run.styles & styles.SPOILER;
  }
}

// A flag, a keycap, or a picture with what follows it: a skin tone, the name of a region, and joined pictures. The exact
// list (RGI_Emoji) is many times slower, and a text has characters of which no emoji begins.
const EMOJI =
  /\p{Regional_Indicator}\p{Regional_Indicator}|[0-9#*]\ufe0f\u20e3|(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|\p{Emoji_Modifier_Base}\p{Emoji_Modifier})(?:\p{Emoji_Modifier}|[\u{e0020}-\u{e007e}]{1,7}\u{e007f})?(?:\u200d\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?){0,9}/gu;
const NOT_ASCII = /[^\0-\x7f]/;

/** Separates the emoji of a text from its other characters. */
function* withEmoji(run: Run, steps: Steps): Generator<Inline> {
  let end = 0;
  if (run.kind === 'text' && NOT_ASCII.test(run.text)) {
    steps.count += run.text.length;
    for (const { 0: emoji, index } of run.text.matchAll(EMOJI)) {
      if (index > end) yield { ...run, text: run.text.slice(end, index) };
      yield { ...run, kind: 'emoji', text: emoji };
      end = index + emoji.length;
    }
  }
  if (end < run.text.length) yield end === 0 ? run : { ...run, text: run.text.slice(end) };
}
