import type { Services } from '../context.ts';
import { readRetentionClock } from '../platform/retention-clock.ts';
import { deleteEndedBans, deleteEndedTimeouts } from './store.ts';

/** Deletes what has no effect any more. Returns how many rows. */
export async function purgeEnded({ db, log, metrics }: Services): Promise<number> {
  const now = await readRetentionClock({ sql: db.tail, log, metrics });
  if (!now) return 0;
  return (await deleteEndedTimeouts(db.tail, now)) + (await deleteEndedBans(db.tail, now));
}
