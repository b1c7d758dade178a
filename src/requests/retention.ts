import type { Services } from '../context.ts';
import { readRetentionClock } from '../platform/retention-clock.ts';
import { deleteEndedPauses } from './store.ts';

/** Deletes pauses between requests that are over. Returns how many. */
export async function purgePauses({ db, log, metrics }: Services): Promise<number> {
  const now = await readRetentionClock({ sql: db.tail, log, metrics });
  return now ? deleteEndedPauses(db.tail, now) : 0;
}
