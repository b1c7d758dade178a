import { type Refusal, refuse } from '../platform/errors.ts';
import type { WaitingSignIn } from './sessions.store.ts';

/** How long a sign-in waits for its second factor. */
export const CHALLENGE_MINUTES = 5;
/** How many codes can be tried with one challenge. */
export const CHALLENGE_ATTEMPTS = 5;

/** The refusal of a right password that is not enough. */
export function secondFactorRequired(
  challenge: string,
  { expiresAt, hasRecoveryCodes }: WaitingSignIn,
): Refusal {
  const methods = hasRecoveryCodes ? (['TOTP', 'RECOVERY_CODE'] as const) : (['TOTP'] as const);
  return refuse('SECOND_FACTOR_REQUIRED', undefined, { secondStep: { challenge, expiresAt, methods } });
}
