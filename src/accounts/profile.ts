import type { Services, SignedIn } from '../context.ts';
import { checkedDisplayName } from './credentials.ts';
import { isRenamePending, renameUserRow, type ToldRoom, tellNextRooms } from './profile.store.ts';

/** Changes the public profile of the viewer. Each shared room gets a MemberUpdated, later rooms by a job. */
export async function updateProfile(
  ctx: SignedIn,
  input: { readonly displayName: string },
): Promise<{ userId: number }> {
  const displayName = checkedDisplayName(input.displayName);
  const { userId } = ctx.viewer;
  await ctx.node.limits.spend('change', userId);
  announce(
    ctx.node,
    await ctx.node.changes.run(keyOf(userId), (sql) => renameUserRow(sql, userId, displayName)),
  );
  return { userId };
}

/**
 * Records a new name in the remaining rooms of a user. Each transaction changes few rooms, so that no room waits for
 * long.
 * @throws Error when the node stops, or a room stays locked: the job continues later from the same position
 */
export async function tellRooms(node: Services, userId: number, signal: AbortSignal): Promise<void> {
  while (await isRenamePending(node.db.write, userId)) {
    signal.throwIfAborted();
    announce(node, await node.changes.run(keyOf(userId), (sql) => tellNextRooms(sql, userId)));
  }
}

const keyOf = (userId: number) => `user ${userId}`;

function announce(node: Services, rooms: readonly ToldRoom[]): void {
  node.logFollower.announceRooms(rooms.map(({ roomId, roomSeq }) => ({ roomId, head: roomSeq, events: [] })));
}
