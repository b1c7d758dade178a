import { newSession, type OnDevice } from '../accounts/devices.ts';
import { spendIdentity, spendIssuedToken } from '../accounts/limits.ts';
import { sendsMail } from '../accounts/mails.ts';
import { type SignIn, welcome } from '../accounts/sessions.ts';
import type { Context } from '../context.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { Refusal, refuse } from '../platform/errors.ts';
import { type ExternalUser, usernamesFor } from './claims.ts';
import { verifyIssuedToken } from './issued-tokens.ts';
import { signInIdentity } from './store.ts';

/** How many identities one user can have. */
export const MAX_IDENTITIES = 10;

/** A sign-in with an identity. */
export interface IdentitySignIn extends SignIn {
  /** This sign-in has created the user. */
  readonly isNew: boolean;
}

export const signInRefusals: StatusRefusals = {
  NO_USER: () =>
    refuse('PERMISSION_DENIED', 'This server has no such user. An administrator can create one.'),
  TAKEN: () => refuse('CONFLICT', 'Another user has this username.'),
  CLOSED: () => refuse('PERMISSION_DENIED', 'This account is suspended.'),
  LIMIT: () => refuse('CONFLICT', `A user can have at most ${MAX_IDENTITIES} identities.`),
};

/**
 * Signs in with a token of an issuer of the settings, which creates the user at first sight.
 * @throws InvalidCredentialsError, ValidationError, PermissionDeniedError, ConflictError, RateLimitedError, UnavailableError
 */
export async function loginWithToken(
  ctx: Context,
  input: OnDevice & { readonly token: string },
): Promise<IdentitySignIn> {
  const device = newSession(ctx, input);
  await spendIssuedToken(ctx);
  return signInAs(ctx, await verifyIssuedToken(ctx.node, input.token), device);
}

/**
 * Starts a session of the user whom an issuer has named.
 * @throws ValidationError, PermissionDeniedError, ConflictError, RateLimitedError, UnavailableError
 */
export async function signInAs(
  ctx: Context,
  user: ExternalUser,
  { session, refreshToken }: ReturnType<typeof newSession>,
): Promise<IdentitySignIn> {
  const { node } = ctx;
  const { issuer, subject, displayName, email } = user;
  const key = `identity ${issuer.issuer} ${subject}`;
  await spendIdentity(ctx, key);
  const usernames = issuer.createsUsers ? namesOrRefusal(user) : [];
  const signIn = {
    issuer: issuer.issuer,
    subject,
    usernames: usernames instanceof Refusal ? [] : usernames,
    displayName,
    email,
    links: issuer.linksVerifiedEmail && email !== null,
    creates: issuer.createsUsers,
    sendsMail: sendsMail(node),
    session,
  };
  const done = await node.changes.run(key, (sql) => signInIdentity(sql, signIn));
  if (done.status === 'TAKEN' && usernames instanceof Refusal) throw usernames;
  if (done.status !== 'OK') throw signInRefusals[done.status]?.() ?? new Error(`status ${done.status}`);
  return { ...(await welcome(ctx, done, refreshToken)), isNew: done.isNew };
}

/** A name that no user can have refuses new users only, and the database knows who is new. */
function namesOrRefusal(user: ExternalUser): readonly string[] | Refusal {
  try {
    return usernamesFor(user);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
