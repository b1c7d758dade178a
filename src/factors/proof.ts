import { isPasswordOf } from '../accounts/accounts.ts';
import { spendPasswordCheck } from '../accounts/limits.ts';
import { checkPasswordLength } from '../accounts/new-passwords.ts';
import type { SignedIn } from '../context.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { checkedAssertion } from './assertions.ts';
import { checkOwnCode } from './own-code.ts';
import { canProve, usePasskey } from './passkeys.store.ts';
import { findSecret } from './store.ts';
import { waysIn } from './ways-in.ts';
import type { Assertion } from './webauthn.ts';

/** What shows that the holder of a session is the user: a passkey, or the password, with a code if the account has an app. */
export interface Proof {
  readonly password?: string | null | undefined;
  readonly code?: string | null | undefined;
  readonly passkey?: Assertion | null | undefined;
}

/**
 * Checks that the user is there, because a session alone may be a stolen one. A code is used up.
 * @throws InvalidCredentialsError, ValidationError, RateLimitedError, UnavailableError
 */
export async function requireProof(ctx: SignedIn, { password, code, passkey }: Proof): Promise<void> {
  if (!password === !passkey) throw invalid('input.proof', 'A proof is either the password or a passkey.');
  if (passkey) await requirePasskey(ctx, passkey);
  else await requirePassword(ctx, password ?? '', code);
}

/**
 * Checks that the user is there, if the account has anything to show that with: a password, or a passkey. Otherwise the session is
 * enough, because the user could never add anything.
 * @throws InvalidCredentialsError, ValidationError, RateLimitedError, UnavailableError
 */
export async function requireProofIfAny(ctx: SignedIn, proof: Proof | null | undefined): Promise<void> {
  const { node, viewer } = ctx;
  if (proof || (await canProve(node.db.write, viewer.userId, waysIn(node).domain)))
    await requireProof(ctx, proof ?? {});
}

async function requirePasskey(ctx: SignedIn, passkey: Assertion): Promise<void> {
  const { node, viewer } = ctx;
  await spendPasswordCheck(ctx, viewer.userId);
  const used = await checkedAssertion(ctx, passkey, 'input.proof.passkey');
  const isOwn = used?.passkey.userId === viewer.userId;
  if (!isOwn || !(await usePasskey(node.db.write, used.passkey.id, used.counter)))
    throw wrong('passkey', 'The passkey is not accepted.');
}

async function requirePassword(
  ctx: SignedIn,
  password: string,
  code: string | null | undefined,
): Promise<void> {
  const { node, viewer } = ctx;
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
