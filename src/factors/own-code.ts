import { spendCode } from '../accounts/limits.ts';
import type { Services, SignedIn } from '../context.ts';
import { type EnteredCode, enteredCode, recoveryHash, stepOf } from './codes.ts';
import { secretBoxOf } from './secret-box.ts';
import { type CheckedCode, type StoredSecret, useCode } from './store.ts';

/**
 * Checks a code of the viewer, and uses it up.
 * @throws ValidationError, RateLimitedError
 */
export async function checkOwnCode(ctx: SignedIn, secret: StoredSecret, text: string): Promise<boolean> {
  const { node, viewer } = ctx;
  const entered = enteredCode(text, 'input.proof.code');
  if ('totp' in entered) await spendCode(ctx, viewer.userId, 'session');
  const checked = checkedCode(node, viewer.userId, secret, entered);
  return checked !== null && useCode(node.db.write, viewer.userId, checked);
}

/** Returns what to use up; null for a wrong code of an app. Whether there is such a recovery code, the database knows. */
export function checkedCode(
  node: Services,
  userId: number,
  { sealed }: Pick<StoredSecret, 'sealed'>,
  entered: EnteredCode,
): CheckedCode | null {
  if ('recovery' in entered) return { recoveryHash: recoveryHash(entered.recovery) };
  const step = stepOfSealed(node, userId, sealed, entered.totp);
  return step === null ? null : { step };
}

/** The time step of a code; null for a wrong one, and if no key of this node opens the secret. */
export function stepOfSealed(node: Services, userId: number, sealed: Buffer, code: string): number | null {
  const secret = secretBoxOf(node).open(userId, sealed);
  if (secret === null) node.log.error({ userId }, 'the secret of an app was encrypted with an unknown key');
  return secret === null ? null : stepOf(secret, code);
}
