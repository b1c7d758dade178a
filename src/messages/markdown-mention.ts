// Not inside of a word, an address or a path, and not behind a backslash. A username has 3 to 50 of these characters.
const MENTION = /(?<![\w@./\\-])@([A-Za-z0-9_-]{3,50})(?![\w@-])/y;
const MIN_NAME = 3;

/**
 * Returns the name that is mentioned by the `@` at that index; null if none is. Where emphasis is open, underscores at
 * the end of a name close it.
 */
export function mentionAt(text: string, at: number, isEmphasised: boolean): string | null {
  MENTION.lastIndex = at;
  const name = MENTION.exec(text)?.[1] ?? null;
  if (name === null || !isEmphasised) return name;
  const bare = withoutUnderscores(name);
  return bare.length < MIN_NAME ? null : bare;
}

function withoutUnderscores(name: string): string {
  let end = name.length;
  while (end > 0 && name[end - 1] === '_') end--;
  return name.slice(0, end);
}
