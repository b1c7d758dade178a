import { type Sql, statement } from './db.ts';

/** The schema of graphile-worker's tables. */
export const JOBS_SCHEMA = 'jobs';

/** The last of graphile-worker's migrations that this version needs. */
export const JOBS_REVISION = 19;

const DEFAULT_MAX_ATTEMPTS = 25;

/** Work outside the database: it runs at least once, and again until it succeeds. */
export interface Job {
  /** The name of its handler. */
  readonly task: string;
  /** Ids and small facts: a handler reads and checks the current data. */
  readonly payload: object;
  /** A later job with the same key replaces it while it waits. */
  readonly key?: string;
  /** Jobs of one queue run one after the other, in order. */
  readonly queue?: string;
  readonly runAt?: Date;
  readonly maxAttempts?: number;
}

const add = statement(`
  SELECT id FROM jobs.add_job($1::text, $2::json, queue_name => $3::text, run_at => $4::timestamptz, max_attempts => $5::int,
    job_key => $6::text)`);

/**
 * Adds a job in the transaction of `sql`: it exists if that commits. Do not use it in the transaction of a post,
 * because commits with a notification wait for each other.
 */
export async function addJob(sql: Sql, job: Job): Promise<void> {
  const { task, payload, queue = null, runAt, maxAttempts = DEFAULT_MAX_ATTEMPTS, key = null } = job;
  const at = runAt?.toISOString() ?? null;
  await sql.rows(add, [task, JSON.stringify(payload), queue, at, maxAttempts, key]);
}

export interface DeadJob {
  readonly id: number;
  readonly task: string;
  readonly attempts: number;
  readonly error: string | null;
}

const listDead = statement(`
  SELECT j.id, t.identifier AS task, j.attempts, j.last_error AS error
  FROM jobs._private_jobs j JOIN jobs._private_tasks t ON t.id = j.task_id
  WHERE j.attempts >= j.max_attempts AND j.locked_at IS NULL ORDER BY j.id LIMIT 1000`);

/** Jobs that failed too often, the oldest first. */
export function listDeadJobs(sql: Sql): Promise<DeadJob[]> {
  return sql.rows<DeadJob>(listDead, []);
}

const retry = statement(`
  SELECT count(*)::int AS count FROM jobs.reschedule_jobs(ARRAY(
    SELECT id FROM jobs._private_jobs WHERE attempts >= max_attempts AND ($1::bigint IS NULL OR id = $1::bigint)),
    run_at => now(), attempts => 0)`);

/** Runs dead jobs again, all or one. Returns how many. */
export async function retryDeadJobs(sql: Sql, id: number | null): Promise<number> {
  const [row] = await sql.rows<{ count: number }>(retry, [id]);
  return row?.count ?? 0;
}
