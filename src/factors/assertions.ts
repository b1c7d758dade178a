import { hashOf } from '../accounts/tokens.ts';
import type { Context } from '../context.ts';
import { findCredential, type StoredPasskey, useChallenge } from './passkeys.store.ts';
import { requireRelyingParty } from './relying-party.ts';
import { type Assertion, checkAssertion, clientDataOf, userHandle, verifyAssertion } from './webauthn.ts';

export interface UsedPasskey {
  readonly passkey: StoredPasskey;
  /** Not stored yet. */
  readonly counter: number;
}

/**
 * Verifies the use of a passkey, and uses its challenge up. Returns null if anything is wrong.
 * @throws ValidationError, PermissionDeniedError on a server without passkeys
 */
export async function checkedAssertion(
  { node }: Context,
  assertion: Assertion,
  path: string,
): Promise<UsedPasskey | null> {
  checkAssertion(assertion, path);
  const party = requireRelyingParty(node);
  const { id, response } = assertion;
  const clientData = clientDataOf(party, response.clientDataJSON);
  if (!clientData) return null;
  if (!(await useChallenge(node.db.write, hashOf(clientData.challenge), 'passkey-use', null))) return null;
  const passkey = await findCredential(node.db.write, Buffer.from(id, 'base64url'));
  if (!passkey || (response.userHandle && response.userHandle !== userHandle(passkey.userId))) return null;
  const counter = await verifyAssertion(node, assertion, passkey, { party, clientData });
  return counter === null ? null : { passkey, counter };
}
