import type { Services, SignedIn } from '../context.ts';
import {
  type Connection,
  connectionOf,
  listKeys,
  PAGE_SIZE,
  type PageArgs,
  pageOf,
} from '../graphql/paging.ts';
import { refuse } from '../platform/errors.ts';
import { memo } from '../platform/memo.ts';
import { Semaphore } from '../platform/semaphore.ts';
import * as store from './directory.store.ts';

const MAX_QUERY = 100;

// One search at a time leaves the other connections of the pool, and a core, to other readers.
const SEARCHES_AT_ONCE = 1;
// A second or two of searches. Later callers are refused at once.
const MAX_WAITING = 100;
// Rooms to check before the index is used. If they do not fill a page, few rooms contain the query.
const ROOMS_WALKED = 1_000;

const searchesOf = memo(
  (_node: Services) =>
    new Semaphore({
      limit: SEARCHES_AT_ONCE,
      maxWaiting: MAX_WAITING,
      tooMany: 'Too many users are searching the directory right now.',
    }),
);

// The approximate CPU time of a search, in microseconds.
export const SEARCH_POINTS = 2_000;

/**
 * Lists public rooms by name; with a query, those whose names or descriptions contain it.
 * @throws ValidationError; RateLimitedError or UnavailableError for too many searches
 */
export async function listDirectory(
  ctx: SignedIn,
  query: string | null,
  args: PageArgs,
): Promise<Connection<store.DirectoryRoom>> {
  if (query !== null && query.length > MAX_QUERY)
    throw refuse('VALIDATION', `query has at most ${MAX_QUERY} characters.`, { path: ['query'] });
  const page = pageOf(args, decodeRoom, { size: PAGE_SIZE });
  const asked = { ...page, limit: page.size + 1 };
  const rows = query ? await search(ctx, query, asked) : await store.listDirectory(ctx.node.db.read, asked);
  return connectionOf(rows, page, (row) => directoryKeys.encode(row.name, row.roomId));
}

const directoryKeys = listKeys('directory', 'string', 'number');

function decodeRoom(cursor: string): store.DirectoryRoom | null {
  const key = directoryKeys.decode(cursor);
  return key && { name: key[0], roomId: key[1] };
}

async function search(
  { node, viewer }: SignedIn,
  query: string,
  page: store.DirectoryPage,
): Promise<store.DirectoryRoom[]> {
  await node.limits.spend('search', viewer.userId);
  node.limits.bucket('cost', viewer.userId).owe(SEARCH_POINTS);
  return searchesOf(node).run(async () => {
    const next = await store.searchNext(node.db.read, query, page, ROOMS_WALKED);
    return next.length < page.limit ? store.searchAll(node.db.read, query, page) : next;
  });
}
