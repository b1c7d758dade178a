import type { Services, SignedIn } from '../context.ts';
import { type MessageKey, pairOf } from '../graphql/ids.ts';
import type { MessageRecord } from '../messages/events.ts';
import { reloadMessage } from '../messages/messages.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { refuse } from '../platform/errors.ts';
import { roomArchived } from '../rooms/refusals.ts';
import { announce, inRoom } from '../rooms/rooms.ts';
import { closePollRow } from './store.ts';

export const noMessage = () =>
  refuse('NOT_FOUND', 'This message does not exist, or you may not see it.', {
    path: ['input', 'messageId'],
  });

/** The refusals that voting and closing share. */
export const pollRefusals = {
  NOT_FOUND: noMessage,
  NO_POLL: () => refuse('NOT_FOUND', 'This message has no poll.', { path: ['input', 'messageId'] }),
  DELETED: () => refuse('CONFLICT', 'The message was deleted.'),
  ARCHIVED: roomArchived,
};

export const closingRefusals: StatusRefusals = {
  ...pollRefusals,
  FORBIDDEN: () => refuse('PERMISSION_DENIED', 'Your role does not allow closing this poll.'),
};

/** @throws NotFoundError */
export function messageKeyOf(messageId: string): MessageKey {
  const [roomId, roomSeq] = pairOf('Message', messageId) ?? [];
  if (roomId === undefined || roomSeq === undefined) throw noMessage();
  return { roomId, roomSeq };
}

export interface PollChanged {
  readonly message: MessageRecord;
  readonly roomSeq: number;
}

/** Closes a poll for good. Closing a closed poll succeeds without an event. */
export async function closePoll(
  ctx: SignedIn,
  { messageId }: { readonly messageId: string },
): Promise<PollChanged> {
  const key = messageKeyOf(messageId);
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const { status, roomSeq } = await inRoom(ctx, key.roomId, (sql) =>
    closePollRow(sql, key, ctx.viewer.userId),
  );
  const refusal = closingRefusals[status];
  if (refusal) throw refusal();
  if (status === 'OK') announce(ctx, key.roomId, roomSeq);
  return { message: await reloadMessage(ctx, key), roomSeq };
}

// -- by time ---------------------------------------------------------------------------------------

/**
 * Closes a poll whose time is over, unless it is closed or was deleted. Votes are refused from `closesAt` on, also before
 * this job has run.
 * @throws Error when it ran too early, or the room stays locked: the job is repeated
 */
export async function closeWhenOver(node: Services, payload: unknown): Promise<void> {
  const key = keyIn(payload);
  const { status, roomSeq } = await node.changes.run(`room ${key.roomId}`, (sql) =>
    closePollRow(sql, key, null),
  );
  if (status === 'AGAIN') throw new Error('the time of the poll is not over');
  if (status === 'OK') node.logFollower.announceRoom(key.roomId, roomSeq);
}

function keyIn(payload: unknown): MessageKey {
  const { roomId, roomSeq } = (payload ?? {}) as { roomId?: unknown; roomSeq?: unknown };
  if (typeof roomId !== 'number' || typeof roomSeq !== 'number') throw new Error('the job names no poll');
  return { roomId, roomSeq };
}
