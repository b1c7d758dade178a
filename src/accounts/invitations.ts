import type { Services } from '../context.ts';
import type { Ticket } from './store.ts';
import { insertFirstAdminTicket, insertTicket } from './tickets.store.ts';
import { hashOf, newOpaqueToken } from './tokens.ts';

const FIRST_ADMIN = 'first-admin';
const INVITATION = 'invitation';

/**
 * Creates a one-time token with which `register` makes the first administrator, in any registration mode. Null when the
 * server has users. Valid for a day, or until there is an administrator.
 */
export async function createFirstAdminToken({ db }: Pick<Services, 'db'>): Promise<string | null> {
  const token = newOpaqueToken();
  return (await insertFirstAdminTicket(db.write, hashOf(token), FIRST_ADMIN)) ? token : null;
}

/** A token with which one person can register, where that needs an invitation. */
export async function createInvitation({ db }: Pick<Services, 'db'>, days: number): Promise<string> {
  const token = newOpaqueToken();
  await insertTicket(db.write, hashOf(token), INVITATION, days);
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
