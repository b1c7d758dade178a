import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../generated/prisma/client.ts';
import { DatabaseAway } from './database-failure.ts';
import { Pools, SILENCE_MS, sessionSettings, writeSettings } from './pools.ts';
import type { Log, Metrics } from './telemetry.ts';

/** A statement that the database parses and plans once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Names a statement by its text. A parameter needs a cast if PostgreSQL cannot infer its type. */
export function statement(text: string): Statement {
  return { name: `s${createHash('sha256').update(text).digest('hex').slice(0, 20)}`, text };
}

/** A pool of connections for one purpose. */
export interface Sql {
  rows<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}

/** Returns the one row of a function that changes something, or says why not. */
export async function callFunction<Row>(sql: Sql, call: Statement, values: readonly unknown[]): Promise<Row> {
  const [row] = await sql.rows<Row>(call, values);
  if (!row) throw new Error('a function returned nothing');
  return row;
}

/**
 * The pools of connections to PostgreSQL. Posts, reads and tails have separate pools, so that none waits for another.
 */
export interface Database {
  /** Only posts: a batch at a time, and one for locked rooms. */
  readonly posts: Sql;
  /** Other changes: one call of one function, so one transaction. */
  readonly write: Sql;
  /** Pages and lookups. */
  readonly read: Sql;
  /** The log for followers and catch-ups, and the head poll. */
  readonly tail: Sql;
  /** Accounts, and everything else that is not hot. */
  readonly prisma: PrismaClient;
  /** Replaces every connection when it is idle, because the old ones may lead to a server that was replaced. */
  renew(reason: string): void;
  /** Stops logging idle connections that break: the node stops, and perhaps the database, too. */
  expectEnd(): void;
  close(): Promise<void>;
}

/** Connections for posts, in addition to those of the setting. */
const POST_CONNECTIONS = 2;

/**
 * Whether the error comes from the server, or a value could not be sent; any other error is a failure of the
 * connection.
 */
function isAnswer(error: unknown): boolean {
  return error instanceof pg.DatabaseError || error instanceof TypeError || error instanceof RangeError;
}

interface PoolOptions {
  readonly name: string;
  readonly max: number;
  /** Settings of its sessions, in addition to the common ones. */
  readonly settings?: string;
}

function counted(pools: Pools, metrics: Metrics, { name, max, settings = '' }: PoolOptions): Sql {
  const pool = pools.createWatched(name, max, settings);
  const count = metrics.statements.labels(name);
  return {
    async rows<Row>({ name: statementName, text }: Statement, values: readonly unknown[]) {
      count.inc();
      try {
        const result = await pool.query({ name: statementName, text, values: values as unknown[] });
        return result.rows as Row[];
      } catch (error) {
        throw isAnswer(error) ? error : new DatabaseAway(error as Error);
      }
    },
  };
}

function createPrisma(pool: pg.Pool, metrics: Metrics): PrismaClient {
  // Prisma's own timers must not fire: a statement that is sent after its rollback would commit alone.
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool),
    log: [{ emit: 'event', level: 'query' }],
    transactionOptions: { timeout: 600_000, maxWait: 10_000 },
  });
  prisma.$on('query', () => metrics.statements.labels('prisma').inc());
  return prisma;
}

/** Opens the pools; connections are opened when first needed. `size` is the sum over all pools except that of posts. */
export function openDatabase(url: string, size: number, log: Log, metrics: Metrics): Database {
  const share = Math.max(2, Math.floor(size / 4));
  const pools = new Pools(url, log);
  const prismaPool = pools.create('prisma', share, {
    options: sessionSettings,
    query_timeout: SILENCE_MS,
  });
  const prisma = createPrisma(prismaPool, metrics);
  return {
    posts: counted(pools, metrics, { name: 'posts', max: POST_CONNECTIONS, settings: writeSettings }),
    write: counted(pools, metrics, { name: 'write', max: share, settings: writeSettings }),
    read: counted(pools, metrics, { name: 'read', max: share }),
    tail: counted(pools, metrics, { name: 'tail', max: share }),
    prisma,
    renew: (reason) => pools.renew({ reason }),
    expectEnd() {
      pools.isStopping = true;
    },
    async close() {
      await prisma.$disconnect();
      await pools.end();
    },
  };
}

/**
 * Refuses a database that may lose acknowledged data: an acknowledged message must survive a crash.
 * @throws Error naming the setting.
 */
export async function requireDurability(db: Database): Promise<void> {
  const query = statement(
    `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit')`,
  );
  for (const { name, setting } of await db.read.rows<{ name: string; setting: string }>(query, [])) {
    if (setting === 'off')
      throw new Error(
        `DATABASE_URL: the database runs with ${name}=off and could lose acknowledged messages`,
      );
  }
}
