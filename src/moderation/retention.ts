import type { Services } from '../context.ts';
import { readRetentionClock } from '../platform/retention-clock.ts';
import { DAY_MS } from '../platform/times.ts';
import { deleteEndedBans, deleteEndedTimeouts, deleteOldAudit } from './store.ts';

/** Deletes what has no effect any more. Returns how many rows. */
export async function purgeEnded({ db, log, metrics }: Services): Promise<number> {
  const now = await readRetentionClock({ sql: db.tail, log, metrics });
  if (!now) return 0;
  return (await deleteEndedTimeouts(db.tail, now)) + (await deleteEndedBans(db.tail, now));
}

/** Deletes entries of audit logs that are older than AUDIT_RETENTION_DAYS. Returns how many. */
export async function purgeAudit({ db, log, metrics, settings }: Services): Promise<number> {
  const now = await readRetentionClock({ sql: db.tail, log, metrics });
  if (!now) return 0;
  return deleteOldAudit(db.tail, new Date(now.getTime() - settings.AUDIT_RETENTION_DAYS * DAY_MS));
}
