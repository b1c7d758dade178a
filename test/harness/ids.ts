/** The number inside an id; the last one where there are two. */
export function numberIn(id: string): number {
  return Number(id.split('_').at(-1));
}
