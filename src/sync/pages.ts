import DataLoader from 'dataloader';
import { GraphQLError } from 'graphql';
import { type Context, perViewer, type SignedIn } from '../context.ts';
import { encodeRoomCursor } from '../eventlog/cursors/room-cursor.ts';
import type { RoomEvent } from '../eventlog/kinds.ts';
import { readLogsWithoutPeople, readPositions, type Stretch } from '../eventlog/log.ts';
import {
  type AccountItem,
  type ControlItem,
  closed,
  isEvent,
  type RoomItem,
} from '../eventlog/streams/items.ts';
import { roomItem } from '../eventlog/streams/room-source.ts';
import type { Source } from '../eventlog/streams/source.ts';
import { type Connection, connectionOfNodes, sizeOf } from '../graphql/paging.ts';
import { refuse } from '../platform/errors.ts';
import { splitByStretch } from '../platform/stretches.ts';
import { findStandings, type Standing, type StandingKey } from './store.ts';
import { cannotFollow, openInbox, roomPosition } from './sync.ts';

export const EVENTS_PAGE_SIZE = 50;
// The same as for the cursor of a stream.
const MAX_CURSOR = 4_096;
const PAGE_PATIENCE_MS = 8_000;

export interface ForwardArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** @throws ValidationError */
function checkLength({ after }: ForwardArgs): void {
  if ((after?.length ?? 0) > MAX_CURSOR)
    throw refuse('VALIDATION', 'A cursor can have at most 4,096 characters.', { path: ['after'] });
}

/** The error of a page for an item that would end a stream: the reason is the code. */
function failed(item: ControlItem): GraphQLError {
  if (item.kind === 'ResyncRequired') {
    const detail = 'The cursor cannot be continued. Fetch a snapshot and use its cursor.';
    return new GraphQLError(detail, { extensions: { code: item.resyncReason, argument: 'after' } });
  }
  return refuse('VALIDATION', 'after is not a cursor of this stream.', { path: ['after'] });
}

/** A page of a room's log, from its retained and visible start or after a cursor: the same events as in the stream. */
export async function listEvents(
  ctx: SignedIn,
  roomId: number,
  args: ForwardArgs,
): Promise<Connection<RoomItem>> {
  const size = sizeOf('first', args.first) ?? EVENTS_PAGE_SIZE;
  checkLength(args);
  const after = typeof args.after === 'string' ? roomPosition(roomId, args.after) : null;
  if (after && 'kind' in after) throw failed(after);
  const standing = await standingLoader(ctx).load({
    roomId,
    userId: ctx.viewer.userId,
    after: after?.roomSeq ?? null,
  });
  const refused = standing ? cannotFollow(standing, after) : closed('NOT_FOUND');
  if (refused || !standing) throw failed(refused ?? closed('NOT_FOUND'));
  const start = Math.max(standing.oldest, standing.visibleFromRoomSeq ?? 1, 1) - 1;
  const position = Math.max(after?.roomSeq ?? start, start);
  const events = await stretchLoader(ctx).load({
    roomId,
    after: position,
    last: Math.min(standing.head, position + size),
  });
  const items = events.map((event) => roomItem(standing.epoch, event));
  const page = connectionOfNodes(
    items,
    (item) => item.cursor,
    position > start,
    position + items.length < standing.head,
  );
  // A client that polls continues from it, even if the page is empty.
  const endCursor = page.pageInfo.endCursor ?? args.after ?? null;
  return { ...page, pageInfo: { ...page.pageInfo, endCursor } };
}

const standingLoader = perViewer(
  (ctx) =>
    new DataLoader<StandingKey, Standing | null, string>((keys) => findStandings(ctx.node.db.read, keys), {
      cacheKeyFn: ({ roomId, userId, after }) => `${roomId} ${userId} ${after}`,
    }),
);

const stretchLoader = perViewer(
  (ctx) =>
    new DataLoader<Stretch, RoomEvent[], string>(
      async (stretches) => {
        // The users are loaded together with all others that the operation shows.
        const events = await readLogsWithoutPeople(
          ctx.node.db.read,
          ctx.node.logFollower.registry,
          stretches,
        );
        const wanted = stretches.map(({ roomId, after, last }) => ({ roomId, low: after + 1, high: last }));
        return splitByStretch(events, wanted, (event) => event.roomSeq);
      },
      { cacheKeyFn: ({ roomId, after, last }) => `${roomId} ${after} ${last}` },
    ),
);

/** The cursor of a room at the position that was taken before all other reads. */
export async function roomCursor(ctx: Context, roomId: number): Promise<string | null> {
  if (!ctx.position) return null; // in a stream, each event has its own cursor
  const roomSeq = await positionLoader(ctx).load(roomId);
  return roomSeq === null ? null : encodeRoomCursor(ctx.position.epoch, roomId, roomSeq);
}

const positionLoader = perViewer(
  (ctx) =>
    new DataLoader<number, number | null>(async (roomIds) => {
      if (!ctx.position) throw new Error('the position of this operation was not taken');
      const positions = await readPositions(ctx.node.db.tail, [...roomIds], ctx.position.snapshot);
      return roomIds.map((roomId) => positions.get(roomId) ?? null);
    }),
);

// -- the inbox as pages ------------------------------------------------------------------------

export type InboxPageItem = RoomItem | AccountItem;

/**
 * Returns the next events of the inbox after a cursor, without a socket. Without a cursor the page is empty and its end
 * is the current position.
 */
export async function listInboxEvents(ctx: SignedIn, args: ForwardArgs): Promise<Connection<InboxPageItem>> {
  const size = sizeOf('first', args.first) ?? EVENTS_PAGE_SIZE;
  checkLength(args);
  const source = await openInbox(ctx, args.after ?? null);
  if ('kind' in source) throw failed(source);
  try {
    const items: InboxPageItem[] = [];
    while (items.length <= size && !source.isCaughtUp) {
      const item = source.take();
      if (!item) await woken(source);
      else if (isEvent(item)) items.push(item);
      else throw failed(item);
    }
    const page = connectionOfNodes(items.slice(0, size), (item) => item.cursor, false, items.length > size);
    const end = page.pageInfo.endCursor ?? source.cursor();
    return {
      ...page,
      pageInfo: { ...page.pageInfo, hasPreviousPage: typeof args.after === 'string', endCursor: end },
    };
  } finally {
    source.close();
  }
}

/** @throws UnavailableError when nothing arrives for long: the source itself would wait for the database for ever */
function woken(source: Source): Promise<void> {
  let timer: NodeJS.Timeout;
  return new Promise<void>((resolve, reject) => {
    source.onWake = resolve;
    timer = setTimeout(() => reject(refuse('UNAVAILABLE')), PAGE_PATIENCE_MS);
  }).finally(() => clearTimeout(timer));
}
