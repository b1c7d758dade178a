import type { SignedIn } from '../context.ts';
import {
  type Connection,
  connectionOf,
  listKeys,
  PAGE_SIZE,
  type PageArgs,
  pageOf,
} from '../graphql/paging.ts';
import { roomKinds } from '../platform/database-codes.ts';
import type { RoomView } from './access.ts';
import * as store from './store.ts';

// The end of the year 9999, in ms since 1970: later than any activity.
const MAX_TIME = 253_402_300_799_999;

export type RoomOrder = 'LAST_ACTIVITY' | 'PINNED_FIRST';

/** Which of the viewer's rooms, and in which order. */
export interface MyRoomsArgs extends PageArgs {
  readonly orderBy?: RoomOrder | null | undefined;
  readonly filter?: RoomFilter | null | undefined;
}

interface RoomFilter {
  readonly kind?: keyof typeof roomKinds | null | undefined;
  readonly isPinned?: boolean | null | undefined;
  readonly isHidden?: boolean | null | undefined;
  readonly isMuted?: boolean | null | undefined;
  readonly isUnread?: boolean | null | undefined;
  readonly folder?: string | null | undefined;
}

const activityKeys = listKeys('rooms', 'number', 'number');
const pinnedKeys = listKeys('pinnedRooms', 'number', 'number', 'number');

/** The cursors of the list in each order. */
const orders = {
  LAST_ACTIVITY: {
    encode: ({ lastAt, roomId }: store.ListedRoom) => activityKeys.encode(lastAt, roomId),
    decode: (cursor: string) => listedRoom(activityKeys.decode(cursor)),
  },
  PINNED_FIRST: {
    encode: ({ lastAt, roomId, rank }: store.ListedRoom) => pinnedKeys.encode(lastAt, roomId, rank),
    decode: (cursor: string) => listedRoom(pinnedKeys.decode(cursor)),
  },
};

/** The viewer's rooms, in the order asked for; latest activity first by default. */
export async function listMyRooms(ctx: SignedIn, args: MyRoomsArgs): Promise<Connection<RoomView>> {
  const orderBy = args.orderBy ?? 'LAST_ACTIVITY';
  const { encode, decode } = orders[orderBy];
  const page = pageOf(args, decode, { size: PAGE_SIZE });
  const rows = await store.listMyRooms(ctx.node.db.read, ctx.viewer.userId, {
    ...page,
    limit: page.size + 1,
    pinnedFirst: orderBy === 'PINNED_FIRST',
    filter: filterOf(args.filter ?? {}),
  });
  return viewsOf(connectionOf(rows, page, encode), 'member');
}

function filterOf({ kind, isPinned, isHidden, isMuted, isUnread, folder }: RoomFilter): store.MyRoomsFilter {
  return {
    kind: kind ? roomKinds[kind] : null,
    isPinned: isPinned ?? null,
    isHidden: isHidden ?? null,
    isMuted: isMuted ?? null,
    isUnread: isUnread ?? null,
    folder: folder ?? null,
  };
}

function listedRoom(key: readonly number[] | null): store.ListedRoom | null {
  const [lastAt, roomId, rank = 0] = key ?? [];
  if (lastAt === undefined || roomId === undefined || Math.abs(lastAt) > MAX_TIME) return null;
  return rank === 0 || rank === 1 ? { lastAt, roomId, rank } : null;
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
