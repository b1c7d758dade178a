import type { Proof } from '@parley/client/factors';
import { askForPasskey, type PasskeyInfo, passkeysOf } from '@parley/client/passkeys';
import { type IdentityInfo, identitiesOf } from '@parley/client/sign-in';
import { client } from './chat.ts';

/** With what the viewer can sign in. */
export interface WaysIn {
  readonly hasPassword: boolean;
  /** Whether the password needs a code, too. */
  readonly hasApp: boolean;
  readonly identities: readonly IdentityInfo[];
  readonly passkeys: readonly PasskeyInfo[];
}

/** Null if nobody is signed in. */
export async function loadWaysIn(): Promise<WaysIn | null> {
  const [viewer, passkeys] = await Promise.all([identitiesOf(client), passkeysOf(client)]);
  if (!viewer) return null;
  const { hasPassword, totpEnabledAt, identities } = viewer;
  return { hasPassword, hasApp: totpEnabledAt !== null, identities, passkeys };
}

/** Whether one identity or passkey is all that there is. */
export const hasOneWayIn = ({ hasPassword, identities, passkeys }: WaysIn): boolean =>
  !hasPassword && identities.length + passkeys.length === 1;

/** What shows that the user is there: what a form has asked for, or a passkey. Undefined if the account has neither. */
export async function proofWith(
  { hasPassword, passkeys }: WaysIn,
  { password = '', code }: Record<string, string>,
): Promise<Proof | undefined> {
  if (hasPassword) return { password, ...(code && { code }) };
  return passkeys.length > 0 ? { passkey: await askForPasskey(client) } : undefined;
}
