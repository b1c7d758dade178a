import type { Connection, SignedIn } from '../context.ts';
import { InvalidCursor } from '../eventlog/cursors/bytes.ts';
import { decodeRoomCursor, type RoomPosition } from '../eventlog/cursors/room-cursor.ts';
import { kindsFor, openRoomFeeds } from '../eventlog/ephemeral/room-feed.ts';
import type { StoredRights } from '../eventlog/kinds.ts';
import { openInboxAt } from '../eventlog/streams/inbox-opening.ts';
import { InboxSource } from '../eventlog/streams/inbox-source.ts';
import { type ControlItem, closed, resync } from '../eventlog/streams/items.ts';
import { RoomSource } from '../eventlog/streams/room-source.ts';
import { OneItem, type Source } from '../eventlog/streams/source.ts';
import { Stream } from '../eventlog/streams/stream.ts';
import { idOf } from '../graphql/ids.ts';
import { isTransient } from '../platform/errors.ts';
import { memo } from '../platform/memo.ts';
import { OnePerTurn } from '../platform/one-per-turn.ts';
import { visibleFromRoomSeq } from '../rooms/access.ts';
import { findStandings, type Standing } from './store.ts';

const RETRY_AFTER_MS = 1_000;

/** Price of an inbox for each of its rooms, in addition to the cost of the operation. */
export const POINTS_PER_ROOM = 1;

interface WatchRoomArgs {
  readonly id: string;
  readonly after?: string | null | undefined;
  /** What the stream carries besides the log: kinds of ephemeral items. */
  readonly include?: readonly string[] | null | undefined;
}

/** Streams all durable events of one room after the cursor (without one, from now), in order and once. */
export function watchRoom(ctx: SignedIn, args: WatchRoomArgs): Promise<Stream> {
  return open(ctx, async () => {
    const roomId = idOf('Room', args.id);
    if (roomId === null) return closed('NOT_FOUND');
    const after = typeof args.after === 'string' ? roomPosition(roomId, args.after) : null;
    if (after && 'kind' in after) return after;
    const { userId } = ctx.viewer;
    const [standing] = await findStandings(ctx.node.db.tail, [
      { roomId, userId, after: after?.roomSeq ?? null },
    ]);
    if (!standing) return closed('NOT_FOUND');
    const refused = cannotFollow(standing, after);
    if (refused) return refused;
    const { epoch, head } = standing;
    await ctx.node.logFollower.enterEpoch(epoch);
    const opening = {
      epoch,
      roomId,
      userId,
      after: after?.roomSeq ?? head,
      head,
      rights: rightsOf(standing),
    };
    const kinds = await kindsFor(ctx.node, args.include ?? [], opening);
    const firstRoomSeq = kinds.some((kind) => 'visibleFrom' in kind)
      ? await visibleFromRoomSeq(ctx, opening.roomId)
      : 0;
    const feeds = openRoomFeeds(ctx.node, kinds, { ...opening, firstRoomSeq });
    return new RoomSource(ctx.node.logFollower, opening, feeds);
  });
}

/** Streams all durable events of the viewer's rooms and of the own log after the cursor. */
export function watchInbox(
  ctx: SignedIn,
  args: { readonly after?: string | null | undefined },
): Promise<Stream> {
  return open(ctx, () => openInbox(ctx, args.after ?? null, { countsUnread: ctx.asksForUnread }));
}

/** A page counts nothing: it reads the numbers when it shows them. */
export async function openInbox(
  ctx: SignedIn,
  after: string | null,
  { countsUnread = false } = {},
): Promise<InboxSource | ControlItem> {
  const { node, viewer } = ctx;
  const opening = await openInboxAt(node.logFollower, viewer.userId, after);
  if ('kind' in opening) return opening;
  // The number of rooms is known only now. A debt delays the next requests of the user.
  node.limits.bucket('cost', viewer.userId).owe(opening.rooms.length * POINTS_PER_ROOM);
  return InboxSource.open(node.logFollower, opening, { countsUnread });
}

/** Returns the position of a room cursor, or why the cursor does not belong to this room. */
export function roomPosition(roomId: number, cursor: string): RoomPosition | ControlItem {
  try {
    const position = decodeRoomCursor(cursor);
    return position.roomId === roomId ? position : closed('INVALID_CURSOR');
  } catch (error) {
    if (error instanceof InvalidCursor) return closed('INVALID_CURSOR');
    throw error;
  }
}

function rightsOf({ role, permissions, isArchived, timeoutUntil }: Standing): StoredRights | null {
  return role === null ? null : { role, permissions: permissions ?? 0, isArchived, timeoutUntil };
}

/** Returns why the viewer cannot follow the room from that position, or null. */
export function cannotFollow(standing: Standing, after: RoomPosition | null): ControlItem | null {
  if (standing.role === null || standing.isDeleted) return closed('NOT_FOUND');
  if (after === null) return null;
  const { epoch, roomSeq } = after;
  if (epoch !== standing.epoch || roomSeq > standing.head) return resync('CURSOR_FOREIGN');
  if (standing.lostSince || roomSeq + 1 < (standing.visibleFromRoomSeq ?? 0)) return resync('ACCESS_CHANGED');
  return roomSeq < standing.oldest - 1 ? resync('CURSOR_EXPIRED') : null;
}

// Openings that waited for the same room set end at once. Those that the client aborted meanwhile must end before the
// next one counts against the limit of the connection.
const beginsOf = memo((_connection: Connection) => new OnePerTurn());

/**
 * Opens a stream and registers it with its connection: expiry, revocation and drain end it. A problem is the only item
 * of the stream, so that clients read everything in one way.
 */
async function open(ctx: SignedIn, begin: () => Promise<Source | ControlItem>): Promise<Stream> {
  let leave: (() => void) | null = () => undefined;
  const source = await begin().catch((error: unknown) => {
    if (!isTransient(error)) throw error;
    return closed('OVERLOADED', RETRY_AFTER_MS);
  });
  await beginsOf(ctx.connection).next();
  const stream = new Stream('kind' in source ? new OneItem(source) : source, () => leave?.());
  leave = ctx.connection.addStream(stream);
  if (!leave) stream.say(closed('LIMIT_REACHED'));
  return stream;
}
