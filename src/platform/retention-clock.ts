import { type Sql, statement } from './db.ts';
import type { Log, Metrics } from './telemetry.ts';

/** Nothing is deleted if the clocks of node and database differ by more, because one of them is wrong. */
export const MAX_CLOCK_SKEW_MS = 600_000;
/** Logs a warning if the database's clock is further ahead of the trusted time. */
const WARN_LAG_MS = 3_600_000;

const clock = statement('SELECT clock_timestamp() AS now');
const advance = statement(
  'SELECT trusted_at AS "trustedAt", now_at AS "nowAt" FROM advance_retention_clock()',
);

export interface RetentionClockOptions {
  readonly sql: Sql;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Reads the time from which retention counts back: the database's time, limited by the trusted time. Returns null if
 * the clocks of node and database differ too much to delete anything.
 */
export async function readRetentionClock({ sql, log, metrics }: RetentionClockOptions): Promise<Date | null> {
  const skewMs = await readSkew(sql);
  metrics.clockSkew.set(skewMs / 1_000);
  if (Math.abs(skewMs) > MAX_CLOCK_SKEW_MS) {
    log.warn(
      { skewSeconds: skewMs / 1_000 },
      'the clocks of node and database differ: nothing old is deleted',
    );
    return null;
  }
  const [row] = await sql.rows<{ trustedAt: Date; nowAt: Date }>(advance, []);
  if (!row) throw new Error('the database has no retention clock');
  // Both are rounded to milliseconds, so the trusted time can be one millisecond ahead.
  const lagMs = Math.max(0, row.nowAt.getTime() - row.trustedAt.getTime());
  metrics.retentionLag.set(lagMs / 1_000);
  if (lagMs > WARN_LAG_MS)
    log.warn(
      { lagHours: Math.round(lagMs / 3_600_000) },
      'the clock of the database went ahead: retention follows by a day an hour. Is the clock right?',
    );
  return row.trustedAt;
}

/**
 * Returns how far the node's clock is ahead of the database's, in ms; 0 if the duration of the query explains the
 * difference.
 */
async function readSkew(sql: Sql): Promise<number> {
  const before = Date.now();
  const [row] = await sql.rows<{ now: Date }>(clock, []);
  const [at, after] = [row?.now.getTime() ?? before, Date.now()];
  return Math.max(0, before - at) + Math.min(0, after - at);
}
