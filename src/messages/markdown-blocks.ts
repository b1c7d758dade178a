import type { Steps } from './markdown-emphasis.ts';
import { Line } from './markdown-line.ts';

/** Maximum depth of nested quotes and list items; deeper markers are text. */
export const MAX_NESTING = 20;

/** A block of a text. Blocks are listed in the order of the text, a container before its children. */
export interface Block {
  kind: 'paragraph' | 'heading' | 'code' | 'divider' | 'quote' | 'list' | 'item';
  /** Number of lists, items and quotes around it. */
  readonly depth: number;
  /** Of a paragraph and a heading with its inline markup; of code as it is shown. */
  text: string;
  /** Of a heading: 1 to 6. */
  level: number;
  /** Of an ordered list: its first number. */
  readonly start: number | null;
  /** Of code between fences. */
  readonly language: string | null;
}

/** A quote or list item that lines may continue. */
interface Container {
  /** Of an item: columns before its content. Null: a quote. */
  readonly padding: number | null;
  /** Of the blocks inside. */
  readonly depth: number;
  /** The marker of the list that its last block belongs to. */
  list: string | null;
  isEmpty: boolean;
}

interface Fence {
  readonly language: string | null;
  /** Its marks, and the columns before them. */
  readonly fence: string;
  readonly indent: number;
}

/** The block that takes the next line. */
interface Leaf extends Omit<Fence, 'language'> {
  readonly kind: 'paragraph' | 'fence' | 'indented';
  readonly block: Block;
  readonly lines: string[];
}

