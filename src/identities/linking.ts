import { sendsMail } from '../accounts/mails.ts';
import type { SignedIn } from '../context.ts';
import { type Proof, requireProofIfAny } from '../factors/proof.ts';
import { waysIn } from '../factors/ways-in.ts';
import type { Status, StatusRefusals } from '../platform/database-codes.ts';
import type { Sql } from '../platform/db.ts';
import { refuse } from '../platform/errors.ts';
import { beginOidc, confirmedUser, type OidcAnswer, type OidcStart, type StartedOidc } from './oidc.ts';
import { signInRefusals } from './sign-in.ts';
import { linkIdentityRow, unlinkIdentityRow } from './store.ts';

export const linkRefusals: StatusRefusals = {
  ...signInRefusals,
  TAKEN: () => refuse('CONFLICT', 'Another user signs in with this identity.'),
  NOT_FOUND: () => refuse('NOT_FOUND', 'You have no such identity.', { path: ['input', 'subject'] }),
  LAST_WAY: () =>
    refuse(
      'CONFLICT',
      'You could not sign in any more. Choose a password, or add another identity or a passkey first.',
    ),
};

function check(status: Status): void {
  const refusal = linkRefusals[status];
  if (refusal) throw refusal();
}

/**
 * Begins to link an identity to the viewer, who can then sign in without the password and the second factor: an account that has a
 * password or a passkey needs a proof.
 * @throws InvalidCredentialsError for a wrong proof, ValidationError, RateLimitedError, UnavailableError
 */
export async function beginIdentityLink(
  ctx: SignedIn,
  { proof, ...start }: OidcStart & { readonly proof?: Proof | null | undefined },
): Promise<StartedOidc> {
  await requireProofIfAny(ctx, proof);
  return beginOidc(ctx, start, ctx.viewer.userId);
}

/**
 * Links the identity that the provider has confirmed. One that the viewer has already is a success.
 * @throws InvalidCredentialsError, ConflictError if another user has it, RateLimitedError, UnavailableError
 */
export async function linkIdentity(ctx: SignedIn, answer: OidcAnswer): Promise<{ userId: number }> {
  const { node, viewer } = ctx;
  const { userId } = viewer;
  const { issuer, subject, displayName, email } = await confirmedUser(ctx, answer, userId);
  const identity = { userId, issuer: issuer.issuer, subject, displayName, email };
  check(await node.changes.run(`user ${userId}`, (sql) => linkIdentityRow(sql, identity, sendsMail(node))));
  return { userId };
}

/**
 * Removes an identity. Another way to sign in must remain.
 * @throws NotFoundError, ConflictError, RateLimitedError, UnavailableError
 */
export async function unlinkIdentity(
  ctx: SignedIn,
  input: { readonly issuer: string; readonly subject: string },
): Promise<{ userId: number }> {
  const { node, viewer } = ctx;
  const { userId } = viewer;
  await node.limits.spend('change', userId);
  const { ISSUERS } = node.settings;
  const issuer = ISSUERS.find(({ name }) => name === input.issuer)?.issuer ?? input.issuer;
  const identity = { userId, issuer, subject: input.subject };
  const unlink = (sql: Sql) => unlinkIdentityRow(sql, identity, waysIn(node), sendsMail(node));
  check(await node.changes.run(`user ${userId}`, unlink));
  return { userId };
}
