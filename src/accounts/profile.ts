import type { SignedIn } from '../context.ts';
import { checkedDisplayName } from './credentials.ts';
import { renameUserRow } from './profile.store.ts';

/** Changes what others see of the viewer; each shared room hears of it as a MemberUpdated. */
export async function updateProfile(
  ctx: SignedIn,
  input: { readonly displayName: string },
): Promise<{ userId: number }> {
  const displayName = checkedDisplayName(input.displayName);
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const rooms = await ctx.node.changes.run(`user ${ctx.viewer.userId}`, (sql) =>
    renameUserRow(sql, ctx.viewer.userId, displayName),
  );
  ctx.node.hub.announceRooms(rooms.map(({ roomId, roomSeq }) => ({ roomId, head: roomSeq, events: [] })));
  return { userId: ctx.viewer.userId };
}
