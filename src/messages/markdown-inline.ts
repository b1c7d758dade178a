import {
  bareRest,
  bracketedAddress,
  destinationAddress,
  linkAddress,
  schemeBefore,
} from './markdown-address.ts';
import { emojiAt } from './markdown-emoji.ts';
import {
  type Delimiter,
  Emphasis,
  type Mark,
  neighbourAfter,
  neighbourBefore,
  type Steps,
  styles,
} from './markdown-emphasis.ts';
import { ENTITY, entityOf } from './markdown-entities.ts';
import { mentionAt } from './markdown-mention.ts';
import { Target } from './markdown-target.ts';

/** A link whose brackets are not closed yet. */
interface Bracket {
  /** Index among the pieces. */
  readonly piece: number;
  readonly isImage: boolean;
  /** The delimiter before it: emphasis does not cross the brackets of a link. */
  readonly before: Delimiter | null;
}

/** Text with the same properties. */
export interface Run {
  readonly kind: 'text' | 'code' | 'mention' | 'custom-emoji';
  /** As it is shown: of a mention, with its `@`; of a custom emoji, with its colons. */
  text: string;
  /** Bits of `styles`. */
  readonly styles: number;
  /** The address of the link that it belongs to. */
  readonly url: string | null;
}

/** What a piece is, other than text. */
interface Special {
  readonly kind: Run['kind'];
  readonly url: string | null;
}

interface Link {
  /** Index after its last piece. */
  readonly to: number;
  readonly url: string;
}

