import type { Services } from '../context.ts';
import type { Ticket } from './store.ts';
import { insertFirstAdminTicket, insertTicket } from './tickets.store.ts';
import { hashOf, newOpaqueToken } from './tokens.ts';

export const FIRST_ADMIN = 'first-admin';
const INVITATION = 'invitation';

/**
 * Creates a one-time token with which `register` creates the first administrator, in any registration mode. Null if the
 * server has users. It is valid for a day, or until there is an administrator.
 */
export async function createFirstAdminToken({ db }: Pick<Services, 'db'>): Promise<string | null> {
  const token = newOpaqueToken();
  return (await insertFirstAdminTicket(db.write, hashOf(token), FIRST_ADMIN)) ? token : null;
}

/** Creates a token for one registration, for servers that require an invitation. */
export async function createInvitation({ db }: Pick<Services, 'db'>, days: number): Promise<string> {
  const token = newOpaqueToken();
  await insertTicket(db.write, hashOf(token), INVITATION, days);
  return token;
}

type RegistrationMode = Services['settings']['REGISTRATION_MODE'];

/** Whether registration needs no token. */
export const isOpenToAll = (mode: RegistrationMode) => mode === 'open';

/** The properties that a token must have for a registration. */
export function ticketOf(inviteToken: string, mode: RegistrationMode): Ticket {
  return {
    hash: hashOf(inviteToken),
    purposes: mode === 'closed' ? [FIRST_ADMIN] : [FIRST_ADMIN, INVITATION],
  };
}
