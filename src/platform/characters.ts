const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
// Control characters, and characters that change the direction of all following text.
const DISTURBING = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

export const UNREADABLE_NAME = 'A name needs at least one visible character and no control characters.';

/** Whether a name is visible and does not affect the text beside it. */
export function isReadableName(name: string): boolean {
  return VISIBLE.test(name) && !DISTURBING.test(name);
}

/** Counts the Unicode characters (code points) of a text; one visible character may have several. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Joins several lines into one, for a log or a terminal. */
export function oneLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}
