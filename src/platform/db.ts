import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../generated/prisma/client.ts';
import { parseDatabaseUrl } from './database-url.ts';
import type { Log, Metrics } from './telemetry.ts';

/** A statement that the database parses and plans once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Names a statement by its text. Every parameter needs a cast where PostgreSQL cannot tell its type. */
export function statement(text: string): Statement {
  return { name: `s${createHash('sha256').update(text).digest('hex').slice(0, 20)}`, text };
}

/** A pool of connections for one purpose. */
export interface Sql {
  rows<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}

/** The way to PostgreSQL. Posts, reads and tails have pools of their own, so that none waits for another. */
export interface Database {
  /** Changes: one call of one function, hence one transaction. */
  readonly write: Sql;
  /** Pages and lookups. */
  readonly read: Sql;
  /** The log as the tails and catch-ups read it, and the head check. */
  readonly tail: Sql;
  /** Accounts and whatever else is not hot. */
  readonly prisma: PrismaClient;
  close(): Promise<void>;
}

// 64-bit integers come as numbers: ids and seqs stay far below 2^53.
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);
types.setTypeParser(
  1016 as never,
  ((text: string) => (text === '{}' ? [] : text.slice(1, -1).split(',').map(Number))) as never,
);

// A client that stops reading must not hold locks for ever; a lock not had soon is a refusal that can be repeated.
const sessionSettings = (statementMs: number) =>
  [
    `-c statement_timeout=${statementMs}`,
    '-c lock_timeout=2000',
    '-c idle_in_transaction_session_timeout=5000',
    '-c default_transaction_isolation=read\\ committed',
  ].join(' ');

function createPool(url: string, name: string, max: number, log: Log, statementMs = 5_000): pg.Pool {
  const pool = new pg.Pool({
    ...parseDatabaseUrl(url),
    application_name: `parley-${name}`,
    max,
    types,
    options: sessionSettings(statementMs),
    connectionTimeoutMillis: 2_000,
    keepAlive: true,
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) =>
    log.warn({ pool: name, err: error.message }, 'an idle database connection broke'),
  );
  return pool;
}

function counted(pool: pg.Pool, name: string, metrics: Metrics): Sql {
  const count = metrics.statements.labels(name);
  return {
    async rows<Row>({ name: statementName, text }: Statement, values: readonly unknown[]) {
      count.inc();
      const result = await pool.query({ name: statementName, text, values: values as unknown[] });
      return result.rows as Row[];
    },
  };
}

function createPrisma(url: string, max: number, metrics: Metrics): PrismaClient {
  // Discrete settings, not the URL: with a URL the adapter lets it win over everything else.
  const adapter = new PrismaPg({
    ...parseDatabaseUrl(url),
    application_name: 'parley-prisma',
    max,
    options: sessionSettings(5_000),
    connectionTimeoutMillis: 2_000,
    keepAlive: true,
  });
  // Prisma's own timers are kept from firing: a statement sent after its rollback would commit alone.
  const prisma = new PrismaClient({
    adapter,
    log: [{ emit: 'event', level: 'query' }],
    transactionOptions: { timeout: 600_000, maxWait: 10_000 },
  });
  prisma.$on('query', () => metrics.statements.labels('prisma').inc());
  return prisma;
}

/** Opens the pools; connections are made when first needed. `size` is the sum over all pools. */
export function openDatabase(url: string, size: number, log: Log, metrics: Metrics): Database {
  const share = Math.max(2, Math.floor(size / 4));
  const pools = {
    write: createPool(url, 'write', share, log),
    read: createPool(url, 'read', share, log),
    tail: createPool(url, 'tail', share, log),
  };
  const prisma = createPrisma(url, share, metrics);
  return {
    write: counted(pools.write, 'write', metrics),
    read: counted(pools.read, 'read', metrics),
    tail: counted(pools.tail, 'tail', metrics),
    prisma,
    async close() {
      await Promise.all([pools.write.end(), pools.read.end(), pools.tail.end(), prisma.$disconnect()]);
    },
  };
}

/**
 * Refuses a database that may forget what it acknowledged: an acknowledged message must survive a crash.
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
