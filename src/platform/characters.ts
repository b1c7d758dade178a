/** How many Unicode characters (code points) a text has; what people see as one may be several. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
