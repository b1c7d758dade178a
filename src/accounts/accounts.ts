import type { Context, Services, SignedIn } from '../context.ts';
import { type Refusal, refuse } from '../platform/errors.ts';
import { memo } from '../platform/memo.ts';
import { Passwords } from '../platform/passwords.ts';
import { CHALLENGE_MINUTES, secondFactorRequired } from './challenges.ts';
import {
  checkedDisplayName,
  checkedEmail,
  checkedUsername,
  checkUsernameOrEmail,
  foldedName,
} from './credentials.ts';
import { newSession, type OnDevice } from './devices.ts';
import { isOpenToAll, ticketOf } from './invitations.ts';
import { type LoginTarget, spendLogin, spendPasswordCheck, spendRegistration } from './limits.ts';
import { sendsMail } from './mails.ts';
import { isKnownNetwork } from './networks.ts';
import { checkedNewPassword, checkPasswordLength } from './new-passwords.ts';
import { revocationsOf } from './revocations.ts';
import { insertSession, type NewSession, changePassword as storePassword } from './sessions.store.ts';
import { type SignIn, welcome } from './sessions.ts';
import * as store from './store.ts';
import { hashOf, newOpaqueToken } from './tokens.ts';

export const passwordsOf = memo((_node: Services) => new Passwords());

// -- registering -------------------------------------------------------------------------------

export interface Registration extends OnDevice {
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
  const password = await checkedNewPassword(input.password, account);
  const { session, refreshToken } = newSession(ctx, input);
  const ticket = invitationIn(ctx, input);
  await spendRegistration(ctx);
  const passwordHash = await passwordsOf(ctx.node).hash(password);
  const newcomer = { ...account, passwordHash, sendsMail: sendsMail(ctx.node) };
  const made = await orTaken(store.insertAccount(ctx.node.db.write, newcomer, ticket, session));
  if (made.status !== 'OK') throw made.status === 'SAME' ? addressTaken() : ticketRefused();
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

/** Only on servers without mail: others let the owner of the address verify it. */
export const addressTaken = () =>
  refuse('CONFLICT', 'An account with this e-mail address exists.', { path: ['input', 'email'] });

export const ticketRefused = () => notInvited('The invitation is not valid or was already used.');

/** @throws ConflictError for a taken username */
export async function orTaken<Result>(insertion: Promise<Result>): Promise<Result> {
  try {
    return await insertion;
  } catch (error) {
    throw store.isNameTaken(error)
      ? refuse('CONFLICT', 'This username is taken.', { path: ['input', 'username'] })
      : error;
  }
}

// -- signing in --------------------------------------------------------------------------------

export interface Login extends OnDevice {
  readonly usernameOrEmail: string;
  readonly password: string;
}

const notAccepted = (): Refusal =>
  refuse('INVALID_CREDENTIALS', 'The username, e-mail address or password is wrong.');

/**
 * Gives the same answer in the same time for an unknown account, a suspended account and a wrong password.
 * @throws InvalidCredentialsError, SecondFactorRequiredError, ValidationError, RateLimitedError, UnavailableError
 */
export async function login(ctx: Context, input: Login): Promise<SignIn> {
  checkUsernameOrEmail(input.usernameOrEmail);
  checkPasswordLength(input.password, 'input.password');
  const { session: opening, refreshToken } = newSession(ctx, input);
  const account = await findByLogin(ctx.node, input);
  const target = targetOf(ctx, input, account);
  const withheld = await spendLogin(ctx, target);
  const challenge = newOpaqueToken();
  const attempt = { password: input.password, session: opening, challenge, isUrgent: target.isKnownNetwork };
  let session = await openSession(ctx.node, account, attempt);
  if (session === 'changed') {
    session = await openSession(ctx.node, await findByLogin(ctx.node, input), attempt);
  }
  if (typeof session === 'string') throw withheld ?? notAccepted();
  if ('hasRecoveryCodes' in session) throw secondFactorRequired(challenge, session);
  return welcome(ctx, session, refreshToken);
}

/**
 * With mail, an address counts when it is verified. Otherwise a new account could find out by a sign-in whether its address
 * has another account.
 */
function findByLogin(node: Services, { usernameOrEmail }: Login): Promise<store.LoginRow | null> {
  return store.findAccount(node.db.read, usernameOrEmail, sendsMail(node) ? 'ofVerified' : 'all');
}

function targetOf(ctx: Context, { usernameOrEmail }: Login, account: store.LoginRow | null): LoginTarget {
  const name = foldedName(usernameOrEmail);
  return account
    ? { name, key: `account ${account.id}`, isKnownNetwork: isKnownNetwork(ctx, account) }
    : { name, key: `name ${name}`, isKnownNetwork: false };
}

interface Attempt {
  readonly password: string;
  readonly session: NewSession;
  /** The token with which the sign-in continues if the account has a second factor. */
  readonly challenge: string;
  readonly isUrgent: boolean;
}

/** Returns `wrong` for a wrong password, `changed` if the stored hash changed after its verification. */
async function openSession(node: Services, account: store.AccountRow | null, attempt: Attempt) {
  const { password, challenge, isUrgent } = attempt;
  const stored = account?.passwordHash ?? null;
  const matches = await passwordsOf(node).verify(stored, password, isUrgent);
  if (!matches || !account?.isActive || stored === null) return 'wrong';
  const verified = { id: account.id, passwordHash: stored };
  const waiting = { hash: hashOf(challenge), minutes: CHALLENGE_MINUTES };
  const session = await insertSession(node.db.write, verified, attempt.session, waiting);
  if (!session) return 'changed';
  await strengthen(node, verified, password).catch((error: Error) =>
    node.log.warn({ err: error.message }, 'a weak hash stays'),
  );
  return 'hasRecoveryCodes' in session ? session : { userId: account.id, ...session };
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
  checkPasswordLength(input.currentPassword, 'input.currentPassword');
  await spendPasswordCheck(ctx, viewer.userId);
  const account = await store.findAccountById(node.db.read, viewer.userId);
  if (!account) throw notCurrent();
  const newPassword = await checkedNewPassword(input.newPassword, account, 'input.newPassword');
  const from = account.passwordHash;
  const matches = await passwordsOf(node).verify(from, input.currentPassword);
  if (!matches || from === null) throw notCurrent();
  const to = await passwordsOf(node).hash(newPassword);
  const ended = await storePassword(node.db.write, {
    userId: viewer.userId,
    from,
    to,
    keep: viewer.sessionId,
    sendsMail: sendsMail(node),
  });
  if (!ended) throw notCurrent();
  revocationsOf(node).announce(ended);
  return { userId: viewer.userId };
}

/** Whether that is the password of an account. The caller limits the attempts. */
export async function isPasswordOf(node: Services, userId: number, password: string): Promise<boolean> {
  const account = await store.findAccountById(node.db.read, userId);
  return passwordsOf(node).verify(account?.passwordHash ?? null, password);
}

const notCurrent = () =>
  refuse('INVALID_CREDENTIALS', 'The current password is wrong.', { path: ['input', 'currentPassword'] });
