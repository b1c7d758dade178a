import { type Office, userIdOf } from '../accounts/administration.ts';
import { deletePasskeys } from './passkeys.store.ts';
import * as store from './store.ts';

/** Removes the app, the recovery codes and the passkeys. Returns whether the account had any. @throws NotFoundError */
export async function removeSecondFactors({ db }: Office, name: string): Promise<boolean> {
  const userId = await userIdOf(db, name);
  const hadApp = await store.removeSecret(db.write, userId);
  return (await deletePasskeys(db.write, userId)) > 0 || hadApp;
}
