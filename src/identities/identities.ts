import type { Context, Services } from '../context.ts';
import { hasPassword, type IdentityRow, listIdentities } from './store.ts';

export type { IdentityRow } from './store.ts';

/** The identities with which the user can sign in, the oldest first. Ids that administrators assigned are none of these. */
export async function identitiesOf({ node }: Context, userId: number): Promise<IdentityRow[]> {
  return (await listIdentities(node.db.read, userId)).filter(({ issuer }) => issuer !== '');
}

/** The entry of ISSUERS; undefined if it was removed. */
export const issuerOf = ({ settings }: Services, { issuer }: Pick<IdentityRow, 'issuer'>) =>
  settings.ISSUERS.find((entry) => entry.issuer === issuer);

/** Whether the user can sign in with a password. */
export const canUsePassword = ({ node }: Context, userId: number): Promise<boolean> =>
  hasPassword(node.db.read, userId);
