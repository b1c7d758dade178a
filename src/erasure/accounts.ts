import { type Office, userIdOf } from '../accounts/administration.ts';
import { revocationsOf } from '../accounts/revocations.ts';
import { notAdministrator, requireAdministrator } from '../accounts/server-roles.ts';
import type { Services, SignedIn } from '../context.ts';
import { type Proof, requireCode, requireProof } from '../factors/proof.ts';
import { idOf } from '../graphql/ids.ts';
import { canUsePassword } from '../identities/identities.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { refuse } from '../platform/errors.ts';
import { announce } from './erasing.ts';
import * as store from './store.ts';

/** How recent the sign-in of a user without a password must be, in minutes. */
export const RECENT_SIGN_IN_MINUTES = 10;

export const closingRefusals: StatusRefusals = {
  FORBIDDEN: notAdministrator,
  NO_USER: () => refuse('NOT_FOUND', 'There is no such user.', { path: ['input', 'userId'] }),
  LAST_ADMIN: () => refuse('CONFLICT', 'This is the last administrator. Name another one first.'),
};

export interface OwnDeletion {
  readonly proof?: Proof | null | undefined;
  readonly erasesMessages?: boolean | null | undefined;
}

/**
 * Deletes the account of the viewer.
 * @throws InvalidCredentialsError for a wrong proof, or after an old sign-in of a user without a password, ConflictError for the last
 * administrator, ValidationError, RateLimitedError, UnavailableError
 */
export async function deleteAccount(
  ctx: SignedIn,
  { proof, erasesMessages }: OwnDeletion,
): Promise<{ userId: number }> {
  const { node, viewer } = ctx;
  await node.limits.spend('change', viewer.userId);
  // A guest proves nothing: the guest cannot sign in again, and has one room.
  if (!viewer.isGuest) await proveIdentity(ctx, proof ?? {});
  return close(node, viewer.userId, viewer.userId, erasesMessages ?? false);
}

/** A user without a password may use a passkey, or has signed in elsewhere; the session shows when. */
async function proveIdentity(ctx: SignedIn, proof: Proof): Promise<void> {
  const { node, viewer } = ctx;
  if (proof.passkey || (await canUsePassword(ctx, viewer.userId))) return requireProof(ctx, proof);
  if (!(await store.isRecentSession(node.db.write, viewer.sessionId, RECENT_SIGN_IN_MINUTES)))
    throw refuse(
      'INVALID_CREDENTIALS',
      `Sign in again first, at most ${RECENT_SIGN_IN_MINUTES} minutes before.`,
    );
  await requireCode(ctx, proof.code);
}

export interface Deletion {
  readonly userId: string;
  readonly erasesMessages?: boolean | null | undefined;
}

/**
 * Deletes the account of any user, for administrators.
 * @throws PermissionDeniedError, NotFoundError, ConflictError for the own account and the last administrator, RateLimitedError, UnavailableError
 */
export async function deleteUser(ctx: SignedIn, input: Deletion): Promise<{ userId: number }> {
  const { node, viewer } = ctx;
  await requireAdministrator(ctx);
  await node.limits.spend('change', viewer.userId);
  const userId = idOf('User', input.userId);
  if (userId === null) throw (closingRefusals.NO_USER as () => Error)();
  // The viewer must prove it.
  if (userId === viewer.userId)
    throw refuse('CONFLICT', 'Delete your own account with deleteAccount.', { path: ['input', 'userId'] });
  return close(node, viewer.userId, userId, input.erasesMessages ?? false);
}

async function close(
  node: Services,
  actorId: number,
  userId: number,
  erasesMessages: boolean,
): Promise<{ userId: number }> {
  const closing = await node.changes.run(`user ${userId}`, (sql) =>
    store.closeAccount(sql, actorId, userId, erasesMessages),
  );
  refuseOn(closing);
  revocationsOf(node).announce(closing.sessionIds);
  announce(
    node,
    closing.roomIds.map((roomId, i) => ({ roomId, roomSeq: closing.roomSeqs[i] as number })),
  );
  node.logFollower.announceAccounts([userId]);
  return { userId };
}

function refuseOn({ status }: store.Closing): void {
  const refusal = closingRefusals[status];
  if (refusal) throw refusal();
}

/**
 * The same for the command line, which announces nothing: the nodes read it within a second.
 * @throws NotFoundError, ConflictError for the last administrator
 */
export async function deleteUserByName({ db }: Office, name: string, erasesMessages: boolean): Promise<void> {
  refuseOn(await store.closeAccount(db.write, null, await userIdOf(db, name), erasesMessages));
}
