import { type ChangeOutcome, changeStatus } from '../changes/kind.ts';
import { makeChange } from '../changes/make-change.ts';
import { requireDone } from '../changes/outcomes.ts';
import type { SignedIn } from '../context.ts';
import { pairOf } from '../graphql/ids.ts';
import { type Deletion, deletedMessage, deletionKind } from '../messages/edits.ts';
import type { MessageRecord } from '../messages/events.ts';
import { messageRefusals, reloadMessage } from '../messages/messages.ts';
import { invalid, Refusal, refuse } from '../platform/errors.ts';
import { viewerMembership } from '../rooms/access.ts';
import { noRoom } from '../rooms/refusals.ts';
import { roomIdOf } from '../rooms/rooms.ts';

/** Messages of one call. */
export const MAX_DELETED = 100;

/** A message that was not deleted, and why. */
export interface RefusedDeletion {
  readonly messageId: string;
  readonly refusal: Refusal;
}

interface Deleted {
  readonly message: MessageRecord;
  readonly roomSeq: number;
}

export interface Deletions {
  /** Also those that were deleted before. */
  readonly messages: readonly MessageRecord[];
  readonly refused: readonly RefusedDeletion[];
  /** Null if all were refused. */
  readonly roomSeq: number | null;
}

/** Deletes messages of one room, each as `deleteMessage` would. Counts as that many changes. */
export async function deleteMessages(
  ctx: SignedIn,
  input: { readonly roomId: string; readonly messageIds: readonly string[] },
): Promise<Deletions> {
  const roomId = roomIdOf(input.roomId);
  const ids = [...new Set(input.messageIds)];
  if (input.messageIds.length < 1 || input.messageIds.length > MAX_DELETED)
    throw invalid('input.messageIds', `1 to ${MAX_DELETED} messages can be deleted at once.`);
  await ctx.node.limits.spend('change', ctx.viewer.userId, ids.length);
  if (!(await viewerMembership(ctx, roomId))) throw noRoom();
  // Started in one turn of the event loop, so that they go together.
  const results = await Promise.all(ids.map((messageId) => deletionOrRefusal(ctx, roomId, messageId)));
  const deleted = results.filter((result) => 'message' in result);
  return {
    messages: deleted.map(({ message }) => message),
    refused: results.filter((result) => 'refusal' in result),
    roomSeq: deleted.length > 0 ? Math.max(...deleted.map(({ roomSeq }) => roomSeq)) : null,
  };
}

async function deletionOrRefusal(
  ctx: SignedIn,
  roomId: number,
  messageId: string,
): Promise<Deleted | RefusedDeletion> {
  try {
    return await deleteOne(ctx, roomId, messageId);
  } catch (error) {
    if (error instanceof Refusal) return { messageId, refusal: error };
    throw error;
  }
}

async function deleteOne(ctx: SignedIn, roomId: number, messageId: string): Promise<Deleted> {
  const [ownRoomId, roomSeq] = pairOf('Message', messageId) ?? [];
  if (ownRoomId !== roomId || roomSeq === undefined)
    throw refuse('NOT_FOUND', 'This message does not exist in this room.');
  const deletion: Deletion = { roomId, roomSeq, actorId: ctx.viewer.userId };
  const outcome = requireDone(await makeChange(ctx.node, deletionKind, deletion), messageRefusals.deletion);
  return { message: await messageAfter(ctx, deletion, outcome), roomSeq: outcome.roomSeq };
}

const messageAfter = (ctx: SignedIn, deletion: Deletion, outcome: ChangeOutcome) =>
  outcome.status === changeStatus.OK ? deletedMessage(deletion, outcome) : reloadMessage(ctx, deletion);
