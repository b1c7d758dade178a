import type { Services } from '../context.ts';
import { readRetentionClock } from '../platform/retention-clock.ts';
import { DAY_MS } from '../platform/times.ts';
import { deleteEnded } from './store.ts';

/** Until then expired invites are listed, and a member who repeats `acceptInvite` succeeds. */
export const INVITES_KEPT_DAYS = 30;

/** Deletes invites that expired or were revoked long ago. Returns how many. */
export async function purgeInvites({ db, log, metrics }: Services): Promise<number> {
  const now = await readRetentionClock({ sql: db.tail, log, metrics });
  return now ? deleteEnded(db.tail, new Date(now.getTime() - INVITES_KEPT_DAYS * DAY_MS)) : 0;
}
