import { type Sql, statement } from '../platform/db.ts';
import { startHourly } from '../platform/hourly.ts';
import type { Log } from '../platform/telemetry.ts';

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

/** Trims every hour. Returns what stops it. */
export function startRetention(sql: Sql, log: Log, days: number): () => void {
  return startHourly(log, {
    run: () => trimLogs(sql, new Date(Date.now() - days * 86_400_000)),
    done: 'old events were trimmed from the logs of rooms',
    failed: 'the logs of rooms could not be trimmed',
  });
}
