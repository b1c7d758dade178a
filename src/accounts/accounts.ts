import type { Context, Services, SignedIn } from '../context.ts';
import { type Refusal, refuse } from '../platform/errors.ts';
import { memo } from '../platform/memo.ts';
import { Passwords } from '../platform/passwords.ts';
import {
  checkedDisplayName,
  checkedEmail,
  checkedLogin,
  checkedPassword,
  checkedUsername,
  checkPasswordLength,
  foldedName,
} from './credentials.ts';
import { isOpenToAll, ticketOf } from './invitations.ts';
import { type LoginTarget, spendLogin, spendPasswordCheck, spendRegistration } from './limits.ts';
import { isKnownNetwork } from './networks.ts';
import { revocationsOf } from './revocations.ts';
import { insertSession, changePassword as storePassword } from './sessions.store.ts';
import { type SignIn, welcome } from './sessions.ts';
import * as store from './store.ts';
import { hashOf, newOpaqueToken } from './tokens.ts';

export const passwordsOf = memo((_node: Services) => new Passwords());

// -- registering -------------------------------------------------------------------------------

export interface Registration {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly displayName?: string | null | undefined;
  readonly inviteToken?: string | null | undefined;
}

/**
 * Creates an account and signs it in.
 * @throws ValidationError, ConflictError for a taken name or address, PermissionDeniedError without a valid invitation
 * where one is required, RateLimitedError, UnavailableError
 */
export async function register(ctx: Context, input: Registration): Promise<SignIn> {
  const account = {
    username: checkedUsername(input.username),
    email: checkedEmail(input.email),
    displayName: checkedDisplayName(input.displayName ?? input.username),
  };
  const password = checkedPassword(input.password);
  const ticket = invitationIn(ctx, input);
  await spendRegistration(ctx);
  const passwordHash = await passwordsOf(ctx.node).hash(password);
  const refreshToken = newOpaqueToken();
  const session = { refreshHash: hashOf(refreshToken), days: ctx.node.settings.REFRESH_TOKEN_TTL_DAYS };
  const made = await orTaken(
    store.insertAccount(ctx.node.db.write, { ...account, passwordHash }, ticket, session),
  );
  if (!made) throw notInvited('The invitation is not valid or was already used.');
  return welcome(ctx, { ...made, sessionId: made.sessionId ?? 0 }, refreshToken);
}

// A token that was sent must be valid even if none is required: the client expects it to have an effect.
export function invitationIn(
  { node }: Context,
  { inviteToken }: Pick<Registration, 'inviteToken'>,
): store.Ticket | null {
  const mode = node.settings.REGISTRATION_MODE;
  if (inviteToken) return ticketOf(inviteToken, mode);
  if (isOpenToAll(mode)) return null;
  throw notInvited(mode === 'invite' ? 'Registration requires an invitation.' : 'Registration is closed.');
}

export const notInvited = (detail: string) =>
  refuse('PERMISSION_DENIED', detail, { path: ['input', 'inviteToken'] });

/** @throws ConflictError naming the taken field */
export async function orTaken<Result>(insertion: Promise<Result>): Promise<Result> {
  try {
    return await insertion;
  } catch (error) {
    const taken = store.takenBy(error);
    throw taken ? refuse('CONFLICT', takenDetails[taken], { path: ['input', taken] }) : error;
  }
}

const takenDetails = {
  username: 'This username is taken.',
  email: 'An account with this e-mail address exists.',
};

// -- signing in --------------------------------------------------------------------------------

export interface Login {
  readonly usernameOrEmail: string;
  readonly password: string;
}

const notAccepted = (): Refusal =>
  refuse('INVALID_CREDENTIALS', 'The username, e-mail address or password is wrong.');

/**
 * Gives the same answer in the same time for an unknown account, a suspended account and a wrong password.
 * @throws InvalidCredentialsError, ValidationError, RateLimitedError, UnavailableError
 */
export async function login(ctx: Context, input: Login): Promise<SignIn> {
  checkedLogin(input);
  const account = await store.findAccount(ctx.node.db.read, input.usernameOrEmail);
  const target = targetOf(ctx, input, account);
  const withheld = await spendLogin(ctx, target);
  const refreshToken = newOpaqueToken();
  const attempt = { password: input.password, refreshToken, isUrgent: target.isKnownNetwork };
  let session = await openSession(ctx.node, account, attempt);
  if (session === 'changed') {
    const again = await store.findAccount(ctx.node.db.read, input.usernameOrEmail);
    session = await openSession(ctx.node, again, attempt);
  }
  if (typeof session === 'string') throw withheld ?? notAccepted();
  return welcome(ctx, session, refreshToken);
}

function targetOf(ctx: Context, { usernameOrEmail }: Login, account: store.LoginRow | null): LoginTarget {
  return account
    ? { key: `account ${account.id}`, isKnownNetwork: isKnownNetwork(ctx, account) }
    : { key: `name ${foldedName(usernameOrEmail)}`, isKnownNetwork: false };
}

interface Attempt {
  readonly password: string;
  readonly refreshToken: string;
  readonly isUrgent: boolean;
}

/** Returns `wrong` for a wrong password, `changed` if the stored hash changed after its verification. */
async function openSession(node: Services, account: store.AccountRow | null, attempt: Attempt) {
  const { password, refreshToken, isUrgent } = attempt;
  const stored = account?.passwordHash ?? null;
  const matches = await passwordsOf(node).verify(stored, password, isUrgent);
  if (!matches || !account?.isActive || stored === null) return 'wrong';
  const verified = { id: account.id, passwordHash: stored };
  const session = await insertSession(
    node.db.write,
    verified,
    hashOf(refreshToken),
    node.settings.REFRESH_TOKEN_TTL_DAYS,
  );
  if (!session) return 'changed';
  await strengthen(node, verified, password).catch((error: Error) =>
    node.log.warn({ err: error.message }, 'a weak hash stays'),
  );
  return { userId: account.id, ...session };
}

/** Hashes the password again with the current parameters, because it is known only during a sign-in. */
async function strengthen(
  node: Services,
  { id, passwordHash }: { id: number; passwordHash: string },
  password: string,
): Promise<void> {
  const passwords = passwordsOf(node);
  if (passwords.isWeak(passwordHash))
    await store.replaceHash(node.db, id, passwordHash, await passwords.hash(password));
}

// -- the password ------------------------------------------------------------------------------

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

/**
 * Changes the viewer's password and ends all the other sessions.
 * @throws InvalidCredentialsError for a wrong current password, ValidationError, RateLimitedError, UnavailableError
 */
export async function changePassword(ctx: SignedIn, input: PasswordChange): Promise<{ userId: number }> {
  const { node, viewer } = ctx;
  const newPassword = checkedPassword(input.newPassword, 'input.newPassword');
  checkPasswordLength(input.currentPassword, 'input.currentPassword');
  await spendPasswordCheck(ctx, viewer.userId);
  const from = (await store.findAccountById(node.db.read, viewer.userId))?.passwordHash ?? null;
  const matches = await passwordsOf(node).verify(from, input.currentPassword);
  if (!matches || from === null) throw notCurrent();
  const to = await passwordsOf(node).hash(newPassword);
  const ended = await storePassword(node.db, { userId: viewer.userId, from, to, keep: viewer.sessionId });
  if (!ended) throw notCurrent();
  revocationsOf(node).announce(ended);
  return { userId: viewer.userId };
}

const notCurrent = () =>
  refuse('INVALID_CREDENTIALS', 'The current password is wrong.', { path: ['input', 'currentPassword'] });
