import { isPasswordOf } from '../accounts/accounts.ts';
import { spendPasswordCheck } from '../accounts/limits.ts';
import { checkPasswordLength } from '../accounts/new-passwords.ts';
import type { SignedIn } from '../context.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { checkOwnCode } from './own-code.ts';
import { findSecret } from './store.ts';

/** What shows that the holder of a session is the user: the password, with a code if the account has an app. */
export interface Proof {
  readonly password?: string | null | undefined;
  readonly code?: string | null | undefined;
}

/**
 * Checks that the user is there, because a session alone may be a stolen one. A code is used up.
 * @throws InvalidCredentialsError, ValidationError, RateLimitedError, UnavailableError
 */
export async function requireProof(ctx: SignedIn, { password, code }: Proof): Promise<void> {
  const { node, viewer } = ctx;
  if (!password) throw invalid('input.proof', 'A proof needs the password.');
  checkPasswordLength(password, 'input.proof.password');
  await spendPasswordCheck(ctx, viewer.userId);
  if (!(await isPasswordOf(node, viewer.userId, password))) throw wrong('password', 'The password is wrong.');
  await requireCode(ctx, code);
}

/**
 * Checks a code of the viewer where the account has an app, and uses it up.
 * @throws InvalidCredentialsError, ValidationError, RateLimitedError
 */
export async function requireCode(ctx: SignedIn, code: Proof['code']): Promise<void> {
  const { node, viewer } = ctx;
  const secret = await findSecret(node.db.write, viewer.userId);
  if (!secret?.isActive) return;
  if (!code) throw wrong('code', 'The account has a second factor: a code is needed, too.');
  if (!(await checkOwnCode(ctx, secret, code))) throw wrong('code', 'The code is wrong or was used before.');
}

const wrong = (field: string, detail: string) =>
  refuse('INVALID_CREDENTIALS', detail, { path: ['input', 'proof', field] });
