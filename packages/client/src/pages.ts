export interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/**
 * The nodes of all pages of a connection, which `load` reads one by one: the first without `after`. Null if the viewer has
 * no such connection.
 */
export async function allNodes<Node>(
  load: (from: { after?: string }) => Promise<Page<Node> | null | undefined>,
): Promise<Node[] | null> {
  const all: Node[] = [];
  for (let from: { after?: string } | null = {}; from; ) {
    const page: Page<Node> | null | undefined = await load(from);
    if (!page) return null;
    all.push(...page.nodes);
    const { hasNextPage, endCursor } = page.pageInfo;
    from = hasNextPage && endCursor !== null ? { after: endCursor } : null;
  }
  return all;
}
