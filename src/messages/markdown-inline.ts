import {
  type Delimiter,
  Emphasis,
  type Mark,
  neighbourAfter,
  neighbourBefore,
  type Steps,
} from './markdown-emphasis.ts';
import { ENTITY, entityOf } from './markdown-entities.ts';
import { Target } from './markdown-target.ts';

/** A link whose brackets are not closed yet. */
interface Bracket {
  /** Index among the pieces. */
  readonly piece: number;
  readonly isImage: boolean;
  /** The delimiter before it: emphasis does not cross the brackets of a link. */
  readonly before: Delimiter | null;
}

const PUNCTUATION = /[!-/:-@[-`{-~]/;
const AUTOLINK = /<([a-z][a-z\d+.-]{1,31}:[^\s<>]*|[^\s<>@]+@[^\s<>@]+)>/iy;
const PLAIN = /[^\\`*_~[\]!<&]+/y;
const MARKUP = /[\\`*_~[\]<&]/;
const TICKS = /`+/g;

/** The text without inline markup. */
export function inlineText(text: string, steps: Steps): string {
  steps.count += text.length;
  return MARKUP.test(text) ? new InlineText(text, steps).read() : text;
}

/**
 * One block of Markdown without its inline markup: emphasis, strikethrough, code, links, images, escapes and common
 * entities. References stay text. It is linear in the length of the text: every character is inspected a bounded number
 * of times, and failed searches for the end of links use a budget.
 */
class InlineText {
  private readonly text: string;
  private readonly steps: Steps;
  private readonly pieces: string[] = [];
  private readonly brackets: Bracket[] = [];
  /** Brackets below this index are no longer inside a link: a link contains no other link. */
  private inactive = 0;
  private readonly emphasis: Emphasis;
  private readonly ticks: ReadonlyMap<number, number[]>;
  private lookAhead: number;
  private at = 0;

  constructor(text: string, steps: Steps) {
    this.text = text;
    this.steps = steps;
    this.emphasis = new Emphasis(steps);
    this.ticks = text.includes('`') ? this.findTicks() : new Map();
    this.lookAhead = 2 * text.length;
  }

  read(): string {
    while (this.at < this.text.length) {
      this.steps.count++;
      this.readNext();
    }
    this.emphasis.pair(null);
    for (const { piece, mark, left } of this.emphasis.all) this.pieces[piece] = mark.repeat(left);
    return this.pieces.join('');
  }

  private readNext(): void {
    const letter = this.text.charAt(this.at);
    if (letter === '\\') this.readEscape();
    else if (letter === '`') this.readCode();
    else if (letter === '*' || letter === '_' || letter === '~') this.readDelimiters(letter);
    else if (letter === '[') this.open(1, false);
    else if (letter === '!' && this.text[this.at + 1] === '[') this.open(2, true);
    else if (letter === ']') this.close();
    else if (letter === '<') this.readMatch(AUTOLINK, ([, address = '']) => address);
    else if (letter === '&') this.readMatch(ENTITY, entityOf);
    else this.readPlain();
  }

  private put(piece: string, length: number): void {
    this.pieces.push(piece);
    this.at += length;
  }

  private readPlain(): void {
    PLAIN.lastIndex = this.at;
    const plain = PLAIN.exec(this.text)?.[0] ?? this.text.charAt(this.at);
    this.steps.count += plain.length;
    this.put(plain, plain.length);
  }

  private readEscape(): void {
    const next = this.text.charAt(this.at + 1);
    if (PUNCTUATION.test(next)) this.put(next, 2);
    else if (next === '\n') this.put('\n', 2);
    else this.put('\\', 1);
  }

  private readMatch(pattern: RegExp, textOf: (match: RegExpExecArray) => string): void {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.put(textOf(match), match[0].length);
    else this.put(this.text.charAt(this.at), 1);
  }

  // -- code -------------------------------------------------------------------------------------

  /** Returns the starts of runs of backticks by their length, the last of them first. */
  private findTicks(): Map<number, number[]> {
    const found = new Map<number, number[]>();
    for (const { 0: run, index } of [...this.text.matchAll(TICKS)].reverse()) {
      this.steps.count++;
      const starts = found.get(run.length) ?? [];
      starts.push(index);
      found.set(run.length, starts);
    }
    return found;
  }

  private readCode(): void {
    const start = this.at;
    let end = start;
    while (this.text[end] === '`') end++;
    const ticks = end - start;
    const closing = this.nextTicks(ticks, end);
    if (closing === null) return this.put('`'.repeat(ticks), ticks);
    this.put(codeOf(this.text.slice(end, closing)), closing + ticks - start);
  }

  /** Returns the next run of that many backticks; earlier ones are never needed again. */
  private nextTicks(ticks: number, from: number): number | null {
    const starts = this.ticks.get(ticks) ?? [];
    while (starts.length > 0 && (starts.at(-1) as number) < from) {
      this.steps.count++;
      starts.pop();
    }
    return starts.at(-1) ?? null;
  }

  // -- emphasis ---------------------------------------------------------------------------------

  private readDelimiters(mark: Mark): void {
    let end = this.at;
    while (this.text[end] === mark) end++;
    const length = end - this.at;
    this.steps.count += length;
    this.emphasis.add({
      mark,
      length,
      piece: this.pieces.length,
      before: neighbourBefore(this.text, this.at),
      after: neighbourAfter(this.text, end),
    });
    this.put('', length);
  }

  // -- links ------------------------------------------------------------------------------------

  private open(length: number, isImage: boolean): void {
    this.brackets.push({ piece: this.pieces.length, isImage, before: this.emphasis.last });
    this.put(isImage ? '![' : '[', length);
  }

  private close(): void {
    const isActive = this.brackets.length > this.inactive || this.brackets.at(-1)?.isImage === true;
    const bracket = this.brackets.pop();
    this.inactive = Math.min(this.inactive, this.brackets.length);
    const end = bracket && isActive ? this.endOfTarget(this.at + 1) : null;
    if (!bracket || end === null) return this.put(']', 1);
    this.pieces[bracket.piece] = '';
    this.emphasis.pair(bracket.before);
    this.at = end;
    if (!bracket.isImage) this.inactive = this.brackets.length;
  }

  /** Returns the index after `(destination "title")`; null if there is none. */
  private endOfTarget(start: number): number | null {
    if (this.text[start] !== '(' || this.lookAhead <= 0) return null;
    const end = new Target(this.text, start + 1).end();
    const looked = end.at - start;
    this.steps.count += looked;
    if (!end.isClosed) this.lookAhead -= looked;
    return end.isClosed ? end.at : null;
  }
}

function codeOf(text: string): string {
  const code = text.replaceAll('\n', ' ');
  const isPadded = code.startsWith(' ') && code.endsWith(' ') && code.trim() !== '';
  return isPadded ? code.slice(1, -1) : code;
}
