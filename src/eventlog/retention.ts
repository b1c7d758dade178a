import { type Sql, statement } from '../platform/db.ts';
import { startHourly } from '../platform/hourly.ts';
import { type RetentionClockOptions, readRetentionClock } from '../platform/retention-clock.ts';

const DAY_MS = 86_400_000;
/** Rooms that one statement looks at, so that none takes long. */
const ROOMS_PER_CALL = 200;

// One node at a time; whoever finds it taken has nothing to do.
const trim = statement(`
  SELECT t.last_room AS "lastRoom", t.deleted FROM (SELECT pg_try_advisory_xact_lock(7270736910) AS mine) l
  CROSS JOIN LATERAL trim_room_logs($1::timestamptz, $2::bigint, $3::int) t WHERE l.mine`);

/** Deletes what the rooms' logs have from before a time. Messages, their keys and their history stay. */
export async function trimLogs(sql: Sql, before: Date): Promise<number> {
  let total = 0;
  for (let after: number | null = 0; after !== null; ) {
    const [row]: { lastRoom: number | null; deleted: number }[] = await sql.rows(trim, [
      before.toISOString(),
      after,
      ROOMS_PER_CALL,
    ]);
    total += row?.deleted ?? 0;
    after = row?.lastRoom ?? null;
  }
  return total;
}

export interface RetentionOptions extends RetentionClockOptions {
  readonly days: number;
}

/** Trims what is older than so many days, by the retention clock. Returns how many events were deleted. */
export async function retainLogs(options: RetentionOptions): Promise<number> {
  const now = await readRetentionClock(options);
  return now ? trimLogs(options.sql, new Date(now.getTime() - options.days * DAY_MS)) : 0;
}

/** Trims every hour. Returns what stops it. */
export function startRetention(options: RetentionOptions): () => void {
  return startHourly(options.log, {
    run: () => retainLogs(options),
    done: 'old events were trimmed from the logs of rooms',
    failed: 'the logs of rooms could not be trimmed',
  });
}
