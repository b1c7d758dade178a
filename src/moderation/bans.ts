import type { Context, SignedIn } from '../context.ts';
import {
  type Connection,
  connectionOf,
  listKeys,
  PAGE_SIZE,
  type PageArgs,
  pageOf,
} from '../graphql/paging.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { memberView, type RoomView } from '../rooms/access.ts';
import { userIdOf } from '../rooms/members.ts';
import { allows, rightsIn } from '../rooms/permissions.ts';
import { reasonOf } from '../rooms/reasons.ts';
import { refusals } from '../rooms/refusals.ts';
import { announce, type Changed, inRoom, roomIdOf } from '../rooms/rooms.ts';
import * as store from './store.ts';

/** Bans of a room. The function `ban_user` uses the same number. */
export const MAX_BANS = 10_000;

export type { Ban } from './store.ts';

export const banRefusals: StatusRefusals = {
  ...refusals,
  RANK: () => refuse('PERMISSION_DENIED', 'You can only ban members whose role is below yours.'),
  DIRECT: () => refuse('CONFLICT', 'Nobody can be banned from a direct room.'),
  NO_USER: () => refuse('NOT_FOUND', 'This user does not exist.', { path: ['input', 'userId'] }),
  TOO_FAR: () => invalid('input.expiresAt', 'A ban must expire in the future.'),
  LIMIT: () => refuse('CONFLICT', `A room can have at most ${MAX_BANS} bans. End one first.`),
};

interface OfUser {
  readonly roomId: string;
  readonly userId: string;
  readonly reason?: string | null | undefined;
}

/** Bans a user from a room, and ends the membership, if there is one. A new ban replaces the one before. */
export async function banUser(
  ctx: SignedIn,
  input: OfUser & { readonly expiresAt?: Date | null | undefined },
): Promise<Changed & { ban: store.Ban }> {
  const [roomId, userId] = [roomIdOf(input.roomId), userIdOf(input.userId)];
  const ban = { userId, expiresAt: input.expiresAt ?? null, reason: reasonOf(input.reason) };
  const { status, roomSeq } = await change(ctx, roomId, (sql) =>
    store.insertBan(sql, roomId, ctx.viewer.userId, ban),
  );
  if (status === 'OK') announce(ctx, roomId, roomSeq, [userId]);
  const made = await store.findBan(ctx.node.db.read, roomId, userId);
  if (!made) throw refuse('CONFLICT', 'The ban has ended.');
  return { room: memberView(roomId), roomSeq, ban: made };
}

/** Ends a ban. Without one, nothing changes. The user does not become a member again. */
export async function unbanUser(ctx: SignedIn, input: OfUser): Promise<Changed & { userId: number }> {
  const [roomId, userId] = [roomIdOf(input.roomId), userIdOf(input.userId)];
  const reason = reasonOf(input.reason);
  const { roomSeq } = await change(ctx, roomId, (sql) =>
    store.deleteBan(sql, roomId, ctx.viewer.userId, { userId, reason }),
  );
  return { room: memberView(roomId), roomSeq, userId };
}

async function change(
  ctx: SignedIn,
  roomId: number,
  call: Parameters<typeof inRoom<store.Outcome>>[2],
): Promise<store.Outcome> {
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const outcome = await inRoom(ctx, roomId, call);
  const refusal = banRefusals[outcome.status];
  if (refusal) throw refusal();
  return outcome;
}

// -- reading -----------------------------------------------------------------------------------

const banKeys = listKeys('bans', 'number', 'number');
/** The end of the year 9999. */
const MAX_TIME_MS = 253_402_300_799_999;

/** The bans of a room, the newest first; null for users who may not ban. */
export async function listBans(
  ctx: Context,
  { roomId }: RoomView,
  args: Pick<PageArgs, 'first' | 'after'>,
): Promise<Connection<store.Ban> | null> {
  const rights = await rightsIn(ctx, roomId);
  if (rights === null || !allows(rights, 'BAN_MEMBERS')) return null;
  const page = pageOf(args, placeIn, { size: PAGE_SIZE });
  const rows = await store.listBans(ctx.node.db.read, roomId, page.after, page.size + 1);
  return connectionOf(rows, page, ({ createdAt, userId }) => banKeys.encode(createdAt.getTime(), userId));
}

/** Returns null for a cursor of another list, or with a time that the database cannot have. */
function placeIn(cursor: string): Pick<store.Ban, 'createdAt' | 'userId'> | null {
  const [at, userId] = banKeys.decode(cursor) ?? [];
  if (at === undefined || userId === undefined || at < 0 || at > MAX_TIME_MS) return null;
  return { createdAt: new Date(at), userId };
}
