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

/** How long a user counts as typing after `setTyping`, unless it is called again. */
export const TYPING_MS = 6_000;
/** How often clients repeat the call while the user types. */
export const TYPING_REPEAT_MS = 3_000;
/** Maximum of users in one TypingChanged item. */
export const MAX_TYPING_SHOWN = 20;

/** The typing users of a room: all of them are counted, the first ones are shown. */
export interface Typing {
  readonly roomId: number;
  readonly people: readonly PersonRecord[];
  readonly count: number;
}

/** A user who has sent a message, or left, is no longer typing. */
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

/** Publishes that the viewer is typing in a room, for TYPING_MS, or has stopped. */
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

/** Typing announces a message, so it needs the permission to post. */
async function requireSender(ctx: SignedIn, roomId: number): Promise<void> {
  await viewRoom(ctx, roomId); // one statement reads the data for the checks
  const [obstacle] = obstaclesToSending(await rightsIn(ctx, roomId));
  if (obstacle === 'NOT_A_MEMBER') throw noRoom();
  if (obstacle) throw obstacles[obstacle]();
}
