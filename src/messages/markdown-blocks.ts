import type { Steps } from './markdown-emphasis.ts';
import { inlineText } from './markdown-inline.ts';

/** Maximum depth of nested quotes and list items; deeper markers are text. */
const MAX_NESTING = 20;

/** A fenced code block that is not closed yet. */
interface Fence {
  readonly mark: string;
  readonly length: number;
  readonly quotes: number;
  /** Columns that are not part of the code. */
  readonly column: number;
  /** Whether it begins a list item, and ends with it. */
  readonly isItem: boolean;
  readonly lines: string[];
}

/** A line without the markers of its quotes and lists. */
interface Line {
  readonly text: string;
  readonly quotes: number;
  /** Spaces before the text, after the last marker. */
  readonly indent: number;
  /** Columns before the text, after the last quote. */
  readonly column: number;
  /** Whether a list item begins here. */
  readonly isItem: boolean;
}

const HEADING = /^#{1,6}(?:[ \t]+|$)/;
const FENCE = /^(?:`{3,}|~{3,})/;
const ITEM = /^(?:[-+*]|(\d{1,9})[.)])(?:[ \t]+|$)/;
const CODE_INDENT = 4;

/**
 * Removes the markup of Markdown, with one line per block: headings, quotes, lists and code. Tables and HTML stay text.
 */
export class BlockText {
  private readonly steps: Steps;
  private readonly blocks: string[] = [];
  private paragraph: string[] = [];
  private fence: Fence | null = null;
  private isInList = false;
  /** Of the previous line. */
  private quotes = 0;

  constructor(steps: Steps) {
    this.steps = steps;
  }

  read(text: string): string {
    for (const line of text.split(/\r\n|[\n\r]/)) {
      this.steps.count += 1 + line.length;
      if (!this.readInFence(line)) this.readLine(line);
    }
    if (this.fence) this.endFence(this.fence);
    this.endParagraph();
    return this.blocks.join('\n');
  }

  private readLine(raw: string): void {
    const line = this.strip(raw);
    const { text, quotes } = line;
    if (line.isItem || quotes > this.quotes) this.endParagraph();
    this.quotes = quotes;
    if (text === '') return this.endParagraph();
    if (this.isIndentedCode(line)) return this.readIndentedCode(raw, quotes);
    if (!line.isItem && line.indent < CODE_INDENT && this.paragraph.length > 0 && isUnderline(text))
      return this.endParagraph();
    if (isRule(text)) return this.endParagraph();
    if (HEADING.test(text)) return this.readHeading(text);
    if (!this.beginFence(line)) this.paragraph.push(text);
  }

  // -- markers ----------------------------------------------------------------------------------

  private strip(raw: string): Line {
    let [text, indent] = unindent(raw);
    let [quotes, column, isItem] = [0, indent, false];
    for (let level = 0; level < MAX_NESTING && !isRule(text); level++) {
      this.steps.count += 1 + text.length;
      const marker = this.markerIn(text, indent);
      if (marker === null) break;
      [text, indent] = unindent(text.slice(marker.length));
      if (marker === '>') {
        quotes++;
        indent = Math.max(0, indent - 1);
        column = indent;
      } else {
        isItem = true;
        column += marker.length + indent;
      }
    }
    if (isItem) this.isInList = true;
    else if (indent === 0 && text !== '' && this.paragraph.length === 0) this.isInList = false;
    return { text, quotes, indent, column, isItem };
  }

  private markerIn(text: string, indent: number): string | null {
    if (indent >= CODE_INDENT && !this.isInList) return null;
    if (text.startsWith('>')) return '>';
    const item = ITEM.exec(text);
    if (!item || (this.paragraph.length > 0 && !this.isInList && !mayInterrupt(item, text))) return null;
    return item[0].trimEnd();
  }

  private isIndentedCode({ indent, isItem }: Line): boolean {
    return indent >= CODE_INDENT && this.paragraph.length === 0 && !this.isInList && !isItem;
  }

  // -- blocks -----------------------------------------------------------------------------------

  private readIndentedCode(raw: string, quotes: number): void {
    this.blocks.push(withoutIndent(withoutQuotes(raw, quotes) ?? raw, CODE_INDENT).trimEnd());
  }

  private readHeading(text: string): void {
    this.endParagraph();
    const title = text.replace(HEADING, '').trimEnd();
    const closing = title.length - trimmedEnd(title, '#').length;
    const isClosed = closing > 0 && (closing === title.length || /[ \t]$/.test(title.slice(0, -closing)));
    this.push(isClosed ? title.slice(0, -closing).trimEnd() : title);
  }

  private endParagraph(): void {
    if (this.paragraph.length > 0) this.push(this.paragraph.join('\n'));
    this.paragraph = [];
  }

  private push(inline: string): void {
    if (inline !== '') this.blocks.push(inlineText(inline, this.steps));
  }

  // -- code between fences ----------------------------------------------------------------------

  private beginFence({ text, quotes, column, isItem }: Line): boolean {
    const [marks = ''] = FENCE.exec(text) ?? [];
    // An info string after backticks has no backtick: such a line is a code span.
    if (marks === '' || (marks.startsWith('`') && text.includes('`', marks.length))) return false;
    this.endParagraph();
    this.fence = { mark: marks.charAt(0), length: marks.length, quotes, column, isItem, lines: [] };
    return true;
  }

  /** Whether the line belongs to a code block. */
  private readInFence(raw: string): boolean {
    if (!this.fence) return false;
    const inside = insideOf(raw, this.fence);
    if (inside === null || isClosing(inside, this.fence)) this.endFence(this.fence);
    else this.fence.lines.push(withoutIndent(inside, this.fence.column));
    return inside !== null;
  }

  private endFence({ lines }: Fence): void {
    this.fence = null;
    const code = lines.join('\n').trimEnd();
    if (code !== '') this.blocks.push(code);
  }
}

/** Returns the text without the white space around it, and the number of columns before it. */
function unindent(text: string): [text: string, indent: number] {
  const rest = text.trimStart();
  let indent = 0;
  for (const space of text.slice(0, text.length - rest.length))
    indent += space === '\t' ? 4 - (indent % 4) : 1;
  return [rest.trimEnd(), indent];
}

/** Only some markers interrupt a paragraph: a number in a sentence or a single dash does not. */
function mayInterrupt([marker, number]: RegExpExecArray, text: string): boolean {
  return marker.length < text.length && (number === undefined || number === '1');
}

/** Whether the line consists of three or more of one mark, with optional spaces. */
function isRule(text: string): boolean {
  const mark = text.charAt(0);
  if (mark === '' || !'-*_'.includes(mark)) return false;
  let count = 0;
  for (const letter of text) {
    if (letter === mark) count++;
    else if (letter !== ' ' && letter !== '\t') return false;
  }
  return count >= 3;
}

/** Whether the line makes the paragraph above a heading. */
function isUnderline(text: string): boolean {
  return trimmedEnd(text, '=') === '' || trimmedEnd(text, '-') === '';
}

function trimmedEnd(text: string, mark: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === mark) end--;
  return text.slice(0, end);
}

function isClosing(line: string, { mark, length }: Fence): boolean {
  const text = line.trim();
  return text.length >= length && trimmedEnd(text, mark) === '';
}

/** Returns the line without the quotes around the code; null if a quote or list item has ended. */
function insideOf(raw: string, { quotes, column, isItem }: Fence): string | null {
  const inside = withoutQuotes(raw, quotes);
  if (inside === null || !isItem) return inside;
  const [text, indent] = unindent(inside);
  return text !== '' && indent < column ? null : inside;
}

/** Returns null if the quote has ended. */
function withoutQuotes(line: string, quotes: number): string | null {
  let rest = line;
  for (let i = 0; i < quotes; i++) {
    rest = rest.trimStart();
    if (!rest.startsWith('>')) return null;
    rest = rest.slice(rest[1] === ' ' ? 2 : 1);
  }
  return rest;
}

function withoutIndent(line: string, columns: number): string {
  let [at, column] = [0, 0];
  while (column < columns && (line[at] === ' ' || line[at] === '\t')) {
    column += line[at] === '\t' ? 4 - (column % 4) : 1;
    at++;
  }
  return line.slice(at);
}
