import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/embedded-postgres/embedded-postgres.ts';
import { NODE_ROLE } from '../src/embedded-postgres/roles.ts';
import { withDatabase } from '../src/platform/database-url.ts';
import { JWT_SECRET, startNode } from '../test/harness/node.ts';
import { type Redis, startRedis } from '../test/harness/redis.ts';
import { Load, type LoadOptions } from './load/load.ts';
import { Peer, type PeerOptions } from './peer.ts';

const ADMIN = fileURLToPath(new URL('../dist/admin.js', import.meta.url));

/** As in production, but without limits and with tokens that do not expire. */
const SETTINGS = {
  NODE_ENV: 'production',
  GRAPHIQL: 'false',
  INTROSPECTION: 'false',
  POSTS_PER_SECOND: '1000000',
  POSTS_BURST: '1000000',
  CHANGES_PER_SECOND: '1000000',
  CHANGES_BURST: '1000000',
  COST_PER_SECOND: '1000000000',
  COST_BURST: '1000000000',
  ADDRESS_COST_PER_SECOND: '1000000000',
  ADDRESS_COST_BURST: '1000000000',
  ANONYMOUS_COST_PER_SECOND: '1000000000',
  ANONYMOUS_COST_BURST: '1000000000',
  MESSAGES_PER_SECOND: '1000000',
  MESSAGES_BURST: '1000000',
  MAX_SOCKETS: '1000000',
  MAX_SOCKETS_PER_ADDRESS: '1000000',
  MAX_SOCKETS_PER_USER: '1000000',
  MAX_STREAMS_PER_USER: '1000000',
  IDLE_SECONDS: '86400',
  ANONYMOUS_IDLE_SECONDS: '86400',
  ACCESS_TOKEN_TTL_SECONDS: '86400',
  HEARTBEAT_SECONDS: '600',
};

export interface Person {
  readonly userId: string;
  readonly accessToken: string;
}

/** A process that is measured. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  /** Where profiles or heaps were asked for. */
  readonly inspectorUrl: string | undefined;
}

export interface ParleyNode extends Server {
  readonly wsUrl: string;
  metrics(): Promise<Record<string, number>>;
}

/** Nodes over their own database, and users with accounts there. */
export interface Deployment {
  readonly nodes: readonly ParleyNode[];
  readonly people: readonly Person[];
  readonly databaseUrl: string;
}

export interface DeploymentOptions {
  readonly nodes: number;
  readonly people: number;
  /** Also for a single node. Several nodes need it. */
  readonly withRedis?: boolean;
  readonly isInspected?: boolean;
  /** Settings of the nodes that are other than usual. */
  readonly env?: Record<string, string>;
}

/** Everything that benches start, and its end, including what is being started when Ctrl-C comes. */
export class World {
  /** For files that end with the world. */
  folder = '';
  private postgres: EmbeddedPostgres | undefined;
  private readonly redises: Redis[] = [];
  private readonly isProfiled: boolean;
  private readonly steps: (() => unknown)[] = [];
  private databases = 0;

  constructor(isProfiled: boolean) {
    this.isProfiled = isProfiled;
  }

  get postgresPid(): number {
    return this.postgres?.pid ?? 0;
  }

  get redisPids(): readonly number[] {
    return this.redises.map(({ pid }) => pid);
  }

  async open(): Promise<void> {
    const folder = mkdtempSync(path.join(tmpdir(), 'parley-bench-'));
    chmodSync(folder, 0o711); // under root, PostgreSQL runs as another user, who must be able to enter its folder
    this.steps.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
    this.folder = folder;
    const starting = startEmbeddedPostgres({ dataDir: path.join(folder, 'data') });
    this.postgres = await this.keep(starting, (it) => it.stop());
  }

  /** The URL of a separate Redis, because deployments on a shared one would receive each other's messages. */
  async startRedis(): Promise<string> {
    const redis = await this.keep(startRedis(), (it) => it.stop());
    this.redises.push(redis);
    return redis.url;
  }

  async deploy(options: DeploymentOptions): Promise<Deployment> {
    const databaseUrl = await this.createDatabase();
    const isShared = options.nodes > 1 || options.withRedis;
    const redis = isShared ? { redisUrl: await this.startRedis() } : {};
    const nodes: ParleyNode[] = [];
    for (let i = 0; i < options.nodes; i++)
      nodes.push(await this.startNode({ databaseUrl, ...redis }, options));
    return { nodes, people: importPeople(databaseUrl, options.people), databaseUrl };
  }

  startPeer(options: PeerOptions): Promise<Peer> {
    const isInspected = this.isProfiled || options.isInspected;
    return this.keep(Peer.start({ ...options, isInspected }), (it) => it.stop());
  }

  startLoad(options: LoadOptions): Promise<Load> {
    return this.keep(Load.start(this.folder, options), (it) => it.stop());
  }

  /** Last started, first ended. One failure does not keep the rest from it. */
  async close(): Promise<void> {
    for (let step = this.steps.pop(); step; step = this.steps.pop()) {
      try {
        await step();
      } catch (error) {
        console.error(`bench: ${(error as Error).message}`);
      }
    }
  }

  private keep<Thing>(starting: Promise<Thing>, stop: (thing: Thing) => unknown): Promise<Thing> {
    // A failed start has already been reported to its caller.
    this.steps.push(() => starting.then(stop, () => undefined));
    return starting;
  }

  /** The URL of an empty one. */
  async createDatabase(): Promise<string> {
    const name = `bench_${++this.databases}`;
    const client = new pg.Client(this.postgres?.superuserUrl);
    await client.connect();
    await client.query(`CREATE DATABASE ${name} OWNER ${NODE_ROLE}`);
    await client.end();
    return withDatabase(this.postgres?.url ?? '', name);
  }

  async postgresVersion(): Promise<string> {
    const client = new pg.Client(this.postgres?.url);
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    await client.end();
    return rows[0]?.server_version.split(' ')[0] ?? '';
  }

  private async startNode(
    urls: { databaseUrl: string; redisUrl?: string },
    options: DeploymentOptions,
  ): Promise<ParleyNode> {
    const isInspected = this.isProfiled || options.isInspected;
    const env = {
      ...SETTINGS,
      ...options.env,
      ...(isInspected && { NODE_OPTIONS: '--inspect=127.0.0.1:0' }),
    };
    const node = await this.keep(startNode({ ...urls, env }), (it) => it.kill());
    return {
      pid: node.pid,
      port: Number(new URL(node.url).port),
      wsUrl: node.wsUrl,
      inspectorUrl: /Debugger listening on (\S+)/.exec(node.output())?.[1],
      metrics: () => node.metrics(),
    };
  }
}

/** Uses the operators' command line, which creates accounts without passwords and signs them in. */
function importPeople(databaseUrl: string, count: number): Person[] {
  const people = Array.from({ length: count }, (_, i) => ({
    username: `person-${i}`,
    displayName: `Person ${i}`,
  }));
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, ...SETTINGS, DATABASE_URL: databaseUrl, JWT_SECRET };
  const input = people.map((person) => `${JSON.stringify(person)}\n`).join('');
  const printed = execFileSync(process.execPath, [ADMIN, 'import-users', '-'], {
    env,
    input,
    cwd: tmpdir(),
    maxBuffer: 1 << 28,
  });
  const lines = String(printed).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Person);
}
