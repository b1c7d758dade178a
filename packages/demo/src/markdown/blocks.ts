import { type Inline, parseInline } from './inline.ts';

/** A block of a message. */
export type Block =
  | { readonly kind: 'paragraph' | 'heading'; readonly parts: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'list'; readonly start: number | null; readonly items: readonly (readonly Inline[])[] };

/** Maximum depth of nested quotes; deeper ones are text. */
const MAX_DEPTH = 4;
const FENCE = /^ {0,3}```/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^ {0,3}(?:[-*+]|(\d{1,9})[.)]) +(?=\S)/;
const HEADING = /^ {0,3}#{1,6} +/;
const CONTINUED = /^ {2,}(?=\S)/;

/** Parses the Markdown of a message. Unknown markup stays text; HTML is text. */
export function parseBlocks(text: string, depth = 0): Block[] {
  return new BlockParser(text.split('\n'), depth).parse();
}

class BlockParser {
  private readonly lines: readonly string[];
  private readonly depth: number;
  private at = 0;

  constructor(lines: readonly string[], depth: number) {
    this.lines = lines;
    this.depth = depth;
  }

  parse(): Block[] {
    const blocks: Block[] = [];
    while (this.at < this.lines.length) {
      if (this.line.trim() === '') this.at++;
      else blocks.push(this.next());
    }
    return blocks;
  }

  private get line(): string {
    return this.lines[this.at] ?? '';
  }

  private next(): Block {
    if (FENCE.test(this.line)) return this.code();
    if (this.depth < MAX_DEPTH && QUOTE.test(this.line)) return this.quote();
    if (ITEM.test(this.line)) return this.list();
    if (HEADING.test(this.line)) return this.heading();
    return this.paragraph();
  }

  /** Takes the lines from here to the first for which the condition is false. */
  private take(holds: (line: string) => boolean): string[] {
    const taken: string[] = [];
    while (this.at < this.lines.length && holds(this.line)) {
      taken.push(this.line);
      this.at++;
    }
    return taken;
  }

  private code(): Block {
    this.at++;
    const text = this.take((line) => !FENCE.test(line)).join('\n');
    this.at++;
    return { kind: 'code', text };
  }

  private quote(): Block {
    const inside = this.take((line) => QUOTE.test(line)).map((line) => line.replace(QUOTE, ''));
    return { kind: 'quote', blocks: parseBlocks(inside.join('\n'), this.depth + 1) };
  }

  private list(): Block {
    const number = ITEM.exec(this.line)?.[1];
    const items: string[] = [];
    for (const line of this.take((each) => ITEM.test(each) || CONTINUED.test(each))) {
      if (ITEM.test(line)) items.push(line.replace(ITEM, ''));
      else items.push(`${items.pop() ?? ''}\n${line.trim()}`);
    }
    const start = number === undefined ? null : Number(number);
    return { kind: 'list', start, items: items.map((item) => parseInline(item)) };
  }

  private heading(): Block {
    const text = this.line.replace(HEADING, '');
    this.at++;
    return { kind: 'heading', parts: parseInline(text) };
  }

  private paragraph(): Block {
    const first = this.line;
    this.at++;
    const more = this.take((line) => line.trim() !== '' && !this.beginsOther(line));
    return { kind: 'paragraph', parts: parseInline([first, ...more].join('\n')) };
  }

  private beginsOther(line: string): boolean {
    const isQuote = this.depth < MAX_DEPTH && QUOTE.test(line);
    return isQuote || FENCE.test(line) || ITEM.test(line) || HEADING.test(line);
  }
}
