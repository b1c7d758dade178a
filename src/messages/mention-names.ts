import { invalid } from '../platform/errors.ts';

/** Different people that one message may mention. */
export const MAX_MENTIONS = 50;

/** The name that stands for all members. */
const EVERYBODY = 'room';

/** Whom a text names with @, before anybody has looked whether they are in the room. */
export interface MentionedNames {
  /** In lower case, each once. */
  readonly names: readonly string[];
  readonly isEverybody: boolean;
}

const NOBODY: MentionedNames = { names: [], isEverybody: false };

// Not inside of a word, an address or a path, and not behind a backslash. A username has 3 to 50 of these characters.
const MENTION = /(?<![\w@./\\-])@([A-Za-z0-9_-]{3,50})(?![\w@-])/g;

/**
 * The names that a text mentions: `@username`, and `@room` for all members. Code mentions nobody. Linear in the length of
 * the text.
 * @throws ValidationError where there are more than MAX_MENTIONS
 */
export function mentionedNames(text: string): MentionedNames {
  if (!text.includes('@')) return NOBODY;
  const found = new Set<string>();
  for (const [, name = ''] of withoutCode(text).matchAll(MENTION)) found.add(name.toLowerCase());
  const isEverybody = found.delete(EVERYBODY);
  if (found.size > MAX_MENTIONS)
    throw invalid('input.text', `A message mentions at most ${MAX_MENTIONS} people.`);
  return found.size > 0 || isEverybody ? { names: [...found], isEverybody } : NOBODY;
}

/** The names beside a post or an edit, as the SQL type `mention_name` has them behind the place. */
export function mentionRows({ names, isEverybody }: MentionedNames = NOBODY): string[][] {
  return [...names, ...(isEverybody ? [''] : [])].map((name) => [name]);
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** The text with a space for each piece of code: between fences, and between runs of as many backticks. */
function withoutCode(text: string): string {
  if (!text.includes('`') && !text.includes('~~~')) return text;
  const paragraphs: string[] = [];
  let [lines, fence]: [string[], string | null] = [[], null];
  for (const line of text.split(/\r\n|[\n\r]/)) {
    const [, mark = ''] = FENCE.exec(line) ?? [];
    if (fence !== null) fence = mark.startsWith(fence) && line.trim() === mark ? null : fence;
    else if (mark === '') lines.push(line);
    else {
      paragraphs.push(withoutSpans(lines.join('\n')));
      [lines, fence] = [[], mark];
    }
  }
  return [...paragraphs, withoutSpans(lines.join('\n'))].join('\n');
}

/** A code span begins and ends with runs of equally many backticks; a run without its match is text. */
function withoutSpans(text: string): string {
  const runs = [...text.matchAll(/`+/g)].map(({ index, 0: { length } }) => ({ index, length }));
  const next = nextOfLength(runs);
  const kept: string[] = [];
  let from = 0;
  for (let i = 0; i < runs.length; i++) {
    const end = next[i];
    if (end === undefined) continue;
    const [opening, closing] = [runs[i], runs[end]] as [Run, Run];
    kept.push(text.slice(from, opening.index));
    from = closing.index + closing.length;
    i = end;
  }
  return [...kept, text.slice(from)].join(' ');
}

interface Run {
  readonly index: number;
  readonly length: number;
}

/** For each run the place of the next one of its length. */
function nextOfLength(runs: readonly Run[]): (number | undefined)[] {
  const latest = new Map<number, number>();
  const next: (number | undefined)[] = runs.map(() => undefined);
  for (let i = runs.length - 1; i >= 0; i--) {
    const { length } = runs[i] as Run;
    next[i] = latest.get(length);
    latest.set(length, i);
  }
  return next;
}
