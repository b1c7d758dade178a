import DataLoader from 'dataloader';
import { type Context, perScope, type SignedIn } from '../context.ts';
import {
  type Connection,
  connectionOf,
  listKeys,
  PAGE_SIZE,
  type Page,
  type PageArgs,
  pageOf,
} from '../graphql/paging.ts';
import {
  type ListedThread,
  listMyThreads as listMine,
  listThreads as listRows,
  type ThreadFilter,
  type ThreadOrder,
  type ThreadRow,
} from './store.ts';

export interface ThreadsArgs extends PageArgs {
  readonly orderBy?: ThreadOrder | null | undefined;
}

interface PageKey {
  readonly roomId: number;
  readonly page: Page<number>;
}

/** One more row shows whether there is a next page. */
const pagesLoader = (order: ThreadOrder, backwards: boolean) =>
  perScope(
    ({ node }) =>
      new DataLoader<PageKey, readonly ThreadRow[], string>(
        (keys) => {
          const pages = keys.map(({ roomId, page: { after, before, size } }) => ({
            roomId,
            after,
            before,
            limit: size + 1,
          }));
          return listRows(node.db.read, pages, order, backwards);
        },
        { cacheKeyFn: ({ roomId, page }) => `${roomId} ${page.size} ${page.after} ${page.before}` },
      ),
  );

/** Each order has its own cursors. */
const orders = {
  LAST_REPLY: {
    keys: listKeys('threads', 'number'),
    numberOf: ({ lastRoomSeq }: ThreadRow) => lastRoomSeq,
    forwards: pagesLoader('LAST_REPLY', false),
    backwards: pagesLoader('LAST_REPLY', true),
  },
  NEWEST: {
    keys: listKeys('newThreads', 'number'),
    numberOf: ({ rootSeq }: ThreadRow) => rootSeq,
    forwards: pagesLoader('NEWEST', false),
    backwards: pagesLoader('NEWEST', true),
  },
};

/** The threads of a room. */
export async function listThreads(
  ctx: Context,
  roomId: number,
  args: ThreadsArgs,
): Promise<Connection<ThreadRow>> {
  const { keys, numberOf, forwards, backwards } = orders[args.orderBy ?? 'LAST_REPLY'];
  const page = pageOf(args, (cursor) => keys.decode(cursor)?.[0] ?? null, { size: PAGE_SIZE });
  const rows = await (page.backwards ? backwards : forwards)(ctx).load({ roomId, page });
  return connectionOf(rows, page, (thread) => keys.encode(numberOf(thread)));
}

// -- of the viewer ---------------------------------------------------------------------------------

export interface MyThreadsArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly filter?: ThreadFilter | null | undefined;
}

const myKeys = listKeys('myThreads', 'number', 'number', 'number');

function placeOf(cursor: string): ListedThread | null {
  const [lastAt, roomId, rootSeq] = myKeys.decode(cursor) ?? [];
  return lastAt === undefined || roomId === undefined || rootSeq === undefined
    ? null
    : { lastAt, roomId, rootSeq };
}

/** The viewer's threads in all rooms, those with the newest replies first. */
export async function listMyThreads(ctx: SignedIn, args: MyThreadsArgs): Promise<Connection<ThreadRow>> {
  const page = pageOf(args, placeOf, { size: PAGE_SIZE });
  const rows = await listMine(ctx.node.db.read, ctx.viewer.userId, {
    filter: args.filter ?? 'FOLLOWED',
    after: page.after,
    limit: page.size + 1,
  });
  return connectionOf(rows, page, ({ lastReplyAt, roomId, rootSeq }) =>
    myKeys.encode(lastReplyAt.getTime(), roomId, rootSeq),
  );
}
