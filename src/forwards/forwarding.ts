import type { SignedIn } from '../context.ts';
import { pairOf } from '../graphql/ids.ts';
import type { MessageRecord } from '../messages/events.ts';
import { findMessage, type Sent, sendWithParts, threadOf } from '../messages/messages.ts';
import { type MessagePart, newPart } from '../messages/parts.ts';
import { withAttached } from '../messages/satellites.ts';
import { refuse } from '../platform/errors.ts';
import { fingerprintOf, requireKey, roomIdOf } from '../rooms/rooms.ts';
import { forwardSatellite, type Origin, originOf } from './origins.ts';

export interface ForwardMessage {
  readonly messageId: string;
  readonly roomId: string;
  readonly idempotencyKey: string;
  readonly threadRootId?: string | null | undefined;
  readonly alsoSendToRoom?: boolean | null | undefined;
}

const noMessage = () =>
  refuse('NOT_FOUND', 'This message does not exist, was deleted, or you may not see it.', {
    path: ['input', 'messageId'],
  });

/** Empty where there is no origin: then the database answers a known key, and refuses all others. */
export const forwardPart: MessagePart<Origin | Record<never, never>> = {
  name: 'forward',
  shownBy: (message, origin) => withAttached(message, forwardSatellite, origin as Origin),
  refusals: { NO_ORIGIN: noMessage },
};

/**
 * Sends the text of a message that the viewer may see to a room, without what is attached to it. It mentions nobody. A
 * repetition with the same key returns the first message (`replayed`), whatever has become of the origin.
 */
export async function forwardMessage(ctx: SignedIn, input: ForwardMessage): Promise<Sent> {
  const roomId = roomIdOf(input.roomId);
  const key = requireKey(input.idempotencyKey);
  const thread = threadOf(roomId, input);
  const place = pairOf('Message', input.messageId);
  if (!place) throw noMessage();
  await ctx.node.limits.spend('post', ctx.viewer.userId);

  const found = await findMessage(ctx, { roomId: place[0], roomSeq: place[1] });
  const message = found?.text === null ? null : found;
  return sendWithParts(ctx, {
    roomId,
    authorId: ctx.viewer.userId,
    key,
    // Not the text: the origin can be edited between two attempts.
    fingerprint: fingerprintOf('forward', roomId, ...place, JSON.stringify(thread)),
    text: message?.text ?? '',
    replyToRoomSeq: null,
    thread,
    parts: [newPart(forwardPart, message ? await originFor(ctx, message) : {})],
  });
}

/** What is forwarded again keeps its first origin. */
async function originFor(ctx: SignedIn, message: MessageRecord): Promise<Origin> {
  const { roomId, roomSeq, createdAt } = message;
  const known = await originOf(ctx, message);
  if (!known) return { originRoomId: roomId, originRoomSeq: roomSeq, sentAt: createdAt.getTime() };
  const { originRoomId, originRoomSeq, sentAt } = known;
  return { originRoomId, originRoomSeq, sentAt };
}
