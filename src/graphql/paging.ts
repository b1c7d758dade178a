import type { SignedIn } from '../context.ts';
import type { Sql } from '../platform/db.ts';
import { refuse } from '../platform/errors.ts';

export const MAX_PAGE = 100;
/** The default size of a page. */
export const PAGE_SIZE = 20;

/** The arguments of every connection. */
export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** A page to read: from the start or, backwards, from the end, without `after` and `before` themselves. */
export interface Page<Key> {
  readonly size: number;
  readonly backwards: boolean;
  readonly after: Key | null;
  readonly before: Key | null;
}

export function sizeOf(name: 'first' | 'last', value: number | null | undefined): number | null {
  if (value === undefined || value === null) return null;
  if (value < 1 || value > MAX_PAGE)
    throw refuse('VALIDATION', `${name} must be between 1 and ${MAX_PAGE}.`, { path: [name] });
  return value;
}

/** @throws ValidationError naming the argument */
export function pageOf<Key>(
  args: PageArgs,
  decode: (cursor: string) => Key | null,
  defaults: { size: number; backwards?: boolean },
): Page<Key> {
  const [first, last] = [sizeOf('first', args.first), sizeOf('last', args.last)];
  if (first !== null && last !== null)
    throw refuse('VALIDATION', 'Use first or last, not both.', { path: ['last'] });
  const key = (name: 'after' | 'before') => {
    const cursor = args[name];
    if (cursor === undefined || cursor === null) return null;
    const decoded = cursor.length <= 4096 ? decode(cursor) : null;
    if (decoded === null)
      throw refuse('VALIDATION', `${name} is not a cursor of this list.`, { path: [name] });
    return decoded;
  };
  const backwards = last !== null || (first === null && (defaults.backwards ?? false));
  return { size: last ?? first ?? defaults.size, backwards, after: key('after'), before: key('before') };
}

export interface Connection<Node> {
  readonly edges: { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/**
 * Makes a connection of rows that were read in the direction of the page, with one more than its size: the extra row
 * tells whether there is more that way. A page that begins at a cursor has something on the other side.
 */
export function connectionOf<Row>(
  rows: readonly Row[],
  page: Page<unknown>,
  cursorOf: (row: Row) => string,
): Connection<Row> {
  const hasMore = rows.length > page.size;
  const hasMoreBehind = (page.backwards ? page.before : page.after) !== null;
  const kept = rows.slice(0, page.size);
  if (page.backwards) kept.reverse();
  return connectionOfNodes(
    kept,
    cursorOf,
    page.backwards ? hasMore : hasMoreBehind,
    page.backwards ? hasMoreBehind : hasMore,
  );
}

export function connectionOfNodes<Row>(
  nodes: readonly Row[],
  cursorOf: (row: Row) => string,
  hasPreviousPage: boolean,
  hasNextPage: boolean,
): Connection<Row> {
  const edges = nodes.map((node) => ({ cursor: cursorOf(node), node }));
  return {
    edges,
    pageInfo: {
      hasPreviousPage,
      hasNextPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

type Part = 'string' | 'number';
type Parts<Shape extends readonly Part[]> = {
  -readonly [At in keyof Shape]: Shape[At] extends 'number' ? number : string;
};

/** The cursors of one list: a few numbers and texts, opaque to clients. */
export interface ListKeys<Shape extends readonly Part[]> {
  encode(...parts: Parts<Shape>): string;
  /** Null unless the cursor is of this list, and holds parts of exactly these types. */
  decode(cursor: string): Parts<Shape> | null;
}

/** A cursor names its list, so that none passes for another's. */
export function listKeys<const Shape extends readonly Part[]>(
  list: string,
  ...shape: Shape
): ListKeys<Shape> {
  return {
    encode(...parts: (string | number)[]) {
      let cursor = list;
      for (const part of parts) cursor += `:${typeof part === 'number' ? part : encodeURIComponent(part)}`;
      return cursor;
    },
    decode(cursor) {
      const [of, ...parts] = cursor.split(':');
      if (of !== list || parts.length !== shape.length) return null;
      const keys = parts.map((part, i) => (shape[i] === 'number' ? numberIn(part) : textIn(part)));
      return keys.includes(null) ? null : (keys as Parts<Shape>);
    },
  };
}

/** Returns null if it is not a safe integer. */
function numberIn(part: string): number | null {
  const number = /^(0|-?[1-9]\d{0,15})$/.test(part) ? Number(part) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}

/** Returns null for a text that the database cannot store. */
function textIn(part: string): string | null {
  try {
    const text = decodeURIComponent(part);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

// -- lists of the viewer -------------------------------------------------------------------------

/** Returns at most `limit` entries of a user with lower numbers, the highest first. */
type ListBefore<Row> = (sql: Sql, userId: number, before: number, limit: number) => Promise<Row[]>;

/** The pages of a list of the viewer whose entries have numbers: the highest number comes first. */
export function ownList<Row>(name: string, listBefore: ListBefore<Row>, numberOf: (row: Row) => number) {
  const keys = listKeys(name, 'number');
  return async (
    { node, viewer }: SignedIn,
    args: Pick<PageArgs, 'first' | 'after'>,
  ): Promise<Connection<Row>> => {
    const page = pageOf(args, (cursor) => keys.decode(cursor)?.[0] ?? null, { size: PAGE_SIZE });
    const before = page.after ?? Number.MAX_SAFE_INTEGER;
    const rows = await listBefore(node.db.read, viewer.userId, before, page.size + 1);
    return connectionOf(rows, page, (row) => keys.encode(numberOf(row)));
  };
}
