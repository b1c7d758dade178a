import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Runner, Task, WorkerEvents } from 'graphile-worker';
import type pg from 'pg';
import { statement } from './db.ts';
import { loadLibrary, poolOf } from './job-library.ts';
import { JOBS_SCHEMA } from './job-queue.ts';
import { DatabaseSession } from './session.ts';
import type { Log, Metrics } from './telemetry.ts';

const RESTART_MS = 2_000;
const REAP_MS = 10_000;
// The second key of an advisory lock is the id of a worker pool: its holder is alive.
const LOCK_CLASS = 72_707_372;

export interface JobRun {
  readonly id: string;
  /** From 1. */
  readonly attempt: number;
  /** Aborted when the node stops. */
  readonly signal: AbortSignal;
}

/** Fails by throwing. Check the payload: another version of the program may have written it. */
export type JobHandler = (payload: unknown, run: JobRun) => Promise<void>;
export type JobHandlers = Readonly<Record<string, JobHandler>>;

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
 * Runs jobs on this node, concurrently with other nodes.
 * @returns a function that stops it: after the running jobs, or after five seconds
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

  /** Until it is stopped: a runner ends when the database is down, and another follows. */
  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.connected();
      } catch (err) {
        this.options.log.warn({ err }, 'the job runner stopped; restarting it');
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
        await runner.stop().catch(() => undefined); // fails if it stopped by itself
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
      parsedCronItems: [], // otherwise it reads a crontab from the working directory
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

  /** Releases the jobs of dead nodes, until this node stops or loses its connection. */
  private async reap(session: DatabaseSession, poolId: string): Promise<void> {
    const { reapMs = REAP_MS, metrics, log } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const [freed] = await session.rows<{ pools: number }>(freeJobs, [LOCK_CLASS, poolId]);
      if (freed?.pools) log.warn({ nodes: freed.pools }, 'released the jobs of dead nodes');
      const [counts] = await session.rows<JobCounts>(countJobs, []);
      if (counts) for (const state of states) metrics.jobsWaiting.set({ state }, counts[state]);
      await delay(reapMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

const holdAlive = statement('SELECT pg_advisory_lock($1::int, hashtext($2))');

// A lock that is free belongs to a dead node. This connection can always take the node's own lock.
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
