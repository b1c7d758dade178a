import DataLoader from 'dataloader';
import { spendPasswordCheck } from '../accounts/limits.ts';
import { sendsMail } from '../accounts/mails.ts';
import { findUser } from '../accounts/people.ts';
import { type Context, perScope, type Services, type SignedIn } from '../context.ts';
import { refuse } from '../platform/errors.ts';
import { enteredCode, newRecoveryCodes, newTotp, recoveryHash } from './codes.ts';
import { stepOfSealed } from './own-code.ts';
import { type Proof, requireProof } from './proof.ts';
import { secretBoxOf } from './secret-box.ts';
import * as store from './store.ts';

export { type FactorsRow, SETUP_MINUTES } from './store.ts';

// -- setting up --------------------------------------------------------------------------------

export interface TotpSetup {
  readonly secret: string;
  readonly uri: string;
  readonly expiresAt: Date;
}

/**
 * Makes a secret for an app. It has no effect until `confirmTotp`, and replaces an earlier one that was not confirmed.
 * @throws ConflictError if the account has an app, InvalidCredentialsError, ValidationError, RateLimitedError
 */
export async function beginTotp(ctx: SignedIn, proof: Proof): Promise<TotpSetup> {
  const { node, viewer } = ctx;
  await requireProof(ctx, proof);
  const user = await findUser(ctx, viewer.userId);
  const { secret, uri } = newTotp(user?.username ?? '');
  const sealed = secretBoxOf(node).seal(viewer.userId, secret);
  const expiresAt = await store.insertSecret(node.db.write, viewer.userId, sealed);
  if (!expiresAt) throw refuse('CONFLICT', 'The account has an app already. Remove it first.');
  return { secret, uri, expiresAt };
}

interface WithRecoveryCodes {
  readonly userId: number;
  readonly recoveryCodes: readonly string[];
}

/**
 * Makes the app a second factor with the first code that it shows. Returns the recovery codes.
 * @throws ConflictError without a secret that waits for this, InvalidCredentialsError for a wrong code, ValidationError,
 * RateLimitedError
 */
export async function confirmTotp(ctx: SignedIn, code: string): Promise<WithRecoveryCodes> {
  const { node, viewer } = ctx;
  const { userId } = viewer;
  const entered = enteredCode(code, 'input.code');
  await spendPasswordCheck(ctx, userId);
  const secret = await store.findSecret(node.db.write, userId);
  if (!secret || secret.isActive) throw notBegun();
  const step = 'totp' in entered ? stepOfSealed(node, userId, secret.sealed, entered.totp) : null;
  if (step === null)
    throw refuse('INVALID_CREDENTIALS', 'The code is wrong. Enter the one that the app shows now.', {
      path: ['input', 'code'],
    });
  const recoveryCodes = newRecoveryCodes();
  const recoveryHashes = recoveryCodes.map(recoveryHash);
  const { sealed } = secret;
  const app = { sealed, step, recoveryHashes };
  if (!(await store.activateSecret(node.db.write, userId, app, sendsMail(node)))) throw notBegun();
  return { userId, recoveryCodes };
}

const notBegun = () => refuse('CONFLICT', 'There is no new app to confirm. Begin again.');

// -- changing ----------------------------------------------------------------------------------

const noApp = () => refuse('CONFLICT', 'The account has no app with codes.');

/**
 * Removes the app and the recovery codes: the password is enough again.
 * @throws ConflictError if there is none, InvalidCredentialsError, ValidationError, RateLimitedError
 */
export async function disableTotp(ctx: SignedIn, proof: Proof): Promise<{ userId: number }> {
  const { node, viewer } = ctx;
  await requireProof(ctx, proof);
  if (!(await store.removeSecret(node.db.write, viewer.userId, sendsMail(node)))) throw noApp();
  return { userId: viewer.userId };
}

/**
 * Replaces all recovery codes, used or not.
 * @throws ConflictError without an app, InvalidCredentialsError, ValidationError, RateLimitedError
 */
export async function regenerateRecoveryCodes(ctx: SignedIn, proof: Proof): Promise<WithRecoveryCodes> {
  const { node, viewer } = ctx;
  await requireProof(ctx, proof);
  const recoveryCodes = newRecoveryCodes();
  const isDone = await store.replaceRecoveryCodes(
    node.db.write,
    viewer.userId,
    recoveryCodes.map(recoveryHash),
    sendsMail(node),
  );
  if (!isDone) throw noApp();
  return { userId: viewer.userId, recoveryCodes };
}

// -- reading -----------------------------------------------------------------------------------

const factorsLoader = perScope(
  ({ node }) =>
    new DataLoader<number, store.FactorsRow>(async (ids) => {
      const rows = await store.listFactors(node.db.read, ids);
      return ids.map(
        (id) => rows.find((row) => row.id === id) ?? { id, totpEnabledAt: null, recoveryCodesLeft: 0 },
      );
    }),
);

/** The second factors of the viewer. */
export function factorsOf(ctx: Context, userId: number): Promise<store.FactorsRow> {
  return factorsLoader(ctx).load(userId);
}

// -- a new key ---------------------------------------------------------------------------------

/** Seals all secrets of older keys again, so that the previous secret of the server can be removed. Returns how many. */
export async function sealAgain(node: Services): Promise<number> {
  const box = secretBoxOf(node);
  let [count, unknown] = [0, 0];
  for (let last = 0, isMore = true; isMore; ) {
    const rows = await store.listOfOtherKeys(node.db.write, box.keyId, last);
    for (const { userId, sealed } of rows) {
      const secret = box.open(userId, sealed);
      if (secret === null) unknown++;
      else
        count += Number(await store.replaceSealed(node.db.write, userId, sealed, box.seal(userId, secret)));
    }
    last = rows.at(-1)?.userId ?? last;
    isMore = rows.length === store.PER_RUN;
  }
  if (unknown > 0) node.log.warn({ count: unknown }, 'secrets of apps were encrypted with an unknown key');
  return count;
}
