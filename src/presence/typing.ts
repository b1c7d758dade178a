import { loadUser } from '../accounts/people.ts';
import type { SignedIn } from '../context.ts';
import type { PersonRecord } from '../eventlog/kinds.ts';
import { type EphemeralKind, topicOf } from '../eventlog/registry.ts';
import { messageCreated } from '../messages/events.ts';
import { refuse } from '../platform/errors.ts';
import { viewRoom } from '../rooms/access.ts';
import { memberLeft } from '../rooms/events.ts';
import { type CannotSendReason, obstaclesToSending, rightsIn } from '../rooms/permissions.ts';
import { noRoom, roomArchived, sendingRefusals } from '../rooms/refusals.ts';
import { roomIdOf } from '../rooms/rooms.ts';

/** Somebody counts as typing for so long after `setTyping`, unless it is called again. */
export const TYPING_MS = 6_000;
/** Clients call again this often while somebody types. */
export const TYPING_REPEAT_MS = 3_000;
/** Users in one TypingChanged item at most. */
export const MAX_TYPING_SHOWN = 20;

/** Who types in a room now: all of them are counted, the first are shown. */
export interface Typing {
  readonly roomId: number;
  readonly people: readonly PersonRecord[];
  readonly count: number;
}

/** Whoever has sent a message, or left, does not type any more. */
export const typing: EphemeralKind<Typing> = {
  name: 'TypingChanged',
  description:
    'The users who are typing in the room: the complete set, each time. The first item has the current state; later ones ' +
    'come when it changes, at most once a second. Not part of the log: it has no number and no cursor, and may be lost.',
  include: 'TYPING',
  includes: 'who is typing',
  topic: 'typing',
  show: (roomId, values) => ({ roomId, people: peopleIn(values), count: values.length }),
  endedBy({ kind, actorId, subject }) {
    const userId = kind === messageCreated.name ? actorId : kind === memberLeft.name ? subject : null;
    return userId === null ? null : `${userId}`;
  },
};

const peopleIn = (values: readonly string[]) =>
  values.slice(0, MAX_TYPING_SHOWN).map((json): PersonRecord => ({ ...JSON.parse(json), deletedAt: null }));

/** Says that the viewer types in a room, for TYPING_MS, or does not any more. */
export async function setTyping(
  ctx: SignedIn,
  input: { readonly roomId: string; readonly isTyping: boolean },
): Promise<{ roomId: string; expiresAt: Date | null }> {
  const [roomId, { userId }] = [roomIdOf(input.roomId), ctx.viewer];
  await ctx.node.limits.spend('typing', userId);
  await requireSender(ctx, roomId);
  const { id, username, displayName } = await loadUser(ctx, userId);
  const shown = input.isTyping ? JSON.stringify({ id, username, displayName }) : null;
  if (!ctx.node.ephemeral.publish(topicOf(typing, roomId), `${userId}`, shown, TYPING_MS))
    throw refuse('UNAVAILABLE');
  return { roomId: input.roomId, expiresAt: input.isTyping ? new Date(Date.now() + TYPING_MS) : null };
}

const obstacles: Record<Exclude<CannotSendReason, 'NOT_A_MEMBER'>, () => Error> = {
  ARCHIVED: roomArchived,
  NOT_PERMITTED: () => refuse('PERMISSION_DENIED', 'Your role in this room does not allow this.'),
  TIMED_OUT: sendingRefusals.TIMED_OUT,
};

/** Typing announces a message, so it needs what posting needs. */
async function requireSender(ctx: SignedIn, roomId: number): Promise<void> {
  await viewRoom(ctx, roomId); // one statement reads what is judged by
  const [obstacle] = obstaclesToSending(await rightsIn(ctx, roomId));
  if (obstacle === 'NOT_A_MEMBER') throw noRoom();
  if (obstacle) throw obstacles[obstacle]();
}
