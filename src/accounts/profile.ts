import type { Services, SignedIn } from '../context.ts';
import { checkedDisplayName } from './credentials.ts';
import { isRenamePending, renameUserRow, type ToldRoom, tellNextRooms } from './profile.store.ts';

/** Changes what others see of the viewer; each shared room hears of it as a MemberUpdated, later ones by a job. */
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
 * Tells the rooms of a user that were not told of a new name yet, so many in one transaction that no room waits for long.
 * @throws Error when the node stops, or a room stays locked: the job goes on later, where it stood
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
