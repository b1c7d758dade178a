import DataLoader from 'dataloader';
import { lengthOf } from '../accounts/credentials.ts';
import { newSession, type OnDevice } from '../accounts/devices.ts';
import { spendPasskey } from '../accounts/limits.ts';
import { sendsMail } from '../accounts/mails.ts';
import { findUser } from '../accounts/people.ts';
import { type SignIn, welcome } from '../accounts/sessions.ts';
import { hashOf, newOpaqueToken } from '../accounts/tokens.ts';
import { type Context, perScope, type SignedIn } from '../context.ts';
import { idOf } from '../graphql/ids.ts';
import { isReadableName, UNREADABLE_NAME } from '../platform/characters.ts';
import type { Status, StatusRefusals } from '../platform/database-codes.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { checkedAssertion } from './assertions.ts';
import * as store from './passkeys.store.ts';
import { type Proof, requireProofIfAny } from './proof.ts';
import { type RelyingParty, relyingPartyOf, requireRelyingParty } from './relying-party.ts';
import { waysIn } from './ways-in.ts';
import {
  type Assertion,
  type Attestation,
  checkAttestation,
  clientDataOf,
  knownTransports,
  type NewCredential,
  userHandle,
  verifyAttestation,
} from './webauthn.ts';

export { CEREMONY_MINUTES, type PasskeyRow } from './passkeys.store.ts';

/** Of one account. */
export const MAX_PASSKEYS = 20;
/** In characters as people count them. */
export const MAX_PASSKEY_NAME = 100;

// -- creating ----------------------------------------------------------------------------------

/** The domain of the server's passkeys; null if it offers none. */
export const passkeyDomain = ({ node }: Context): string | null => relyingPartyOf(node.settings)?.id ?? null;

export interface RegistrationOptions {
  readonly challenge: string;
  readonly rpId: string;
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly excluded: readonly store.StoredPasskey[];
}

/**
 * What a browser needs to create a passkey for the viewer.
 * @throws PermissionDeniedError on a server without passkeys, ConflictError if there are too many, InvalidCredentialsError,
 * ValidationError, RateLimitedError
 */
export async function beginPasskeyRegistration(
  ctx: SignedIn,
  proof: Proof | null | undefined,
): Promise<RegistrationOptions> {
  const { node, viewer } = ctx;
  const { id: rpId } = requireRelyingParty(node);
  await node.limits.spend('change', viewer.userId);
  await requireProofIfAny(ctx, proof);
  const [user, excluded] = await Promise.all([
    findUser(ctx, viewer.userId),
    store.listCredentials(node.db.read, viewer.userId),
  ]);
  if (excluded.length >= MAX_PASSKEYS) throw tooMany();
  const challenge = newOpaqueToken();
  await store.insertChallenge(node.db.write, hashOf(challenge), 'passkey-registration', viewer.userId);
  const { username: name = '', displayName = '' } = user ?? {};
  return { challenge, rpId, user: { id: userHandle(viewer.userId), name, displayName }, excluded };
}

const tooMany = () =>
  refuse('CONFLICT', `An account can have at most ${MAX_PASSKEYS} passkeys. Delete one first.`);

export const passkeyRefusals: StatusRefusals = {
  SAME: () => refuse('CONFLICT', 'This passkey is stored already.'),
  LIMIT: tooMany,
  NO_USER: () => refuse('PERMISSION_DENIED'),
  NOT_FOUND: () => noPasskey(),
  LAST_WAY: () =>
    refuse(
      'CONFLICT',
      'You could not sign in any more. Choose a password, or add another passkey or an identity first.',
    ),
};

function check(status: Status): void {
  const refusal = passkeyRefusals[status];
  if (refusal) throw refusal();
}

interface NewPasskey {
  readonly response: Attestation;
  readonly name: string;
}

/**
 * Stores a passkey that a browser has created. Returns it.
 * @throws InvalidCredentialsError if anything of the response is wrong, ConflictError, ValidationError, RateLimitedError
 */
export async function finishPasskeyRegistration(ctx: SignedIn, input: NewPasskey): Promise<store.PasskeyRow> {
  const { node, viewer } = ctx;
  const { response } = input;
  const name = checkedName(input.name);
  checkAttestation(response, 'input.response');
  const party = requireRelyingParty(node);
  await node.limits.spend('change', viewer.userId);
  const made = await verifiedCredential(ctx, response, party);
  if (!made)
    throw refuse('INVALID_CREDENTIALS', 'The passkey is not valid. Begin again.', {
      path: ['input', 'response'],
    });
  const { id: credentialId, publicKey, counter, isSynced } = made;
  const transports = knownTransports(response.response.transports);
  const passkey = { credentialId, publicKey, counter, isSynced, name, transports, domain: party.id };
  const rules = { most: MAX_PASSKEYS, sendsMail: sendsMail(node) };
  const { status, id } = await store.insertPasskey(node.db.write, viewer.userId, passkey, rules);
  check(status);
  return found(await store.findPasskey(node.db.write, id ?? 0, viewer.userId));
}

