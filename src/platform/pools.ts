import type { Duplex } from 'node:stream';
import pg from 'pg';
import { type DatabaseFailure, databaseFailure } from './database-failure.ts';
import { parseDatabaseUrl } from './database-url.ts';
import type { Log } from './telemetry.ts';
import { parseTime } from './times.ts';

// 64-bit integers are read as numbers: ids and seqs stay far below 2^53.
export const types = new pg.TypeOverrides();
const parseAnyTime = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (text: string) => unknown;
types.setTypeParser(pg.types.builtins.INT8, Number);
types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text: string) => parseTime(text) ?? parseAnyTime(text));
types.setTypeParser(
  1016 as never,
  ((text: string) => (text === '{}' ? [] : text.slice(1, -1).split(',').map(Number))) as never,
);

// A client that stops reading must not hold locks for ever.
const STATEMENT_MS = 5_000;
// A writer gives up early, releases its connection and tries again. The time is long enough for the commit of another
// node on a slow disk.
const WRITE_LOCK_MS = 250;
export const writeSettings = ` -c lock_timeout=${WRITE_LOCK_MS}`;
export const sessionSettings = [
  `-c statement_timeout=${STATEMENT_MS}`,
  '-c lock_timeout=2000',
  '-c idle_in_transaction_session_timeout=5000',
  '-c default_transaction_isolation=read\\ committed',
  '-c TimeZone=UTC',
  // Before PostgreSQL 18, disabled scans add 1e10 to the cost of a plan, so JIT would compile every statement.
  '-c jit=off',
].join(' ');
// All our statements look up keys or scan an index. Otherwise the planner plans those over partitions again each time
// (0.7 ms, for a run of 0.1 ms), and keeps scans and joins that were right while the tables were small.
export const planSettings = [
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
]
  .map((setting) => ` -c ${setting}`)
  .join('');

// By then the server would have ended the statement: if there is no answer, the server or the connection is down.
export const SILENCE_MS = STATEMENT_MS + 1_000;

const WATCH_MS = 500;

/** Properties of a connection that pg does not declare. */
interface Internals {
  readonly connection: {
    readonly stream: Duplex;
    on(event: 'errorMessage', listener: (error: pg.DatabaseError) => void): void;
  };
}

const internals = (client: pg.PoolClient) => (client as unknown as Internals).connection;

/** Why all connections are replaced. */
interface Renewal {
  readonly failure?: DatabaseFailure;
  readonly reason: string;
}

/**
 * The pools. They share what they learn about the connections to the database: when one connection is silent, all older
 * ones are cut, because each would otherwise time out by itself. When a server accepts no changes, all connections are
 * opened again, so that they find the new primary.
 *
 * One timer watches all of them. A timer for each query (pg's `query_timeout`) keeps the result of the query alive
 * through several collections of young garbage, which cost a quarter of the CPU time of a page of 50 messages.
 */
export class Pools {
  private readonly url: string;
  private readonly log: Log;
  private readonly pools: pg.Pool[] = [];
  /** When each connection was opened, and since when each watched connection is in use. */
  private readonly since = new Map<pg.PoolClient, number>();
  private readonly busySince = new Map<pg.PoolClient, number>();
  /** Why the next check opens all connections again; until then many statements may fail for that reason. */
  private renewal: Renewal | null = null;
  private renewedAt = Number.NEGATIVE_INFINITY;
  /** The database may stop together with the node: then connections that break are not a fault. */
  isStopping = false;
  private readonly timer = setInterval(() => this.watch(), WATCH_MS).unref();

  constructor(url: string, log: Log) {
    this.url = url;
    this.log = log;
  }

  /** For single statements: a connection in use has a pending answer. */
  createWatched(name: string, max: number, settings: string): pg.Pool {
    const pool = this.create(name, max, { options: sessionSettings + planSettings + settings });
    pool.on('acquire', (client) => this.busySince.set(client, performance.now()));
    pool.on('release', (_error, client) => this.busySince.delete(client));
    return pool;
  }

  create(name: string, max: number, config: pg.PoolConfig): pg.Pool {
    const pool = new pg.Pool({
      ...parseDatabaseUrl(this.url),
      application_name: `parley-${name}`,
      max,
      types,
      connectionTimeoutMillis: 2_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      ...config,
    });
    // The pool replaces an idle connection that breaks; without a listener the error would end the process.
    pool.on('error', (error) => {
      if (!this.isStopping)
        this.log.warn({ pool: name, err: error.message }, 'an idle database connection broke');
    });
    pool.on('connect', (client) => {
      this.since.set(client, performance.now());
      internals(client).on('errorMessage', (error) => this.judge(error));
    });
    pool.on('remove', (client) => this.since.delete(client));
    // A client that is ending does not return to its pool.
    pool.on('release', (_error, client) => {
      if (this.isOutdated(client)) void client.end();
    });
    this.pools.push(pool);
    return pool;
  }

  /** Called for every failed statement of every pool. */
  private judge(error: pg.DatabaseError): void {
    const failure = databaseFailure(error);
    if (failure === 'standby' || failure === 'stale') this.renewal = { failure, reason: error.message };
  }

  /** Closes every existing connection when it is idle; the pools open others. */
  renew(why: Renewal): void {
    this.renewedAt = performance.now();
    this.log.warn(why, 'reopening all connections to the database');
    this.renewal = null;
    for (const pool of this.pools) {
      for (let idle = pool.idleCount; idle > 0; idle--)
        pool.connect().then(
          (client) => client.release(),
          () => undefined, // the pool is closing, or the database is down: nothing is left to renew
        );
    }
  }

  private isOutdated(client: pg.PoolClient): boolean {
    return (this.since.get(client) ?? this.renewedAt) < this.renewedAt;
  }

  private watch(): void {
    const longAgo = performance.now() - SILENCE_MS;
    const asked = [...this.busySince.values()].filter((since) => since <= longAgo);
    if (asked.length > 0) this.cut(Math.max(...asked));
    if (this.renewal) this.renew(this.renewal);
  }

  /** Destroys the connections that have been silent since before `askedAt`. Their pending statements reject. */
  private cut(askedAt: number): void {
    const silent = [...this.since].filter(([, since]) => since <= askedAt).map(([client]) => client);
    this.log.warn(
      { connections: silent.length },
      'the database stopped answering: reopening its connections',
    );
    for (const client of silent) {
      this.since.delete(client);
      this.busySince.delete(client);
      internals(client).stream.destroy();
    }
  }

  async end(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await Promise.all(this.pools.map((pool) => pool.end()));
  }
}
