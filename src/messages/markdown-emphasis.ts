/** Counts inspected items, for tests of the worst case. */
export interface Steps {
  count: number;
}

export type Mark = '*' | '_' | '~' | '|';

/** Styles of text, as bits. */
export const styles = { BOLD: 1, ITALIC: 2, STRIKETHROUGH: 4, SPOILER: 8 } as const;

/** Text with a style, between two delimiters. */
export interface Span {
  /** Index of the first piece, and after the last one. */
  readonly from: number;
  readonly to: number;
  readonly style: number;
}

/** The character beside a delimiter. The ends of the text count as space. */
export type Neighbour = 'space' | 'punctuation' | 'letter';

/** A run of one mark. */
interface Run {
  readonly mark: Mark;
  readonly length: number;
  /** Index among the pieces of the text. */
  readonly piece: number;
  readonly before: Neighbour;
  readonly after: Neighbour;
}

/** A run that may be markup. */
export class Delimiter {
  readonly mark: Mark;
  readonly length: number;
  readonly piece: number;
  /** Ascends. */
  readonly number: number;
  readonly canOpen: boolean;
  readonly canClose: boolean;
  /** Delimiter characters that are not used as markup yet. */
  left: number;
  previous: Delimiter | null;
  next: Delimiter | null = null;

  constructor({ mark, length, piece, before, after }: Run, number: number, previous: Delimiter | null) {
    const opens = after !== 'space' && (after === 'letter' || before !== 'letter');
    const closes = before !== 'space' && (before === 'letter' || after !== 'letter');
    const isMarkup = !isDouble(mark) || length === 2;
    // Underscores inside words are text.
    const isInside = mark === '_' && opens && closes;
    this.mark = mark;
    this.length = length;
    this.piece = piece;
    this.number = number;
    this.canOpen = isMarkup && opens && (!isInside || before === 'punctuation');
    this.canClose = isMarkup && closes && (!isInside || after === 'punctuation');
    this.left = length;
    this.previous = previous;
  }
}

/**
 * Decides which delimiters are markup, by CommonMark's algorithm ("process emphasis", in its appendix). It is linear
 * because it remembers the delimiters below which there is no opener of a kind. Strikethrough is two tildes on each
 * side, a spoiler two vertical bars.
 */
export class Emphasis {
  readonly all: Delimiter[] = [];
  readonly spans: Span[] = [];
  /** Whether an underscore may begin emphasis. */
  hasUnderscore = false;
  /** The last unpaired delimiter. */
  last: Delimiter | null = null;
  private readonly steps: Steps;

  constructor(steps: Steps) {
    this.steps = steps;
  }

  add(run: Run): void {
    const delimiter = new Delimiter(run, this.all.length, this.last);
    if (this.last) this.last.next = delimiter;
    this.last = delimiter;
    this.hasUnderscore ||= run.mark === '_' && delimiter.canOpen;
    this.all.push(delimiter);
  }

  /** Pairs the delimiters after `bottom`, and removes them from the list. */
  pair(bottom: Delimiter | null): void {
    const floors = Array.from({ length: KINDS }, () => bottom?.number ?? -1);
    let closer = this.first(bottom);
    while (closer) {
      this.steps.count++;
      closer = closer.canClose && closer.left > 0 ? this.close(closer, floors) : closer.next;
    }
    this.last = bottom;
    if (bottom) bottom.next = null;
  }

  /** Returns the next delimiter: the same one as long as it has characters left and finds openers. */
  private close(closer: Delimiter, floors: number[]): Delimiter | null {
    const kind = kindOf(closer);
    const opener = this.openerFor(closer, floors[kind] ?? -1);
    if (opener) {
      this.consume(opener, closer);
      return closer.left === 0 ? this.without(closer) : closer;
    }
    floors[kind] = closer.number - 1;
    return closer.canOpen ? closer.next : this.without(closer);
  }

  private first(bottom: Delimiter | null): Delimiter | null {
    if (bottom) return bottom.next;
    let first = this.last;
    while (first?.previous) {
      this.steps.count++;
      first = first.previous;
    }
    return first;
  }

  /** The nearest opener after that number. */
  private openerFor(closer: Delimiter, floor: number): Delimiter | null {
    let opener = closer.previous;
    while (opener && opener.number > floor) {
      this.steps.count++;
      if (canPair(opener, closer)) return opener;
      opener = opener.previous;
    }
    return null;
  }

  /** Uses one pair of marks, and removes everything between them from the list. */
  private consume(opener: Delimiter, closer: Delimiter): void {
    const used = Math.min(opener.left, closer.left) >= 2 ? 2 : 1;
    opener.left -= used;
    closer.left -= used;
    this.spans.push({ from: opener.piece + 1, to: closer.piece, style: styleOf(opener.mark, used) });
    opener.next = closer;
    closer.previous = opener;
    if (opener.left === 0) this.without(opener);
  }

  /** Removes a delimiter from the list, and returns the next one. */
  private without({ previous, next }: Delimiter): Delimiter | null {
    if (previous) previous.next = next;
    if (next) next.previous = previous;
    else this.last = previous;
    return next;
  }
}

function canPair(opener: Delimiter, closer: Delimiter): boolean {
  if (!opener.canOpen || opener.mark !== closer.mark || opener.left === 0) return false;
  if (isDouble(opener.mark)) return true;
  const isAmbiguous = opener.canClose || closer.canOpen;
  const isThird = (opener.length + closer.length) % 3 === 0;
  return !isAmbiguous || !isThird || (opener.length % 3 === 0 && closer.length % 3 === 0);
}

/** Whether the mark means something only twice. */
const isDouble = (mark: Mark) => mark === '~' || mark === '|';

function styleOf(mark: Mark, used: number): number {
  if (mark === '~') return styles.STRIKETHROUGH;
  if (mark === '|') return styles.SPOILER;
  return used === 2 ? styles.BOLD : styles.ITALIC;
}

const MARKS = '*_~|';
const KINDS = MARKS.length * 6;

/** Closers of one kind find the same openers. */
function kindOf({ mark, canOpen, length }: Delimiter): number {
  return MARKS.indexOf(mark) * 6 + (canOpen ? 3 : 0) + (length % 3);
}

// -- neighbours --------------------------------------------------------------------------------

const SPACE = /\s/;
const PUNCTUATION = /[\p{P}\p{S}]/u;
const ASCII: readonly Neighbour[] = Array.from({ length: 128 }, (_, code) =>
  neighbour(String.fromCharCode(code)),
);

export function neighbourAfter(text: string, at: number): Neighbour {
  const code = text.codePointAt(at);
  return code === undefined ? 'space' : (ASCII[code] ?? neighbour(String.fromCodePoint(code)));
}

export function neighbourBefore(text: string, at: number): Neighbour {
  const code = at === 0 ? -1 : text.charCodeAt(at - 1);
  const isLow = code >= 0xdc00 && code <= 0xdfff && at > 1;
  return at === 0 ? 'space' : neighbourAfter(text, isLow ? at - 2 : at - 1);
}

function neighbour(letter: string): Neighbour {
  if (SPACE.test(letter)) return 'space';
  return PUNCTUATION.test(letter) ? 'punctuation' : 'letter';
}
