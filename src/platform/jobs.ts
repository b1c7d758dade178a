import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import type { Runner, Task, WorkerEvents } from 'graphile-worker';
import pg from 'pg';
import { parseDatabaseUrl } from './database-url.ts';
import { type Sql, statement } from './db.ts';
import { DatabaseSession } from './session.ts';
import type { Log, Metrics } from './telemetry.ts';

/** The schema of graphile-worker's tables. */
export const JOBS_SCHEMA = 'jobs';
/** The last of graphile-worker's migrations that this version needs. */
export const JOBS_REVISION = 19;

const DEFAULT_MAX_ATTEMPTS = 25;
const RESTART_MS = 2_000;
const REAP_MS = 10_000;
// The second key of advisory locks is a worker pool's id: who holds it lives.
const LOCK_CLASS = 72_707_372;

/** Work that happens outside the database: at least once, and again until it succeeds. */
export interface Job {
  /** The name of its handler. */
  readonly task: string;
  /** Ids and small facts: a handler reads what it needs, and judges it anew. */
  readonly payload: object;
  /** While a job with this key waits, another one replaces it. */
  readonly key?: string;
  /** Jobs of one queue run one after the other, in their order. */
  readonly queue?: string;
  readonly runAt?: Date;
  readonly maxAttempts?: number;
}

export interface JobRun {
  readonly id: string;
  /** From 1. */
  readonly attempt: number;
  /** Aborted when the node stops. */
  readonly signal: AbortSignal;
}

/** Fails by throwing. The payload is what some version of the program wrote: check it. */
export type JobHandler = (payload: unknown, run: JobRun) => Promise<void>;
export type JobHandlers = Readonly<Record<string, JobHandler>>;

const add = statement(`
  SELECT id FROM jobs.add_job($1::text, $2::json, queue_name => $3::text, run_at => $4::timestamptz, max_attempts => $5::int,
    job_key => $6::text)`);

/**
 * Adds a job in the transaction of `sql`: it exists if that commits. Never in the transaction of a post, because a commit
 * that notifies waits for all others that do.
 */
export async function addJob(sql: Sql, job: Job): Promise<void> {
  const { task, payload, queue = null, runAt, maxAttempts = DEFAULT_MAX_ATTEMPTS, key = null } = job;
  const at = runAt?.toISOString() ?? null;
  await sql.rows(add, [task, JSON.stringify(payload), queue, at, maxAttempts, key]);
}

/**
 * Loads graphile-worker. It looks for a configuration file, which may be a program, in the working directory and in all
 * folders above; so it is loaded in the root folder, where only the owner of the machine writes.
 */
function loadLibrary(): typeof import('graphile-worker') {
  const folder = process.cwd();
  process.chdir('/');
  try {
    return createRequire(import.meta.url)('graphile-worker');
  } finally {
    process.chdir(folder);
  }
}

/** An idle connection that breaks is replaced. Without listeners its error would end the process. */
function poolOf(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    ...parseDatabaseUrl(url),
    application_name: 'parley-jobs',
    max,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
  });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Brings the tables of the job queue to this version. Several nodes may do so at once. */
export async function migrateJobs(url: string): Promise<void> {
  const { runMigrations, Logger } = loadLibrary();
  const pgPool = poolOf(url, 1);
  try {
    await runMigrations({ pgPool, schema: JOBS_SCHEMA, logger: new Logger(() => () => undefined) });
  } finally {
    await pgPool.end();
  }
}

export interface JobsOptions {
  readonly url: string;
  readonly handlers: JobHandlers;
  /** Jobs that run at once on this node. */
  readonly concurrency: number;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How often a node looks for jobs of nodes that died. */
  readonly reapMs?: number;
}

/**
 * Runs jobs on this node, beside others.
 * @returns what stops it: after the jobs in hand, or when they take longer than five seconds
 */
export function startJobs(options: JobsOptions): () => Promise<void> {
  if (Object.keys(options.handlers).length === 0) return async () => {};
  const run = new JobsRun(options);
  return () => run.stop();
}

class JobsRun {
  private readonly options: JobsOptions;
  private readonly library = loadLibrary();
  private readonly stopping = new AbortController();
  private readonly ended: Promise<void>;

  constructor(options: JobsOptions) {
    this.options = options;
    this.ended = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.ended;
  }

