import type { Services } from '../context.ts';
import { findEpoch, hasUsers, insertTicket, replaceTicket, type Ticket } from './store.ts';
import { firstAdminTokenOf, hashOf, type Issuer, newOpaqueToken } from './tokens.ts';

const FIRST_ADMIN = 'first-admin';
const INVITATION = 'invitation';

const DAY_MS = 86_400_000;

/**
 * The one-time token with which `register` makes the first administrator, in whatever mode; null as soon as there is
 * anybody. It is good until it is used or there is an administrator. The same on every node and at every start.
 */
export async function firstAdminToken(node: Issuer & Pick<Services, 'db'>): Promise<string | null> {
  if (await hasUsers(node.db)) return null;
  const token = firstAdminTokenOf(node, await findEpoch(node.db));
  await replaceTicket(node.db, hashOf(token), FIRST_ADMIN);
  return token;
}

/** A token with which one person can register, where that needs an invitation. */
export async function createInvitation({ db }: Pick<Services, 'db'>, days: number): Promise<string> {
  const token = newOpaqueToken();
  await insertTicket(db, hashOf(token), INVITATION, new Date(Date.now() + days * DAY_MS));
  return token;
}

type RegistrationMode = Services['settings']['REGISTRATION_MODE'];

/** Whether somebody without a token may register. */
export const isOpenToAll = (mode: RegistrationMode) => mode === 'open';

/** What a token has to be for somebody to register with it. */
export function ticketOf(inviteToken: string, mode: RegistrationMode): Ticket {
  return {
    hash: hashOf(inviteToken),
    purposes: mode === 'closed' ? [FIRST_ADMIN] : [FIRST_ADMIN, INVITATION],
  };
}
