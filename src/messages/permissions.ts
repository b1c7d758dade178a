import type { Context } from '../context.ts';
import { membershipLoader } from '../rooms/access.ts';
import { allows, type ForViewer, obstaclesToSending } from '../rooms/permissions.ts';

/** The part of a message that decides who may change it. */
interface Changeable {
  readonly roomId: number;
  readonly authorId: number;
  /** Null of a reply that is only in a thread. */
  readonly seq: number | null;
  readonly deletedAt: Date | null;
}

/** The same rule as `apply_edits`: an edit needs the permission to post, because the room sees it. */
export function mayEdit({ roomId, authorId, seq, deletedAt }: Changeable): ForViewer<boolean> {
  const needed = seq === null ? 'REPLY_IN_THREADS' : 'SEND_MESSAGES';
  return (viewer) =>
    !deletedAt &&
    viewer.isViewer(authorId) &&
    obstaclesToSending(viewer.rightsIn(roomId), needed).length === 0;
}

/** The same rule as `apply_deletions`: authors may always delete their own messages. */
export async function mayDelete(message: Changeable, ctx: Context): Promise<ForViewer<boolean>> {
  const { roomId, authorId, deletedAt } = message;
  if (deletedAt) return () => false;
  const author = await membershipLoader(ctx).load({ roomId, userId: authorId });
  return (viewer) => {
    const rights = viewer.rightsIn(roomId);
    if (!rights || rights.isArchived) return false;
    const outranks = (author?.role ?? 0) < rights.role;
    return viewer.isViewer(authorId) || (allows(rights, 'DELETE_MESSAGES') && outranks);
  };
}
