import { invalid } from '../platform/errors.ts';
import { parseContent } from './content.ts';

/** Different people that one message may mention. */
export const MAX_MENTIONS = 50;

/** Names that stand for all members. Nobody knows yet who is present, so `@here` means the same. */
const EVERYBODY: readonly string[] = ['room', 'here'];

export const isEverybody = (name: string): boolean => EVERYBODY.includes(name.toLowerCase());

/** Whom a text names with @, before anybody has looked whether they are in the room. */
export interface MentionedNames {
  /** In lower case, each once. */
  readonly names: readonly string[];
  readonly isEverybody: boolean;
}

const NOBODY: MentionedNames = { names: [], isEverybody: false };

/**
 * The names that a text mentions: `@username`, and `@room` or `@here` for all members. Code and addresses mention nobody.
 * Linear in the length of the text.
 * @throws ValidationError where there are more than MAX_MENTIONS
 */
export function mentionedNames(text: string): MentionedNames {
  if (!text.includes('@')) return NOBODY;
  const found = [...new Set(parseContent(text).names.map((name) => name.toLowerCase()))];
  const names = found.filter((name) => !isEverybody(name));
  if (names.length > MAX_MENTIONS)
    throw invalid('input.text', `A message mentions at most ${MAX_MENTIONS} people.`);
  return found.length > 0 ? { names, isEverybody: names.length < found.length } : NOBODY;
}

/** The names beside a post or an edit, as the SQL type `mention_name` has them behind the place. */
export function mentionRows({ names, isEverybody }: MentionedNames = NOBODY): string[][] {
  return [...names, ...(isEverybody ? [''] : [])].map((name) => [name]);
}
