import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { migrate } from '../../src/platform/migrate.ts';
import { JWT_SECRET, startNode, type TestNode } from '../harness/node.ts';
import { ensureRedis, type Redis, startRedis } from '../harness/redis.ts';
import { Announcements } from './announcements.ts';
import { CommitWatch } from './commit-watch.ts';
import { Disk } from './disk.ts';
import { type PacketLoss, packetLoss } from './packets.ts';
import { Postgres } from './postgres.ts';
import { Link } from './proxy.ts';
import type { Random } from './random.ts';
import { until } from './until.ts';

const NODES = 3;
const CONSUMER_START_MS = 30_000;
const CLOCK = new URL('./clock.mjs', import.meta.url).href;
const START_ATTEMPTS = 20;
/** Of the tests' nodes; whoever forges announcements has to know it, or not to. */
export const SECRET = JWT_SECRET;

/** One node with all its links. The links stay when the node is started again. */
export class Place {
  readonly index: number;
  readonly client: Link;
  readonly redis: Link;
  readonly postgres: Link;
  readonly announcements: Announcements;
  readonly commits: CommitWatch;
  readonly clockFile: string;
  node: TestNode | null = null;
  /** Signalled by the run: only then may it end. */
  isExpectedToEnd = false;
  /** Told of each answer with the code INTERNAL. */
  onInternal: (what: string) => void = () => undefined;

  constructor(
    index: number,
    parts: Pick<Place, 'client' | 'redis' | 'postgres' | 'announcements' | 'commits' | 'clockFile'>,
  ) {
    this.index = index;
    this.client = parts.client;
    this.redis = parts.redis;
    this.postgres = parts.postgres;
    this.announcements = parts.announcements;
    this.commits = parts.commits;
    this.clockFile = parts.clockFile;
  }

  get url(): string {
    return `http://127.0.0.1:${this.client.port}/graphql`;
  }

  /** With `isHourOver` the node also does what is due every hour. */
  setClock(offsetMs: number, isHourOver = false): void {
    writeFileSync(this.clockFile, `${offsetMs}${isHourOver ? ' hour' : ''}`);
    this.node?.signal('SIGUSR2');
  }
}

export interface ClusterOptions {
  /** Of the built checkout, or of a mutated copy of it. */
  readonly root: string;
  readonly random: Random;
  readonly nodeEnv?: Record<string, string>;
  /** Statements for the migrated database: mutants of its functions. */
  readonly sql?: readonly string[];
  /** The database gets file systems of its own, which can be filled, where this process may mount them. */
  readonly hasSmallDisks: boolean;
}

const DATA_MEGABYTES = 1_024;
const WAL_MEGABYTES = 512;

/** Three real nodes, a real PostgreSQL, a real Redis, and a proxy on every link between them. */
export class Cluster {
  readonly folder: string;
  readonly redis: Redis;
  readonly places: Place[] = [];
  readonly options: ClusterOptions;
  readonly packets: PacketLoss = packetLoss();
  /** Nodes that ended though nobody ended them, and what they said last. */
  readonly deaths: string[] = [];
  /** Where the data of the database are, and its log. Null where they are on no file system of their own. */
  readonly disks: { readonly data: Disk; readonly wal: Disk } | null;
  postgres!: Postgres;
  private clusters = 0;
  private isStopping = false;

  private constructor(folder: string, redis: Redis, options: ClusterOptions) {
    this.folder = folder;
    this.redis = redis;
    this.options = options;
    mkdirSync(path.join(folder, 'postgres'), { mode: 0o711 });
    this.disks = options.hasSmallDisks ? mountDisks(folder) : null;
    process.once('exit', this.onExit);
  }

  /** A run that failed in the middle leaves nothing running. (Nodes: the tests' harness sees to them.) */
  private readonly onExit = () => {
    const pids: [number | undefined, NodeJS.Signals][] = [
      [this.postgres?.pid, 'SIGQUIT'],
      [this.redis.pid, 'SIGKILL'],
    ];
    for (const [pid, signal] of pids) {
      try {
        if (pid) process.kill(pid, signal);
      } catch {
        // it has ended already
      }
    }
    this.unmount();
  };

  static async start(options: ClusterOptions): Promise<Cluster> {
    await ensureRedis();
    const folder = mkdtempSync(path.join(tmpdir(), 'parley-faults-'));
    chmodSync(folder, 0o711); // as root PostgreSQL runs as somebody else, who has to get to its folder
    const cluster = new Cluster(folder, await startRedis(), options);
    const { dataDir, walDir } = cluster.newPostgresFolder();
    cluster.postgres = await Postgres.start(dataDir, walDir);
    await migrate(cluster.postgres.url);
    await cluster.mutate(cluster.postgres);
    for (let i = 0; i < NODES; i++) cluster.places.push(await cluster.makePlace(i));
    await Promise.all(cluster.places.map((place) => cluster.startNode(place)));
    // What it counts begins with its first position.
    const hasConsumer = async () => (await cluster.postgres.query('SELECT FROM consumers')).length > 0;
    if (!(await until(hasConsumer, CONSUMER_START_MS))) throw new Error('no node works for the log consumer');
    return cluster;
  }

  private async makePlace(index: number): Promise<Place> {
    const announcements = new Announcements(this.options.random.fork());
    const commits = new CommitWatch();
    return new Place(index, {
      announcements,
      commits,
      client: await Link.start(`client-${index}`, 0),
      redis: await Link.start(`redis-${index}`, this.redis.port, announcements),
      postgres: await Link.start(`postgres-${index}`, this.postgres.port, commits),
      clockFile: path.join(this.folder, `clock-${index}`),
    });
  }

