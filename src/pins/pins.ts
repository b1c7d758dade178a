import { type ChangeKind, changeStatus } from '../changes/kind.ts';
import { makeChange } from '../changes/make-change.ts';
import { requireDone } from '../changes/outcomes.ts';
import type { SignedIn } from '../context.ts';
import { type MessageKey, pairOf } from '../graphql/ids.ts';
import type { MessageRecord } from '../messages/events.ts';
import { messageIn, peopleIn } from '../messages/message-details.ts';
import { reloadMessage } from '../messages/messages.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { refuse } from '../platform/errors.ts';
import { roomArchived, sendingRefusals } from '../rooms/refusals.ts';
import { messagePinned, messageUnpinned } from './events.ts';

/** Maximum of pinned messages in a room. The function `apply_pins` uses the same number. */
export const MAX_PINS = 100;
/** Maximum in one call with changes of other kinds. */
const MIXED_LIMIT = 32;

interface PinChange extends MessageKey {
  readonly actorId: number;
  readonly isPinned: boolean;
}

export const pinKind: ChangeKind<PinChange> = {
  name: 'pin',
  parameter: 'p_pins',
  type: 'message_pin',
  mixedLimit: MIXED_LIMIT,
  fields: ({ roomId, roomSeq, actorId, isPinned }) => [roomId, roomSeq, actorId, `${isPinned}`],
  eventOf: (change, outcome) => ({
    roomId: change.roomId,
    roomSeq: outcome.roomSeq,
    kind: (change.isPinned ? messagePinned : messageUnpinned).name,
    actorId: change.actorId,
    subject: change.roomSeq,
    messageSeq: outcome.messageSeq,
    createdAt: outcome.createdAt,
    facts: null,
    record: messageIn(change, outcome),
    people: peopleIn(change, outcome),
  }),
};

interface Target {
  readonly messageId: string;
}

export interface Pinned {
  readonly message: MessageRecord;
  readonly roomSeq: number;
}

/** Pinning a pinned message succeeds without an event. */
export const pinMessage = (ctx: SignedIn, input: Target): Promise<Pinned> => setPinned(ctx, input, true);

/** Unpinning a message without a pin succeeds without an event. */
export const unpinMessage = (ctx: SignedIn, input: Target): Promise<Pinned> => setPinned(ctx, input, false);

async function setPinned(ctx: SignedIn, { messageId }: Target, isPinned: boolean): Promise<Pinned> {
  const [roomId, roomSeq] = pairOf('Message', messageId) ?? [];
  if (roomId === undefined || roomSeq === undefined) throw noMessage();
  const change = { roomId, roomSeq, actorId: ctx.viewer.userId, isPinned };
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const outcome = requireDone(await makeChange(ctx.node, pinKind, change), pinRefusals);
  const isMade = outcome.status === changeStatus.OK;
  const message = isMade ? messageIn(change, outcome) : await reloadMessage(ctx, change);
  return { message, roomSeq: outcome.roomSeq };
}

const noMessage = () =>
  refuse('NOT_FOUND', 'This message does not exist, or you may not see it.', {
    path: ['input', 'messageId'],
  });

export const pinRefusals: StatusRefusals = {
  ...sendingRefusals,
  NOT_FOUND: noMessage,
  DELETED: () => refuse('CONFLICT', 'The message was deleted.'),
  ARCHIVED: roomArchived,
  FORBIDDEN: () => refuse('PERMISSION_DENIED', 'Your role does not allow pinning messages in this room.'),
  LIMIT: () => refuse('CONFLICT', `A room can have at most ${MAX_PINS} pinned messages. Unpin one first.`),
};
