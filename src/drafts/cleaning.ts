import type { Sql } from '../platform/db.ts';
import { cleanDraftRows } from './store.ts';

/** Users in one statement, so that no account is locked for long. */
const USERS_PER_CALL = 100;

/** Removes the drafts whose messages are stored, and those of erased users. Returns how many. */
export async function cleanDrafts(sql: Sql): Promise<number> {
  let total = 0;
  for (let after: number | null = 0; after !== null; ) {
    const { lastUser, deleted } = await cleanDraftRows(sql, after, USERS_PER_CALL);
    total += deleted;
    after = lastUser;
  }
  return total;
}
