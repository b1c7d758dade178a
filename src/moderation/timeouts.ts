import type { SignedIn } from '../context.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { type Membership, membershipAfter, userIdOf } from '../rooms/members.ts';
import { reasonOf } from '../rooms/reasons.ts';
import { refusals } from '../rooms/refusals.ts';
import { announce, inRoom, roomIdOf } from '../rooms/rooms.ts';
import * as store from './store.ts';

/** The longest timeout. The function `time_out_member` uses the same number. */
export const MAX_TIMEOUT_DAYS = 28;

export const timeoutRefusals: StatusRefusals = {
  ...refusals,
  RANK: () => refuse('PERMISSION_DENIED', 'You can only time out members whose role is below yours.'),
  DIRECT: () => refuse('CONFLICT', 'Nobody can be timed out in a direct room.'),
  TOO_FAR: () =>
    invalid(
      'input.until',
      `A timeout must end in the future, and at most ${MAX_TIMEOUT_DAYS} days from now.`,
    ),
};

interface TimeoutMember {
  readonly roomId: string;
  readonly userId: string;
  readonly until?: Date | null | undefined;
  readonly reason?: string | null | undefined;
}

/** Sets until when a member with a lower role may not send messages; without a time, ends the timeout. */
export async function timeoutMember(
  ctx: SignedIn,
  input: TimeoutMember,
): Promise<{ membership: Membership; roomSeq: number }> {
  const [roomId, userId] = [roomIdOf(input.roomId), userIdOf(input.userId)];
  const timeout = { userId, until: input.until ?? null, reason: reasonOf(input.reason) };
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const { status, roomSeq } = await inRoom(ctx, roomId, (sql) =>
    store.timeOutMember(sql, roomId, ctx.viewer.userId, timeout),
  );
  const refusal = timeoutRefusals[status];
  if (refusal) throw refusal();
  if (status === 'OK') announce(ctx, roomId, roomSeq);
  return { membership: await membershipAfter(ctx, roomId, userId), roomSeq };
}

export const dateOf = (ms: number | null) => (ms === null ? null : new Date(ms));