  // -- the database ---------------------------------------------------------------------------

  /** Where another PostgreSQL may have its data. */
  newPostgresFolder(): { dataDir: string; walDir?: string } {
    const name = `cluster-${++this.clusters}`;
    const parent = this.disks?.data.folder ?? path.join(this.folder, 'postgres');
    return {
      dataDir: path.join(parent, name),
      ...(this.disks && { walDir: path.join(this.disks.wal.folder, name) }),
    };
  }

  /** Puts the mistakes of a mutant into a migrated database. */
  async mutate(postgres: Postgres): Promise<void> {
    for (const statement of this.options.sql ?? []) await postgres.query(statement);
  }

  /** All links lead to another server from now on. */
  moveTo(postgres: Postgres): void {
    this.postgres = postgres;
    for (const place of this.places) place.postgres.target = { host: '127.0.0.1', port: postgres.port };
  }

  /** PostgreSQL is somewhere else after a restart. */
  async startPostgresAgain(): Promise<void> {
    await this.postgres.startAgain();
    this.moveTo(this.postgres);
  }

  // -- nodes ----------------------------------------------------------------------------------

  /** As a supervisor would: again and again, while what it needs is away. */
  async startNode(place: Place): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        place.isExpectedToEnd = false;
        place.node = await startNode(this.nodeOptions(place));
        place.client.target = { host: '127.0.0.1', port: Number(new URL(place.node.url).port) };
        this.watch(place, place.node);
        return;
      } catch (error) {
        if (attempt === START_ATTEMPTS) throw error;
        await delay(500);
      }
    }
  }

  /** Signals a node and waits until it has ended; at once where it does not end in order. Resolves with its exit code. */
  async drainNode(place: Place, withinMs: number): Promise<number | null> {
    const { node } = place;
    if (!node) return null;
    place.isExpectedToEnd = true;
    // Not `stop()`: that does nothing where the node was signalled before, and it may have stood still earlier.
    node.signal('SIGTERM');
    const { code } = await Promise.race([node.exited, delay(withinMs, { code: null })]);
    if (code === null) node.signal('SIGKILL');
    await node.exited;
    return code;
  }

  private nodeOptions(place: Place) {
    const databaseUrl = new URL(this.postgres.url);
    databaseUrl.port = String(place.postgres.port);
    return {
      databaseUrl: databaseUrl.href,
      redisUrl: `redis://127.0.0.1:${place.redis.port}`,
      main: path.join(this.options.root, 'dist/main.js'),
      env: {
        NODE_OPTIONS: `--import ${CLOCK}`,
        FAULTS_CLOCK_FILE: place.clockFile,
        // Tokens outlive every clock jump; those that shall end are made by the run.
        ACCESS_TOKEN_TTL_SECONDS: '86400',
        POSTS_PER_SECOND: '100000',
        POSTS_BURST: '100000',
        CHANGES_PER_SECOND: '100000',
        CHANGES_BURST: '100000',
        COST_PER_SECOND: '1000000000',
        COST_BURST: '1000000000',
        DRAIN_SECONDS: '3',
        HEARTBEAT_SECONDS: '5',
        ...this.options.nodeEnv,
      },
    };
  }

  private watch(place: Place, node: TestNode): void {
    void node.exited.then(({ code, signal }) => {
      if (place.node === node) place.node = null;
      if (place.isExpectedToEnd || this.isStopping) return;
      const last = node.output().split('\n').slice(-8).join('\n');
      this.deaths.push(`node ${place.index} ended by itself (${signal ?? code}): ${last}`);
      void this.startNode(place);
    });
  }

  /** The places whose node is there, as far as anybody knows. */
  get up(): Place[] {
    return this.places.filter(({ node }) => node !== null);
  }

  // -- what all share -------------------------------------------------------------------------

  /** The command line for operators. Resolves with what it printed. */
  async admin(args: string[], input = ''): Promise<string> {
    const child = spawn(process.execPath, [path.join(this.options.root, 'dist/admin.js'), ...args], {
      cwd: this.folder,
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'test',
        DATABASE_URL: this.postgres.url,
        JWT_SECRET: SECRET,
        ACCESS_TOKEN_TTL_SECONDS: '86400',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end(input);
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [printed, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if ((await code) !== 0) throw new Error(`admin ${args[0]}: ${complaint}`);
    return printed;
  }

  /** Nothing is wrong on any link any more. */
  heal(): void {
    for (const place of this.places) {
      for (const link of [place.client, place.redis, place.postgres]) link.heal();
      place.announcements.calm();
      place.commits.disarm();
    }
    this.packets.heal();
    for (const disk of [this.disks?.data, this.disks?.wal]) disk?.free();
  }

  private unmount(): void {
    for (const disk of [this.disks?.data, this.disks?.wal]) disk?.unmount();
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    process.off('exit', this.onExit);
    await Promise.all(this.up.map(async ({ node }) => node?.kill()));
    await this.redis.stop();
    await this.postgres.stop();
    for (const { client, redis, postgres } of this.places)
      await Promise.all([client.close(), redis.close(), postgres.close()]);
    this.unmount();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function mountDisks(folder: string): { data: Disk; wal: Disk } | null {
  const data = Disk.mount(path.join(folder, 'data-disk'), DATA_MEGABYTES);
  const wal = data && Disk.mount(path.join(folder, 'wal-disk'), WAL_MEGABYTES);
  if (wal) return { data, wal };
  data?.unmount();
  return null;
}

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
