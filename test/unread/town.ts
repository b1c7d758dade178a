import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/embedded-postgres/embedded-postgres.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Redis, startRedis } from '../harness/redis.ts';

const UNLIMITED = '1000000';
const env = {
  POSTS_PER_SECOND: UNLIMITED,
  POSTS_BURST: UNLIMITED,
  CHANGES_PER_SECOND: UNLIMITED,
  CHANGES_BURST: UNLIMITED,
  COST_PER_SECOND: UNLIMITED,
  COST_BURST: UNLIMITED,
  ADDRESS_COST_PER_SECOND: UNLIMITED,
  ADDRESS_COST_BURST: UNLIMITED,
  REGISTRATIONS_PER_HOUR: '1000',
  ACCESS_TOKEN_TTL_SECONDS: '86400',
  MAX_SOCKETS_PER_ADDRESS: '1000',
  HEARTBEAT_SECONDS: '5',
};

const START_ATTEMPTS = 5;

/** Two nodes with their own PostgreSQL and Redis, each of which can fail. */
export class Town {
  readonly nodes: TestNode[] = [];
  private readonly folder: string;
  private readonly postgres: EmbeddedPostgres;
  private readonly redis: Redis;
  private readonly pool: pg.Pool;

  private constructor(folder: string, postgres: EmbeddedPostgres, redis: Redis) {
    this.folder = folder;
    this.postgres = postgres;
    this.redis = redis;
    this.pool = new pg.Pool({ connectionString: postgres.superuserUrl, max: 2 });
    // A fault ends its idle connections, too.
    this.pool.on('error', () => undefined);
  }

  static async open(): Promise<Town> {
    const folder = mkdtempSync(path.join(tmpdir(), 'parley-unread-'));
    chmodSync(folder, 0o711); // under root, PostgreSQL runs as another user, who must be able to enter its folder
    const postgres = await startEmbeddedPostgres({ dataDir: path.join(folder, 'data') });
    const town = new Town(folder, postgres, await startRedis());
    town.nodes.push(await town.startNode(), await town.startNode());
    return town;
  }

  rows = async <Row>(statement: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await this.pool.query(statement, [...values])).rows as Row[];

  /** What can go wrong, each with its end. */
  readonly faults: Readonly<Record<string, () => Promise<unknown>>> = {
    'a node is killed': () => this.replaceNode((node) => node.kill()),
    'a node is stopped': () => this.replaceNode((node) => node.stop()),
    'Redis is killed': async () => {
      await this.redis.kill();
      await this.redis.restart();
    },
    'PostgreSQL is killed': async () => process.kill(this.postgres.pid, 'SIGKILL'),
    'database sessions are ended': () =>
      this.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`,
      ),
  };

  async close(): Promise<void> {
    for (const node of this.nodes) await node.stop();
    await this.pool.end();
    await this.redis.stop();
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async replaceNode(end: (node: TestNode) => Promise<unknown>): Promise<void> {
    const index = Math.random() < 0.5 ? 0 : 1;
    await end(this.nodes[index] as TestNode);
    this.nodes[index] = await this.startNode();
  }

  /** A node ends if it gets no connection to the database in time; an operator's supervisor starts it again. */
  private async startNode(attempts = START_ATTEMPTS): Promise<TestNode> {
    try {
      return await startNode({ databaseUrl: this.postgres.url, redisUrl: this.redis.url, env });
    } catch (error) {
      if (attempts === 1 || !/connection/i.test((error as Error).message)) throw error;
      return this.startNode(attempts - 1);
    }
  }
}