const CODE_INDENT = 4;
const MAX_LANGUAGE = 30;
const HEADING = /^(#{1,6})(?:[ \t]+|$)/;
const FENCE = /^(`{3,}|~{3,})[ \t]*([^ \t]*)/;
const ITEM = /(?:[-+*]|(\d{1,9})([.)]))(?=[ \t]|$)/y;
const UNDERLINE = /^(?:=+|-+)$/;
const LANGUAGE = /^[\w+#.-]+$/;

/** Finds the blocks of a text, as CommonMark does: all but HTML, tables and reference definitions, which are text. */
export function parseBlocks(text: string, steps: Steps): readonly Block[] {
  return new BlockParser(steps).parse(text);
}

class BlockParser {
  private readonly steps: Steps;
  private readonly blocks: Block[] = [];
  private readonly root: Container = { padding: null, depth: 0, list: null, isEmpty: true };
  /** The containers of the last block, outermost first. */
  private readonly open: Container[] = [];
  /** How many of them the current line continues. */
  private matched = 0;
  private leaf: Leaf | null = null;

  constructor(steps: Steps) {
    this.steps = steps;
  }

  parse(text: string): readonly Block[] {
    for (const raw of text.split(/\r\n|[\n\r]/)) {
      this.steps.count += 1 + raw.length;
      this.readLine(new Line(raw));
    }
    this.endLeaf();
    return this.blocks;
  }

  private readLine(line: Line): void {
    this.matched = this.match(line);
    if (this.isWhole && this.leaf && this.readCode(line, this.leaf)) return;
    while (this.beginContainer(line)) this.steps.count++;
    if (!line.isBlank && this.beginLeaf(line)) return;
    if (!line.isBlank && this.leaf?.kind === 'paragraph') {
      // Also without the markers of its containers.
      this.leaf.lines.push(line.text);
      return;
    }
    this.endUnmatched();
    if (!line.isBlank) this.begin('paragraph', [line.text]);
  }

  // -- containers -------------------------------------------------------------------------------

  /** Whether the line continues all containers. */
  private get isWhole(): boolean {
    return this.matched === this.open.length;
  }

  private get isInParagraph(): boolean {
    return this.isWhole && this.leaf?.kind === 'paragraph';
  }

  private get parent(): Container {
    return this.open.at(-1) ?? this.root;
  }

  /** Takes the markers of open containers. Returns how many there are. */
  private match(line: Line): number {
    for (const [i, container] of this.open.entries()) {
      this.steps.count++;
      if (!continues(container, line)) return i;
    }
    return this.open.length;
  }

  private beginContainer(line: Line): boolean {
    if (line.isBlank || line.indent >= CODE_INDENT || this.matched >= MAX_NESTING) return false;
    if (line.next === '>') return this.beginQuote(line);
    ITEM.lastIndex = line.at;
    const marker = ITEM.exec(line.raw);
    return marker !== null && this.beginItem(line, marker);
  }

  private beginQuote(line: Line): true {
    this.endUnmatched();
    const { depth } = this.add('quote');
    takeQuote(line);
    this.enter({ padding: null, depth: depth + 1, list: null, isEmpty: true });
    return true;
  }

  private beginItem(line: Line, [marker, number, end]: RegExpExecArray): boolean {
    const isLast = line.at + marker.length >= line.end;
    // A number in a sentence or a single dash does not interrupt a paragraph.
    if (this.isInParagraph && (isLast || (number !== undefined && number !== '1'))) return false;
    this.steps.count += line.end - line.at;
    if (isRule(line.text)) return false;
    this.endUnmatched();
    const depth = this.addItem(end ?? marker, number === undefined ? null : Number(number));
    const before = line.indent + marker.length;
    line.takeMarker(marker.length);
    const space = line.isBlank || line.indent > CODE_INDENT ? 1 : line.indent;
    line.takeSpace(space);
    this.enter({ padding: before + space, depth: depth + 1, list: null, isEmpty: true });
    return true;
  }

  /** Adds an item to the list of that marker, or to a new one. */
  private addItem(marker: string, start: number | null): number {
    const { parent } = this;
    if (parent.list !== marker) this.add('list', { start });
    parent.list = marker;
    return this.put({ kind: 'item', depth: parent.depth + 1 }).depth;
  }

  private enter(container: Container): void {
    this.open.push(container);
    this.matched = this.open.length;
  }

  /** Ends the containers that the line does not continue, and the block in them. */
  private endUnmatched(): void {
    this.endLeaf();
    this.open.length = this.matched;
  }

  // -- blocks -----------------------------------------------------------------------------------

  private beginLeaf(line: Line): boolean {
    if (line.indent >= CODE_INDENT) return this.beginIndentedCode(line);
    const { text } = line;
    if (this.isInParagraph && UNDERLINE.test(text)) return this.underline(text);
    const [marks, hashes = ''] = HEADING.exec(text) ?? [];
    if (marks !== undefined) return this.addHeading(text.slice(marks.length), hashes.length);
    if (isRule(text)) {
      this.endUnmatched();
      this.add('divider');
      return true;
    }
    return this.beginFence(line, text);
  }

  private beginIndentedCode(line: Line): boolean {
    if (this.leaf?.kind === 'paragraph') return false;
    this.endUnmatched();
    line.takeSpace(CODE_INDENT);
    this.begin('indented', [line.rest()]);
    return true;
  }

  private beginFence(line: Line, text: string): boolean {
    const [, fence = '', language = ''] = FENCE.exec(text) ?? [];
    // An info string after backticks has no backtick: such a line is a code span.
    if (fence === '' || (fence.startsWith('`') && text.includes('`', fence.length))) return false;
    this.endUnmatched();
    const isKnown = language.length <= MAX_LANGUAGE && LANGUAGE.test(language);
    this.begin('fence', [], { language: isKnown ? language : null, fence, indent: line.indent });
    return true;
  }

  private addHeading(title: string, level: number): true {
    this.endUnmatched();
    const text = title.slice(0, title.length - closingHashes(title)).trimEnd();
    this.add('heading', { level, text });
    return true;
  }

  /** Makes a heading of the paragraph above. */
  private underline(text: string): true {
    const block = this.leaf?.block as Block;
    this.endLeaf();
    block.kind = 'heading';
    block.level = text.startsWith('=') ? 1 : 2;
    return true;
  }

  /** Whether the line belongs to a block of code. */
  private readCode(line: Line, leaf: Leaf): boolean {
    if (leaf.kind === 'paragraph') return false;
    const isInside = leaf.kind === 'fence' || line.isBlank || line.indent >= CODE_INDENT;
    const isClosing = leaf.kind === 'fence' && line.indent < CODE_INDENT && closes(line.text, leaf.fence);
    if (isClosing || !isInside) this.endLeaf();
    if (isClosing || !isInside) return isClosing;
    line.takeSpace(leaf.indent);
    leaf.lines.push(line.rest());
    return true;
  }

  private begin(
    kind: Leaf['kind'],
    lines: string[],
    { language = null, fence = '', indent = CODE_INDENT }: Partial<Fence> = {},
  ): void {
    const block = this.add(kind === 'paragraph' ? kind : 'code', { language });
    this.leaf = { kind, block, lines, fence, indent };
  }

  private endLeaf(): void {
    if (!this.leaf) return;
    const { kind, block, lines } = this.leaf;
    const text = lines.join('\n');
    block.text = kind === 'paragraph' ? text : text.trimEnd();
    this.leaf = null;
  }

  private add(kind: Block['kind'], more: Partial<Block> = {}): Block {
    const { parent } = this;
    parent.list = null;
    return this.put({ ...more, kind, depth: parent.depth });
  }

  private put(block: Partial<Block> & Pick<Block, 'kind' | 'depth'>): Block {
    this.parent.isEmpty = false;
    const added: Block = { text: '', level: 0, start: null, language: null, ...block };
    this.blocks.push(added);
    return added;
  }
}

/** Whether the line continues the container. If so, takes its marker or its white space. */
function continues({ padding, isEmpty }: Container, line: Line): boolean {
  if (padding === null) return line.indent < CODE_INDENT && takeQuote(line);
  if (line.isBlank) return !isEmpty;
  if (line.indent < padding) return false;
  line.takeSpace(padding);
  return true;
}

function takeQuote(line: Line): boolean {
  if (line.next !== '>' || line.isBlank) return false;
  line.takeMarker(1);
  line.takeSpace(1);
  return true;
}

/** Whether the line consists of three or more of one mark, with optional spaces. */
function isRule(text: string): boolean {
  const mark = text.charAt(0);
  if (mark === '' || !'-*_'.includes(mark) || !text.endsWith(mark)) return false;
  let count = 0;
  for (const letter of text) {
    if (letter === mark) count++;
    else if (letter !== ' ' && letter !== '\t') return false;
  }
  return count >= 3;
}

/** The length of number signs at the end of a heading that are not part of it. */
function closingHashes(title: string): number {
  const length = title.length - trimmedEnd(title, '#').length;
  const isClosed = length === title.length || /[ \t]$/.test(title.slice(0, -length));
  return isClosed ? length : 0;
}

function closes(text: string, fence: string): boolean {
  return text.length >= fence.length && trimmedEnd(text, fence.charAt(0)) === '';
}

function trimmedEnd(text: string, mark: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === mark) end--;
  return text.slice(0, end);
}
