import { type Sql, type Statement, statement } from '../platform/db.ts';
import { startHourly } from '../platform/hourly.ts';
import { type RetentionClockOptions, readRetentionClock } from '../platform/retention-clock.ts';

const DAY_MS = 86_400_000;
/** Logs that one statement checks, so that none takes long. */
const LOGS_PER_CALL = 200;

// One node at a time: a node that finds the lock taken does nothing.
const LOCKED = 'FROM (SELECT pg_try_advisory_xact_lock(7270736910) AS mine) l CROSS JOIN LATERAL';
const trimRooms = statement(`
  SELECT t.last_room AS last, t.deleted ${LOCKED} trim_room_logs($1::timestamptz, $2::bigint, $3::int) t WHERE l.mine`);
const trimAccounts = statement(`
  SELECT t.last_user AS last, t.deleted ${LOCKED} trim_account_logs($1::timestamptz, $2::bigint, $3::int) t WHERE l.mine`);

/**
 * Deletes events from before a time from the logs of rooms and users. Messages, their keys and their history stay.
 * Returns how many events were deleted.
 */
export async function trimLogs(sql: Sql, before: Date): Promise<number> {
  const rooms = await trimSlices(sql, trimRooms, before);
  return rooms + (await trimSlices(sql, trimAccounts, before));
}

async function trimSlices(sql: Sql, trim: Statement, before: Date): Promise<number> {
  let total = 0;
  for (let after: number | null = 0; after !== null; ) {
    const [row]: { last: number | null; deleted: number }[] = await sql.rows(trim, [
      before.toISOString(),
      after,
      LOGS_PER_CALL,
    ]);
    total += row?.deleted ?? 0;
    after = row?.last ?? null;
  }
  return total;
}

export interface RetentionOptions extends RetentionClockOptions {
  readonly days: number;
}

/** Trims events that are older than some days by the retention clock. Returns how many events were deleted. */
export async function retainLogs(options: RetentionOptions): Promise<number> {
  const now = await readRetentionClock(options);
  return now ? trimLogs(options.sql, new Date(now.getTime() - options.days * DAY_MS)) : 0;
}

/** Trims every hour. Returns a function that stops it. */
export function startRetention(options: RetentionOptions): () => void {
  return startHourly(options.log, {
    run: () => retainLogs(options),
    done: 'old events were trimmed from the logs of rooms and users',
    failed: 'the logs of rooms and users could not be trimmed',
  });
}
