import type { Services, SignedIn } from '../context.ts';
import { refuse } from '../platform/errors.ts';
import { readRetentionClock } from '../platform/retention-clock.ts';
import { DAY_MS } from '../platform/times.ts';
import { addressTaken, invitationIn, orTaken, passwordsOf, ticketRefused } from './accounts.ts';
import { checkedDisplayName, checkedEmail, checkedUsername } from './credentials.ts';
import { type GuestOutcome, listUnusedGuests, removeGuestRow, upgradeGuestRow } from './guests.store.ts';
import { FIRST_ADMIN } from './invitations.ts';
import { spendRegistration } from './limits.ts';
import { sendsMail } from './mails.ts';
import { checkedNewPassword } from './new-passwords.ts';
import { findAccountById } from './store.ts';

export interface Upgrade {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly displayName?: string | null | undefined;
  readonly inviteToken?: string | null | undefined;
}

/**
 * Turns the viewer, a guest, into a user with an account. The id, the session, the membership and the messages stay. It
 * needs the same invitation as a registration.
 * @throws ValidationError, ConflictError for a taken name or address, or for a viewer who is no guest,
 * PermissionDeniedError without a valid invitation where one is required, RateLimitedError, UnavailableError
 */
export async function upgradeGuest(ctx: SignedIn, input: Upgrade): Promise<{ userId: number }> {
  const { node, viewer } = ctx;
  const names = {
    username: checkedUsername(input.username),
    email: checkedEmail(input.email),
    displayName: input.displayName ? checkedDisplayName(input.displayName) : null,
  };
  const guest = names.displayName === null ? await findAccountById(node.db.read, viewer.userId) : null;
  const ofAccount = { ...names, displayName: names.displayName ?? guest?.displayName ?? null };
  const password = await checkedNewPassword(input.password, ofAccount);
  const ticket = invitationIn(ctx, input);
  await spendRegistration(ctx);
  const account = { ...names, passwordHash: await passwordsOf(node).hash(password) };
  const purposes = ticket?.purposes.filter((purpose) => purpose !== FIRST_ADMIN) ?? [];
  const done = await orTaken(
    node.changes.run(`user ${viewer.userId}`, (sql) =>
      upgradeGuestRow(sql, viewer.userId, account, ticket && { ...ticket, purposes }, sendsMail(node)),
    ),
  );
  if (done.status === 'NO_USER') throw refuse('CONFLICT', 'This account is permanent already.');
  if (done.status === 'SAME') throw addressTaken();
  if (done.status !== 'OK') throw ticketRefused();
  announce(node, done);
  return { userId: viewer.userId };
}

function announce(node: Services, { roomId, roomSeq }: GuestOutcome): void {
  if (roomId !== null && roomSeq !== null) node.logFollower.announceRoom(roomId, roomSeq);
}

// -- guests who do not come back ---------------------------------------------------------------

/** Guests that one round removes, each in a transaction of its own. */
const PER_ROUND = 1_000;

/** Erases the accounts of guests that were not used for GUEST_RETENTION_DAYS. Returns how many. Their messages stay. */
export async function removeUnusedGuests(node: Services): Promise<number> {
  const { db, log, metrics, settings } = node;
  const now = await readRetentionClock({ sql: db.tail, log, metrics });
  if (!now) return 0;
  const before = new Date(now.getTime() - settings.GUEST_RETENTION_DAYS * DAY_MS);
  const userIds = await listUnusedGuests(db.tail, before, PER_ROUND);
  let removed = 0;
  for (const userId of userIds) removed += Number(await removeGuest(node, userId, before));
  return removed;
}

/** Returns whether the guest was removed. The next round repeats what fails: a locked room delays its own guests only. */
async function removeGuest(node: Services, userId: number, before: Date): Promise<boolean> {
  try {
    const done = await node.changes.run(`user ${userId}`, (sql) => removeGuestRow(sql, userId, before));
    announce(node, done);
    node.logFollower.announceAccounts(done.roomId === null ? [] : [userId]);
    return done.status === 'OK';
  } catch (error) {
    node.log.warn(
      { err: (error as Error).message, userId },
      'a guest who did not come back could not be removed',
    );
    return false;
  }
}
