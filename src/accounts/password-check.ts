import type { SignedIn } from '../context.ts';
import { refuse } from '../platform/errors.ts';
import { passwordsOf } from './accounts.ts';
import { spendPasswordCheck } from './limits.ts';
import { checkPasswordLength } from './new-passwords.ts';
import { findAccountById } from './store.ts';

/**
 * Checks that the viewer knows the password of the account. Accounts without one pass.
 * @throws InvalidCredentialsError, ValidationError, RateLimitedError
 */
export async function confirmPassword(ctx: SignedIn, password: string): Promise<void> {
  const { node, viewer } = ctx;
  checkPasswordLength(password, 'input.password');
  await spendPasswordCheck(ctx, viewer.userId);
  const hash = (await findAccountById(node.db.read, viewer.userId))?.passwordHash ?? null;
  if (hash !== null && !(await passwordsOf(node).verify(hash, password)))
    throw refuse('INVALID_CREDENTIALS', 'The password is wrong.', { path: ['input', 'password'] });
}
