import DataLoader from 'dataloader';
import { type Context, perScope, perViewer, type SignedIn } from '../context.ts';
import { roomKinds } from '../platform/database-codes.ts';
import { findEdges, findMemberships, type MembershipRow } from './members.store.ts';
import { findRooms, findSeenRooms, type RoomRow, type SeenRoom, type SeenRow, seenRoom } from './store.ts';

/**
 * A room as a viewer may see it. `member` sees everything from the start of the visible history, `preview` the public
 * data of a public room, `gone` only that there was a room, because the own log may still contain a room that was lost
 * since.
 */
export interface RoomView {
  readonly roomId: number;
  readonly access: 'member' | 'preview' | 'gone';
  /** Set if an event shows the room: its numbers as of that event. */
  readonly asOf: { readonly epoch: number; readonly roomSeq: number; readonly messageSeq: number } | null;
}

export type { RoomRow, SeenRow } from './store.ts';
export type RoomKind = keyof typeof roomKinds;

export function kindOf(row: RoomRow): RoomKind {
  return row.kind === roomKinds.PUBLIC ? 'PUBLIC' : row.kind === roomKinds.PRIVATE ? 'PRIVATE' : 'DIRECT';
}

/** A room by its number, without a check of access. Callers check access before they show it. */
export const roomLoader = perScope(
  (ctx) =>
    new DataLoader<number, RoomRow | null>(async (roomIds) => {
      const rows = new Map((await findRooms(ctx.node.db.read, roomIds)).map((row) => [row.id, row]));
      return roomIds.map((roomId) => rows.get(roomId) ?? null);
    }),
);

/** The membership of a user in a room, including hidden ones. */
export const membershipLoader = perScope(
  (ctx) =>
    new DataLoader<{ roomId: number; userId: number }, MembershipRow | null, string>(
      async (pairs) => {
        const rows = await findMemberships(
          ctx.node.db.read,
          pairs.map((p) => p.roomId),
          pairs.map((p) => p.userId),
        );
        const found = new Map(rows.map((row) => [keyOf(row), row]));
        return pairs.map((pair) => found.get(keyOf(pair)) ?? null);
      },
      { cacheKeyFn: keyOf },
    ),
);

const keyOf = ({ roomId, userId }: { roomId: number; userId: number }) => `${roomId}.${userId}`;

const edgeLoader = perScope(
  (ctx) =>
    new DataLoader<number, boolean>(async (roomIds) => {
      const edges = new Map(
        (await findEdges(ctx.node.db.read, roomIds)).map((row) => [row.roomId, row.hasEdge]),
      );
      return roomIds.map((roomId) => edges.get(roomId) ?? false);
    }),
);

/**
 * The viewer's own membership; null for users who are not members, and while a direct room is still hidden from the
 * viewer.
 */
export async function viewerMembership(ctx: Context, roomId: number): Promise<MembershipRow | null> {
  if (!ctx.viewer) return null;
  const row = await membershipLoader(ctx).load({ roomId, userId: ctx.viewer.userId });
  return row && !row.isHidden ? row : null;
}

/**
 * The first message number that the viewer, a member, may see. It reads nothing per viewer if all members see
 * everything.
 */
export async function visibleFromSeq(ctx: Context, roomId: number): Promise<number> {
  if (!(await edgeLoader(ctx).load(roomId))) return 0;
  return (await viewerMembership(ctx, roomId))?.visibleFromSeq ?? Number.MAX_SAFE_INTEGER;
}

/** The same for a message without a number in the main timeline: the first number of the log. */
export async function visibleFromRoomSeq(ctx: Context, roomId: number): Promise<number> {
  if (!(await edgeLoader(ctx).load(roomId))) return 0;
  return (await viewerMembership(ctx, roomId))?.visibleFromRoomSeq ?? Number.MAX_SAFE_INTEGER;
}

const viewLoader = perViewer(
  (ctx) =>
    new DataLoader<number, RoomView | null>(async (roomIds) => {
      if (!ctx.viewer) return roomIds.map(() => null);
      const { userId } = ctx.viewer;
      const seen = await findSeenRooms(ctx.node.db.read, roomIds, userId);
      const views = new Map(seen.map((one) => [one.room.id, judge(ctx, userId, one)]));
      return roomIds.map((roomId) => views.get(roomId) ?? null);
    }),
);

/** The room as the viewer may see it, if another statement has read the data for the check. */
export function viewRead(ctx: SignedIn, row: SeenRow): RoomView | null {
  const view = judge(ctx, ctx.viewer.userId, seenRoom(row));
  viewLoader(ctx).prime(row.id, view);
  return view;
}

/** Guests have no previews of public rooms: they see only their own room. */
function viewOf({ room, member }: SeenRoom, isGuest = false): RoomView | null {
  if (room.isDeleted) return null;
  if (member && !member.isHidden) return memberView(room.id);
  return room.kind === roomKinds.PUBLIC && !isGuest
    ? { roomId: room.id, access: 'preview', asOf: null }
    : null;
}

/** Primes the loaders with the rows that the access check read. */
function judge(ctx: Context, userId: number, seen: SeenRoom): RoomView | null {
  const { room, member, hasEdge } = seen;
  roomLoader(ctx).prime(room.id, room);
  membershipLoader(ctx).prime({ roomId: room.id, userId }, member);
  edgeLoader(ctx).prime(room.id, hasEdge);
  return viewOf(seen, ctx.viewer?.isGuest);
}

/** The room as the viewer may see it; null if it does not exist for the viewer. */
export function viewRoom(ctx: Context, roomId: number): Promise<RoomView | null> {
  return viewLoader(ctx).load(roomId);
}

/** The same for a room that must be shown: only its id, if the viewer may not see it any more. */
export async function viewOrGone(ctx: Context, roomId: number): Promise<RoomView> {
  return (await viewRoom(ctx, roomId)) ?? { roomId, access: 'gone', asOf: null };
}

/** The room as a member sees it, if membership is already known. */
export function memberView(roomId: number, asOf: RoomView['asOf'] = null): RoomView {
  return { roomId, access: 'member', asOf };
}
