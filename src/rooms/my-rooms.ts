import type { SignedIn } from '../context.ts';
import {
  type Connection,
  connectionOf,
  listKeys,
  PAGE_SIZE,
  type PageArgs,
  pageOf,
} from '../graphql/paging.ts';
import type { RoomView } from './access.ts';
import * as store from './store.ts';

// The end of the year 9999, in ms since 1970: later than any activity.
const MAX_TIME = 253_402_300_799_999;

/** The viewer's rooms, latest activity first. */
export async function listMyRooms(ctx: SignedIn, args: PageArgs): Promise<Connection<RoomView>> {
  const page = pageOf(args, decodeListed, { size: PAGE_SIZE });
  const rows = await store.listMyRooms(ctx.node.db.read, ctx.viewer.userId, {
    ...page,
    limit: page.size + 1,
  });
  return viewsOf(
    connectionOf(rows, page, (row) => listedKeys.encode(row.lastAt, row.roomId)),
    'member',
  );
}

const listedKeys = listKeys('rooms', 'number', 'number');

function decodeListed(cursor: string): store.ListedRoom | null {
  const [lastAt, roomId] = listedKeys.decode(cursor) ?? [];
  if (lastAt === undefined || roomId === undefined || Math.abs(lastAt) > MAX_TIME) return null;
  return { lastAt, roomId };
}

function viewsOf(page: Connection<{ roomId: number }>, access: RoomView['access']): Connection<RoomView> {
  return {
    ...page,
    edges: page.edges.map(({ cursor, node }) => ({
      cursor,
      node: { roomId: node.roomId, access, asOf: null },
    })),
  };
}
