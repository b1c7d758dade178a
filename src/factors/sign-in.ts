import { CHALLENGE_ATTEMPTS } from '../accounts/challenges.ts';
import { newSession, type OnDevice } from '../accounts/devices.ts';
import { spendChallenge, spendCode } from '../accounts/limits.ts';
import { isKnownNetwork } from '../accounts/networks.ts';
import { type SignIn, welcome } from '../accounts/sessions.ts';
import { hashOf, isOpaqueToken } from '../accounts/tokens.ts';
import type { Context } from '../context.ts';
import { refuse } from '../platform/errors.ts';
import { type EnteredCode, enteredCode } from './codes.ts';
import { checkedCode } from './own-code.ts';
import * as store from './store.ts';

interface SecondStep extends OnDevice {
  readonly challenge: string;
  readonly code: string;
}

/**
 * Completes a sign-in that had the right password, with a code of the app or a recovery code.
 * @throws InvalidCredentialsError, ValidationError, RateLimitedError, UnavailableError
 */
export async function completeLogin(ctx: Context, input: SecondStep): Promise<SignIn> {
  const { db } = ctx.node;
  const entered = enteredCode(input.code, 'input.code');
  const { session, refreshToken } = newSession(ctx, input);
  await spendChallenge(ctx);
  const hash = isOpaqueToken(input.challenge) ? hashOf(input.challenge) : null;
  const waiting = hash && (await store.findChallenge(db.write, hash));
  if (!hash || !waiting) throw wrongChallenge();
  if ('totp' in entered)
    await spendCode(ctx, waiting.id, isKnownNetwork(ctx, waiting) ? 'known network' : 'elsewhere');
  if (!(await store.countAttempt(db.write, hash, CHALLENGE_ATTEMPTS))) throw wrongChallenge();
  const checked = await checkedFor(ctx, waiting.id, entered);
  const opened = checked && (await store.completeLogin(db.write, hash, checked, session));
  if (!opened) throw wrongCode();
  return welcome(ctx, opened, refreshToken);
}

async function checkedFor(
  { node }: Context,
  userId: number,
  entered: EnteredCode,
): Promise<store.CheckedCode | null> {
  const secret = await store.findSecret(node.db.write, userId);
  return secret?.isActive ? checkedCode(node, userId, secret, entered) : null;
}

const wrongChallenge = () =>
  refuse('INVALID_CREDENTIALS', 'The sign-in took too long, or too many codes were wrong. Sign in again.', {
    path: ['input', 'challenge'],
  });

const wrongCode = () =>
  refuse('INVALID_CREDENTIALS', 'The code is wrong or was used before.', { path: ['input', 'code'] });
