// Not in a word, such as 10:30:45 or std::vector, where colons mean something else. Underscores can be emphasis.
const EMOJI = /:[a-z0-9_]{2,32}:(?![\p{L}\p{N}])/uy;
const BEFORE = /[\p{L}\p{N}:]/u;

/**
 * Returns `:name:` where the colon at that index begins the name of an emoji; null if it does not. `end` is where the emoji
 * before it ended. It does not say whether there is an emoji of that name.
 */
export function emojiAt(text: string, at: number, end: number): string | null {
  if (at !== end && BEFORE.test(text.charAt(at - 1))) return null;
  EMOJI.lastIndex = at;
  return EMOJI.exec(text)?.[0] ?? null;
}
