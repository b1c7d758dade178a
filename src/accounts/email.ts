import DataLoader from 'dataloader';
import { type Context, perScope, type SignedIn } from '../context.ts';
import { refuse } from '../platform/errors.ts';
import { passwordsOf } from './accounts.ts';
import { checkedEmail } from './credentials.ts';
import * as store from './email.store.ts';
import { spendMail, spendMailToken, spendPasswordCheck } from './limits.ts';
import { requireMail } from './mails.ts';
import { checkPasswordLength } from './new-passwords.ts';
import { findAccountById } from './store.ts';
import { hashOf, isOpaqueToken } from './tokens.ts';

export type { EmailAccount } from './email.store.ts';

const accountLoader = perScope(
  ({ node }) =>
    new DataLoader<number, store.EmailAccount | null>(async (ids) => {
      const rows = await store.listEmailAccounts(node.db.read, ids);
      return ids.map((id) => rows.find((row) => row.id === id) ?? null);
    }),
);

/** The address of the viewer. */
export function emailOf(ctx: Context, userId: number): Promise<store.EmailAccount | null> {
  return accountLoader(ctx).load(userId);
}

/** The answer for every token of a mail that cannot be used, for whatever reason. */
export const wrongToken = () =>
  refuse('INVALID_CREDENTIALS', 'The link is not valid any more. Ask for a new mail.', {
    path: ['input', 'token'],
  });

/** Returns the stored form of a token. @throws InvalidCredentialsError for a text that is none, RateLimitedError */
export async function tokenHashIn(ctx: Context, token: string): Promise<Buffer> {
  await spendMailToken(ctx);
  if (!isOpaqueToken(token)) throw wrongToken();
  return hashOf(token);
}

/**
 * Sends the mail that verifies the viewer's address, or the one that will replace it. Returns the address.
 * @throws ConflictError if there is nothing to verify, PermissionDeniedError without mail, RateLimitedError
 */
export async function requestEmailVerification(ctx: SignedIn): Promise<{ email: string }> {
  requireMail(ctx.node);
  await spendMail(ctx);
  const account = await store.findEmailAccount(ctx.node.db.write, ctx.viewer.userId);
  const email = account && store.addressToVerify(account);
  if (!email) throw refuse('CONFLICT', 'There is no address to verify.');
  await store.addVerificationMail(ctx.node.db.write, ctx.viewer.userId);
  return { email };
}

/**
 * Makes the address of a mail the verified address of its account. Works without signing in, also on another device.
 * @throws InvalidCredentialsError, RateLimitedError
 */
export async function verifyEmail(ctx: Context, token: string): Promise<{ email: string }> {
  const email = await store.verifyEmail(ctx.node.db.write, await tokenHashIn(ctx, token));
  if (email === null) throw wrongToken();
  return { email };
}

interface EmailChange {
  readonly newEmail: string;
  readonly password: string;
}

/**
 * Notes another address for the viewer, who keeps the present one until the other is verified.
 * @throws InvalidCredentialsError for a wrong password, ValidationError, PermissionDeniedError without mail, RateLimitedError
 */
export async function changeEmail(ctx: SignedIn, input: EmailChange): Promise<{ userId: number }> {
  const { node, viewer } = ctx;
  const email = checkedEmail(input.newEmail, 'input.newEmail');
  checkPasswordLength(input.password, 'input.password');
  requireMail(node);
  await spendMail(ctx);
  await spendPasswordCheck(ctx, viewer.userId);
  const passwordHash = (await findAccountById(node.db.read, viewer.userId))?.passwordHash ?? null;
  const matches = await passwordsOf(node).verify(passwordHash, input.password);
  const isDone =
    matches &&
    passwordHash !== null &&
    (await store.changeEmail(node.db.write, { id: viewer.userId, passwordHash }, email));
  if (!isDone) throw refuse('INVALID_CREDENTIALS', 'The password is wrong.', { path: ['input', 'password'] });
  return { userId: viewer.userId };
}
