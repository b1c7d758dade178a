import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { withDatabase } from '../src/platform/database-url.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts';
import { JWT_SECRET, startNode } from '../test/harness/node.ts';
import { startRedis } from '../test/harness/redis.ts';
import { type Counters, countersOf, postgresMicros } from './counters.ts';
import { FLOOR } from './floor.ts';

const ADMIN = fileURLToPath(new URL('../dist/admin.js', import.meta.url));

/** As in production, but nobody's limits and no tokens that end meanwhile. */
const SETTINGS = {
  GRAPHIQL: 'false',
  INTROSPECTION: 'false',
  POSTS_PER_SECOND: '1000000',
  POSTS_BURST: '1000000',
  CHANGES_PER_SECOND: '1000000',
  CHANGES_BURST: '1000000',
  ACCESS_TOKEN_TTL_SECONDS: '86400',
  HEARTBEAT_SECONDS: '600',
};

export interface Person {
  readonly userId: string;
  readonly accessToken: string;
}

export interface Server {
  readonly wsUrl: string;
  counters(): Promise<Counters>;
}

export interface ParleyNode extends Server {
  /** Of its inspector, where profiles were asked for. */
  readonly inspectorUrl: string | undefined;
  /** Live subscriptions. */
  streams(): Promise<number>;
}

/** Nodes over a database of their own, and people who have accounts there. */
export interface Deployment {
  readonly nodes: readonly ParleyNode[];
  readonly people: readonly Person[];
}

/** All that benches start, and its end: also what is just being started when Ctrl-C comes. */
export class World {
  /** Null where there is no redis-server. */
  redisUrl: string | null = null;
  private postgres: EmbeddedPostgres | undefined;
  private readonly isProfiled: boolean;
  private readonly steps: (() => unknown)[] = [];
  private databases = 0;

  constructor(isProfiled: boolean) {
    this.isProfiled = isProfiled;
  }

  async open(): Promise<void> {
    const folder = mkdtempSync(path.join(tmpdir(), 'parley-bench-'));
    chmodSync(folder, 0o711); // as root PostgreSQL runs as somebody else, who has to get to its folder
    this.steps.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
    const starting = startEmbeddedPostgres({ dataDir: path.join(folder, 'data') });
    this.postgres = await this.keep(starting, (it) => it.stop());
    const redis = await this.keep(
      startRedis().catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      }),
      (it) => it?.stop(),
    );
    this.redisUrl = redis?.url ?? null;
  }

  /** Several nodes need Redis. */
  async deploy(options: { readonly nodes: number; readonly people: number }): Promise<Deployment> {
    const databaseUrl = await this.createDatabase();
    const nodes: ParleyNode[] = [];
    for (let i = 0; i < options.nodes; i++) nodes.push(await this.startNode(databaseUrl, options.nodes > 1));
    return { nodes, people: importPeople(databaseUrl, options.people) };
  }

  /** A process that does the least (floor.ts). */
  async startFloor(): Promise<Server> {
    const child = fork(FLOOR, [await this.createDatabase()]);
    this.steps.push(() => child.kill('SIGKILL'));
    const { port } = await answerOf<{ port: number }>(child);
    return {
      wsUrl: `ws://127.0.0.1:${port}`,
      counters: async () => {
        child.send('counters');
        return { ...(await answerOf<Counters>(child)), postgresMicros: postgresMicros(this.postgres?.pid) };
      },
    };
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
    // What did not start has said so to whoever waits for it.
    this.steps.push(() => starting.then(stop, () => undefined));
    return starting;
  }

  private async createDatabase(): Promise<string> {
    const name = `bench_${++this.databases}`;
    const client = new pg.Client(this.postgres?.url);
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    return withDatabase(this.postgres?.url ?? '', name);
  }

  private async startNode(databaseUrl: string, isShared: boolean): Promise<ParleyNode> {
    const env = { ...SETTINGS, ...(this.isProfiled && { NODE_OPTIONS: '--inspect=127.0.0.1:0' }) };
    const redis = isShared && this.redisUrl ? { redisUrl: this.redisUrl } : {};
    const node = await this.keep(startNode({ databaseUrl, env, ...redis }), (it) => it.kill());
    return {
      wsUrl: node.wsUrl,
      inspectorUrl: /Debugger listening on (\S+)/.exec(node.output())?.[1],
      streams: async () => (await node.metrics())['parley_streams'] ?? 0,
      counters: async () => ({
        ...(await countersOf(node)),
        postgresMicros: postgresMicros(this.postgres?.pid),
      }),
    };
  }
}

/** By the operators' command line, which makes accounts without passwords and signs them in. */
function importPeople(databaseUrl: string, count: number): Person[] {
  const people = Array.from({ length: count }, (_, i) => ({
    username: `person-${i}`,
    displayName: `Person ${i}`,
  }));
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, ...SETTINGS, NODE_ENV: 'test', DATABASE_URL: databaseUrl, JWT_SECRET };
  const input = people.map((person) => `${JSON.stringify(person)}\n`).join('');
  const printed = execFileSync(process.execPath, [ADMIN, 'import-users', '-'], { env, input, cwd: tmpdir() });
  const lines = String(printed).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Person);
}

async function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  const over = new AbortController();
  const ended = once(child, 'exit', over).then(() => Promise.reject(new Error('the floor has ended')));
  ended.catch(() => undefined);
  const [answer] = (await Promise.race([once(child, 'message', over), ended])) as [Answer];
  over.abort();
  return answer;
}
