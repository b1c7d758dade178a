import type { Context } from '../context.ts';
import { passwordsOf } from './accounts.ts';
import { checkUsernameOrEmail, foldedName } from './credentials.ts';
import * as store from './email.store.ts';
import { tokenHashIn, wrongToken } from './email.ts';
import { spendMail } from './limits.ts';
import { requireMail, sendsMail } from './mails.ts';
import { checkedNewPassword } from './new-passwords.ts';
import { revocationsOf } from './revocations.ts';

/**
 * Adds a job that sends a link to the address of the account, if there is one. The request does the same for every name, so
 * neither the answer nor its time shows whether there is an account.
 * @throws ValidationError, PermissionDeniedError without mail, RateLimitedError
 */
export async function requestPasswordReset(ctx: Context, usernameOrEmail: string): Promise<void> {
  checkUsernameOrEmail(usernameOrEmail);
  requireMail(ctx.node);
  await spendMail(ctx);
  await store.addResetMail(ctx.node.db.write, foldedName(usernameOrEmail));
}

interface Reset {
  readonly token: string;
  readonly newPassword: string;
}

/**
 * Sets the password of the account of a mail, and ends all its sessions. Returns the username, to sign in with.
 * @throws InvalidCredentialsError for a token that cannot be used, ValidationError for the password, which keeps the token,
 * RateLimitedError, UnavailableError
 */
export async function resetPassword(ctx: Context, input: Reset): Promise<{ username: string }> {
  const { node } = ctx;
  const tokenHash = await tokenHashIn(ctx, input.token);
  const holder = await store.findTokenHolder(node.db.write, tokenHash);
  if (!holder) throw wrongToken();
  const password = await checkedNewPassword(input.newPassword, holder, 'input.newPassword');
  const passwordHash = await passwordsOf(node).hash(password);
  const ended = await store.resetPassword(node.db.write, tokenHash, passwordHash, sendsMail(node));
  if (!ended) throw wrongToken();
  revocationsOf(node).announce(ended);
  return { username: holder.username };
}