/** Verifies a response of a registration of the viewer, and uses its challenge up. Returns null if anything is wrong. */
async function verifiedCredential(
  { node, viewer }: SignedIn,
  response: Attestation,
  party: RelyingParty,
): Promise<NewCredential | null> {
  const clientData = clientDataOf(party, response.response.clientDataJSON);
  if (!clientData) return null;
  const hash = hashOf(clientData.challenge);
  if (!(await store.useChallenge(node.db.write, hash, 'passkey-registration', viewer.userId))) return null;
  return verifyAttestation(node, response, { party, clientData });
}

function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '' || lengthOf(trimmed) > MAX_PASSKEY_NAME)
    throw invalid('input.name', `The name of a passkey must have 1 to ${MAX_PASSKEY_NAME} characters.`);
  if (!isReadableName(trimmed)) throw invalid('input.name', UNREADABLE_NAME);
  return trimmed;
}

// -- using -------------------------------------------------------------------------------------

export interface LoginOptions {
  readonly challenge: string;
  readonly rpId: string;
}

/**
 * What a browser needs to use a passkey, of whichever account. Works without signing in.
 * @throws PermissionDeniedError on a server without passkeys, RateLimitedError
 */
export async function beginPasskeyLogin(ctx: Context): Promise<LoginOptions> {
  const { id: rpId } = requireRelyingParty(ctx.node);
  await spendPasskey(ctx);
  const challenge = newOpaqueToken();
  await store.insertChallenge(ctx.node.db.write, hashOf(challenge), 'passkey-use', null);
  return { challenge, rpId };
}

interface PasskeyLogin extends OnDevice {
  readonly response: Assertion;
}

/**
 * Signs in with a passkey. It is more than a password, so it needs no code of an app.
 * @throws InvalidCredentialsError if anything of the response is wrong, ValidationError, RateLimitedError
 */
export async function loginWithPasskey(ctx: Context, input: PasskeyLogin): Promise<SignIn> {
  const { session, refreshToken } = newSession(ctx, input);
  await spendPasskey(ctx);
  const used = await checkedAssertion(ctx, input.response, 'input.response');
  const opened =
    used && (await store.loginWithPasskey(ctx.node.db.write, used.passkey.id, used.counter, session));
  if (!opened)
    throw refuse('INVALID_CREDENTIALS', 'The passkey is not accepted.', { path: ['input', 'response'] });
  return welcome(ctx, opened, refreshToken);
}

// -- the viewer's own --------------------------------------------------------------------------

const passkeysLoader = perScope(
  ({ node }) =>
    new DataLoader<number, store.PasskeyRow[]>(async (ids) => {
      const rows = await store.listPasskeys(node.db.read, ids);
      return ids.map((id) => rows.filter(({ userId }) => userId === id));
    }),
);

/** The passkeys of the viewer, the oldest first. */
export function passkeysOf(ctx: Context, userId: number): Promise<store.PasskeyRow[]> {
  return passkeysLoader(ctx).load(userId);
}

/** Returns null for a passkey of another user. */
export async function findPasskey({ node, viewer }: Context, id: number): Promise<store.PasskeyRow | null> {
  return viewer && store.findPasskey(node.db.read, id, viewer.userId);
}

/** @throws NotFoundError, ValidationError, RateLimitedError */
export async function renamePasskey(
  ctx: SignedIn,
  input: { readonly passkeyId: string; readonly name: string },
): Promise<store.PasskeyRow> {
  const { node, viewer } = ctx;
  const name = checkedName(input.name);
  await node.limits.spend('change', viewer.userId);
  const id = idOf('Passkey', input.passkeyId) ?? 0;
  return found(await store.renamePasskey(node.db.write, id, viewer.userId, name));
}

/**
 * Deletes a passkey. Another way to sign in must remain.
 * @throws NotFoundError, ConflictError, InvalidCredentialsError, ValidationError, RateLimitedError
 */
export async function deletePasskey(
  ctx: SignedIn,
  { passkeyId, proof }: { readonly passkeyId: string; readonly proof?: Proof | null | undefined },
): Promise<{ passkeyId: number; userId: number }> {
  const { node, viewer } = ctx;
  const id = idOf('Passkey', passkeyId) ?? 0;
  found(await store.findPasskey(node.db.write, id, viewer.userId));
  await node.limits.spend('change', viewer.userId);
  await requireProofIfAny(ctx, proof);
  check(await store.deletePasskey(node.db.write, id, viewer.userId, waysIn(node), sendsMail(node)));
  return { passkeyId: id, userId: viewer.userId };
}

const noPasskey = () => refuse('NOT_FOUND', 'You have no such passkey.', { path: ['input', 'passkeyId'] });

function found(passkey: store.PasskeyRow | null): store.PasskeyRow {
  if (!passkey) throw noPasskey();
  return passkey;
}
