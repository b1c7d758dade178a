import type { Context } from '../context.ts';
import type { ShownMessage } from '../messages/messages.ts';
import { mayDelete } from '../messages/permissions.ts';
import type { ForViewer } from '../rooms/permissions.ts';
import { acceptsVotes, type PollState } from './poll.ts';

/** The same rule as `apply_votes`: voting needs no permission to post. */
export function mayVote(poll: PollState): ForViewer<boolean> {
  const isOpen = acceptsVotes(poll, Date.now());
  return (viewer) => {
    const rights = viewer.rightsIn(poll.roomId);
    return isOpen && rights !== null && !rights.isArchived && !rights.isTimedOut;
  };
}

/** The same rule as `close_poll`. */
export async function mayClose(
  { closedAt, message }: PollState & { readonly message: ShownMessage },
  ctx: Context,
): Promise<ForViewer<boolean>> {
  return closedAt === null ? mayDelete(message, ctx) : () => false;
}