  /** Until stopped: a runner ends when the database goes away, and another follows. */
  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.connected();
      } catch (err) {
        this.options.log.warn({ err }, 'the job runner stopped and starts again');
      }
      await delay(RESTART_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async connected(): Promise<void> {
    const { url, concurrency } = this.options;
    const session = await DatabaseSession.open(url, 'jobs-alive');
    const pgPool = poolOf(url, concurrency + 2);
    try {
      const { runner, poolId } = await this.startRunner(pgPool, session);
      try {
        await Promise.race([runner.promise, this.reap(session, poolId)]);
      } finally {
        await runner.stop().catch(() => undefined); // fails where it stopped by itself
      }
    } finally {
      await pgPool.end();
      await session.close();
    }
  }

  private async startRunner(
    pgPool: pg.Pool,
    session: DatabaseSession,
  ): Promise<{ runner: Runner; poolId: string }> {
    const { concurrency, log, metrics } = this.options;
    const events: WorkerEvents = new EventEmitter();
    let poolId = '';
    let isAlive: Promise<unknown> = Promise.resolve();
    events.on('pool:create', ({ workerPool }) => {
      poolId = workerPool.id;
      isAlive = session.rows(holdAlive, [LOCK_CLASS, workerPool.id]);
      isAlive.catch(() => undefined); // awaited below
    });
    events.on('job:success', ({ job }) => metrics.jobs.inc({ task: job.task_identifier, outcome: 'done' }));
    events.on('job:error', ({ job }) => metrics.jobs.inc({ task: job.task_identifier, outcome: 'failed' }));
    events.on('job:failed', ({ job, error }) => {
      metrics.jobs.inc({ task: job.task_identifier, outcome: 'dead' });
      log.error(
        { jobId: job.id, task: job.task_identifier, err: error },
        'a job failed too often and is dead',
      );
    });
    const runner = await this.library.run({
      pgPool,
      schema: JOBS_SCHEMA,
      concurrency,
      events,
      taskList: this.tasks(),
      parsedCronItems: [], // else it reads a crontab from the working directory
      noHandleSignals: true,
      logger: new this.library.Logger(
        () => (level, message) => log[level === 'error' ? 'warn' : 'debug'](message),
      ),
    });
    await isAlive;
    return { runner, poolId };
  }

  private tasks(): Record<string, Task> {
    return Object.fromEntries(
      Object.entries(this.options.handlers).map(([name, handler]): [string, Task] => [
        name,
        async (payload, { job, abortSignal }) =>
          handler(payload, { id: job.id, attempt: job.attempts, signal: abortSignal }),
      ]),
    );
  }

  /** Frees the jobs of dead nodes, until this one stops or loses its connection. */
  private async reap(session: DatabaseSession, poolId: string): Promise<void> {
    const { reapMs = REAP_MS, metrics, log } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const [freed] = await session.rows<{ pools: number }>(freeJobs, [LOCK_CLASS, poolId]);
      if (freed?.pools) log.warn({ nodes: freed.pools }, 'jobs of nodes that died are free again');
      const [counts] = await session.rows<JobCounts>(countJobs, []);
      if (counts) for (const state of states) metrics.jobsWaiting.set({ state }, counts[state]);
      await delay(reapMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

const holdAlive = statement('SELECT pg_advisory_lock($1::int, hashtext($2))');

// A lock that can be had belongs to a node that is gone. This node's own can always be had here.
const freeJobs = statement(`
  WITH holders AS (
    SELECT locked_by FROM jobs._private_jobs WHERE locked_by <> $2
    UNION SELECT locked_by FROM jobs._private_job_queues WHERE locked_by <> $2
  ), gone AS MATERIALIZED (
    SELECT array_agg(locked_by) AS ids FROM holders WHERE pg_try_advisory_xact_lock($1::int, hashtext(locked_by))
  )
  SELECT coalesce(cardinality(ids), 0) AS pools, jobs.force_unlock_workers(ids) FROM gone WHERE ids IS NOT NULL`);

const states = ['waiting', 'dead'] as const;
type JobCounts = Record<(typeof states)[number], number>;

const countJobs = statement(`
  SELECT count(*) FILTER (WHERE attempts < max_attempts)::int AS waiting, count(*) FILTER (WHERE attempts >= max_attempts)::int AS dead
  FROM jobs._private_jobs`);

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

/** Jobs that failed for good, the oldest first. */
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