const PUNCTUATION = /[!-/:-@[-`{-~]/;
const AUTOLINK = /<([a-z][a-z\d+.-]{1,31}:[^\s<>]*|[^\s<>@]+@[^\s<>@]+)>/iy;
const PLAIN = /[^\\`*_~|[\]!<&@:]+/y;
const MARKUP = /[\\`*_~|[\]<&@:]/;
const TICKS = /`+/g;
/** Stands for the text of a spoiler. */
const HIDDEN = '…';

/** The text without inline markup. Spoilers are hidden. */
export function inlineText(text: string, steps: Steps): string {
  steps.count += text.length;
  return MARKUP.test(text) ? new InlineParser(text, steps).plain() : text;
}

/** The text as runs of one style each; together they are `inlineText`, with the text of spoilers. */
export function inlineRuns(text: string, steps: Steps): Run[] {
  steps.count += text.length;
  if (text === '') return [];
  if (!MARKUP.test(text)) return [{ kind: 'text', text, styles: 0, url: null }];
  return new InlineParser(text, steps).runs();
}

/**
 * Reads the inline markup of one block of Markdown: emphasis, strikethrough, spoilers, code, links, images, mentions,
 * custom emoji, escapes and common entities. References stay text. It is linear in the length of the text: every character is
 * inspected a bounded number of times, and failed searches for the end of links use a budget.
 */
class InlineParser {
  private readonly text: string;
  private readonly steps: Steps;
  private readonly pieces: string[] = [];
  /** By the index of the piece. */
  private readonly specials = new Map<number, Special>();
  /** By the index of the first piece; of nested images, the outermost. */
  private readonly links = new Map<number, Link>();
  private readonly brackets: Bracket[] = [];
  /** Brackets below this index are no longer inside a link: a link contains no other link. */
  private inactive = 0;
  private readonly emphasis: Emphasis;
  private readonly ticks: ReadonlyMap<number, number[]>;
  private lookAhead: number;
  private at = 0;
  /** Index after the last custom emoji. */
  private emojiEnd = -1;

  constructor(text: string, steps: Steps) {
    this.text = text;
    this.steps = steps;
    this.emphasis = new Emphasis(steps);
    this.ticks = text.includes('`') ? this.findTicks() : new Map();
    this.lookAhead = 2 * text.length;
  }

  plain(): string {
    this.read();
    if (!this.emphasis.spans.some(({ style }) => style === styles.SPOILER)) return this.pieces.join('');
    const shown: string[] = [];
    for (const run of this.allRuns()) {
      const text = run.styles & styles.SPOILER ? HIDDEN : run.text;
      if (text !== HIDDEN || shown.at(-1) !== HIDDEN) shown.push(text);
    }
    return shown.join('');
  }

  runs(): Run[] {
    this.read();
    return this.allRuns();
  }

  private read(): void {
    while (this.at < this.text.length) {
      this.steps.count++;
      this.readNext();
    }
    this.emphasis.pair(null);
    for (const { piece, mark, left } of this.emphasis.all) this.pieces[piece] = mark.repeat(left);
  }

  private readNext(): void {
    const letter = this.text.charAt(this.at);
    if (letter === '\\') this.readEscape();
    else if (letter === '`') this.readCode();
    else if (letter === '*' || letter === '_' || letter === '~' || letter === '|')
      this.readDelimiters(letter);
    else if (letter === '[') this.open(1, false);
    else if (letter === '!' && this.text[this.at + 1] === '[') this.open(2, true);
    else if (letter === ']') this.close();
    else if (letter === '<') this.readAutolink();
    else if (letter === '&') this.readEntity();
    else if (letter === '@') this.readMention();
    else if (letter === ':') this.readColon();
    else this.readPlain();
  }

  // -- runs -------------------------------------------------------------------------------------

  private allRuns(): Run[] {
    const runs: Run[] = [];
    const stylesOf = this.styles();
    let link: Link | null = null;
    for (const [i, text] of this.pieces.entries()) {
      this.steps.count++;
      if (!link || i >= link.to) link = this.links.get(i) ?? null;
      const { kind = 'text', url = null } = this.specials.get(i) ?? {};
      add(runs, { kind, text, styles: stylesOf[i] ?? 0, url: link?.url ?? url });
    }
    return runs;
  }

  /** The styles of each piece. */
  private styles(): readonly number[] {
    const { spans } = this.emphasis;
    if (spans.length === 0) return [];
    const changes = Object.values(styles).map(
      (style) => [style, new Int32Array(this.pieces.length + 1)] as const,
    );
    for (const { from, to, style } of spans) {
      const [, change] = changes.find(([each]) => each === style) as (typeof changes)[number];
      change[from] = (change[from] ?? 0) + 1;
      change[to] = (change[to] ?? 0) - 1;
    }
    const depths = changes.map(() => 0);
    return this.pieces.map((_piece, i) =>
      changes.reduce((bits, [style, change], nth) => {
        const depth = (depths[nth] ?? 0) + (change[i] ?? 0);
        depths[nth] = depth;
        return depth > 0 ? bits | style : bits;
      }, 0),
    );
  }

  // -- text -------------------------------------------------------------------------------------

  private put(piece: string, length: number, special?: Special): void {
    if (special) this.specials.set(this.pieces.length, special);
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

  private readAutolink(): void {
    const [whole, address = ''] = this.match(AUTOLINK) ?? [];
    if (whole === undefined) return this.put('<', 1);
    this.put(address, whole.length, { kind: 'text', url: bracketedAddress(address) });
  }

  private readEntity(): void {
    const match = this.match(ENTITY);
    if (match) this.put(entityOf(match), match[0].length);
    else this.put('&', 1);
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text);
  }

  private readMention(): void {
    const name = mentionAt(this.text, this.at, this.emphasis.hasUnderscore);
    if (name === null) return this.put('@', 1);
    this.put(`@${name}`, name.length + 1, { kind: 'mention', url: null });
  }

  private readColon(): void {
    const emoji = emojiAt(this.text, this.at, this.emojiEnd);
    if (emoji === null) return this.readAddress();
    this.steps.count += emoji.length;
    this.put(emoji, emoji.length, { kind: 'custom-emoji', url: null });
    this.emojiEnd = this.at;
  }

  /** An address without markup. Marks in it are part of it. */
  private readAddress(): void {
    const scheme = schemeBefore(this.text, this.at);
    const last = this.pieces.at(-1);
    if (scheme === null || this.lookAhead <= 0 || !last?.endsWith(scheme)) return this.put(':', 1);
    const rest = bareRest(this.text, this.at + 1);
    const url = linkAddress(`${scheme}:${rest}`);
    this.steps.count += rest.length;
    if (url === null) {
      this.lookAhead -= rest.length;
      return this.put(':', 1);
    }
    this.pieces[this.pieces.length - 1] = last.slice(0, -scheme.length);
    this.put(`${scheme}:${rest}`, 1 + rest.length, { kind: 'text', url });
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
    const code = codeOf(this.text.slice(end, closing));
    this.put(code, closing + ticks - start, { kind: 'code', url: null });
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
    const target = bracket && isActive ? this.targetAt(this.at + 1) : null;
    if (!bracket || target === null) return this.put(']', 1);
    this.pieces[bracket.piece] = '';
    this.emphasis.pair(bracket.before);
    const url = destinationAddress(target.destination);
    if (url !== null) this.links.set(bracket.piece, { to: this.pieces.length, url });
    this.at = target.at;
    if (!bracket.isImage) this.inactive = this.brackets.length;
  }

  /** Returns the index after `(destination "title")`, and the destination; null if there is none. */
  private targetAt(start: number): { readonly at: number; readonly destination: string } | null {
    if (this.text[start] !== '(' || this.lookAhead <= 0) return null;
    const end = new Target(this.text, start + 1).end();
    const looked = end.at - start;
    this.steps.count += looked;
    if (!end.isClosed) this.lookAhead -= looked;
    return end.isClosed ? end : null;
  }
}

/** Appends to the last run, if they differ in nothing. */
function add(runs: Run[], run: Run): void {
  const last = runs.at(-1);
  const isSame =
    run.kind === 'text' && last?.kind === 'text' && last.styles === run.styles && last.url === run.url;
  if (isSame) last.text += run.text;
  else if (run.text !== '') runs.push(run);
}

function codeOf(text: string): string {
  const code = text.replaceAll('\n', ' ');
  const isPadded = code.startsWith(' ') && code.endsWith(' ') && code.trim() !== '';
  return isPadded ? code.slice(1, -1) : code;
}
