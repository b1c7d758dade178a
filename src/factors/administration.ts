import { type Office, userIdOf } from '../accounts/administration.ts';
import * as store from './store.ts';

/** For a user who has lost the app and the recovery codes. Returns whether the account had them. @throws NotFoundError */
export async function removeSecondFactors({ db }: Office, name: string): Promise<boolean> {
  return store.removeSecret(db.write, await userIdOf(db, name));
}
