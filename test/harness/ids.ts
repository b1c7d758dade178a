/** The number in an id; the last one if there are two. */
export function numberIn(id: string): number {
  return Number(id.split('_').at(-1));
}
