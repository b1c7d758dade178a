import { type Office, userIdOf } from '../accounts/administration.ts';
import { sendsMail } from '../accounts/mails.ts';
import { deletePasskeys } from './passkeys.store.ts';
import * as store from './store.ts';

/** Removes the app, the recovery codes and the passkeys. Returns whether the account had any. @throws NotFoundError */
export async function removeSecondFactors(office: Office, name: string): Promise<boolean> {
  const { write } = office.db;
  const userId = await userIdOf(office.db, name);
  const hadApp = await store.removeSecret(write, userId, sendsMail(office));
  return (await deletePasskeys(write, userId, sendsMail(office))) || hadApp;
}
