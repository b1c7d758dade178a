import type { Services } from '../context.ts';
import { ceremonies } from './passkeys.store.ts';
import * as store from './store.ts';

const PURPOSES = ['second-factor', ...ceremonies];

/** Deletes expired challenges: there is one for each sign-in that needs a second factor, and each use of a passkey. Returns how many. */
export async function purgeChallenges({ db }: Services): Promise<number> {
  for (let total = 0; ; ) {
    const deleted = await store.purgeChallenges(db.tail, PURPOSES);
    total += deleted;
    if (deleted < store.PER_RUN) return total;
  }
}
