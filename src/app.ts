import cluster from 'node:cluster';
import { realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { createFirstAdminToken } from './accounts/invitations.ts';
import { startAccountRetention } from './accounts/retention.ts';
import { startRevocations } from './accounts/revocations.ts';
import { loadSecrets, type Secrets } from './accounts/secrets.ts';
import {
  createChores,
  createConsumers,
  createEventRegistry,
  createJobHandlers,
  messageSatellites,
  startTasks,
} from './capabilities.ts';
import type { Settings } from './config.ts';
import { createNodeLimits, type Services } from './context.ts';
import type { EmbeddedPostgres } from './embedded-postgres/embedded-postgres.ts';
import { type ConsumersOptions, startConsumers } from './eventlog/consumers/consumers.ts';
import { EphemeralChannel } from './eventlog/ephemeral/channel.ts';
import { NodePresence } from './eventlog/ephemeral/living-nodes.ts';
import { LogFollower } from './eventlog/follower/log-follower.ts';
import { adoptData, rotateEpoch } from './eventlog/incarnation.ts';
import { startRetention } from './eventlog/retention.ts';
import { VERSION } from './graphql/server-info.ts';
import { startErasure } from './messages/satellites.ts';
import { type Bus, createRedisBus } from './platform/bus.ts';
import { Changes } from './platform/changes.ts';
import { openDatabase, requireDurability } from './platform/db.ts';
import { startHourly } from './platform/hourly.ts';
import { startJobs } from './platform/jobs.ts';
import { migrate, migrationStatus } from './platform/migrate.ts';
import { requireFreePort } from './platform/ports.ts';
import { createLog, createMetrics, type Log, type Metrics } from './platform/telemetry.ts';
import { holdNodeLock } from './server/node-lock.ts';
import { openEndpoints } from './server/transport/endpoints.ts';

/** An error that the operator has to fix; its message is one line that says how. */
export class StartError extends Error {}

/** A running node. */
export interface App {
  readonly url: string;
  readonly opsUrl: string;
  readonly log: Log;
  /** The folder of the data; null if DATABASE_URL is set. */
  readonly data: string | null;
  /** With it, `register` creates the first administrator; null as soon as there is an account. */
  readonly firstAdminToken: string | null;
  /** Drains and stops the node, in the reverse order of its start. A second call waits for the same end. */
  stop(): Promise<void>;
}

type Undo = () => unknown;

/**
 * Assembles a node and opens its endpoints.
 * @throws StartError, and errors of its parts, after it has stopped what it had started
 */
export async function startApp(settings: Settings): Promise<App> {
  const log = createLog(settings.LOG_LEVEL, `${process.pid}`);
  const undo: Undo[] = [];
  try {
    return await assemble(settings, log, undo);
  } catch (error) {
    await unwind(undo, log);
    throw error;
  }
}

async function assemble(settings: Settings, log: Log, undo: Undo[]): Promise<App> {
  // Before anything is created: with a wrong port, the start would leave a database that the operator did not want.
  if (cluster.isPrimary) await requirePorts(settings);
  const metrics = createMetrics();
  const own = settings.DATABASE_URL ? null : await startOwnDatabase(settings, log, undo);
  const databaseUrl = settings.DATABASE_URL ?? own?.url ?? '';
  await prepareDatabase(databaseUrl, settings, log);
  undo.push(await holdNodeLock({ url: databaseUrl, isShared: settings.REDIS_URL !== undefined, log }));
  if (await adoptData(databaseUrl))
    log.warn(
      'the database was restored, copied or moved: a new epoch begins, and clients take a fresh snapshot',
    );
  const node = openNode(databaseUrl, settings, log, metrics, undo);
  await requireDurability(node.db);
  await node.logFollower.start();
  const presence = new NodePresence(node.ephemeral, metrics, VERSION);
  undo.push(() => presence.end());
  const revocations = await startRevocations(node);
  undo.push(() => revocations.close());
  undo.push(startAccountRetention(node));
  undo.push(startErasure(node, messageSatellites));
  for (const chore of createChores(node)) undo.push(startHourly(log, chore));
  undo.push(...startTasks(node));
  undo.push(startRetention({ sql: node.db.tail, log, metrics, days: settings.LOG_RETENTION_DAYS }));
  undo.push(startConsumers(consumersOf(node, databaseUrl)));
  undo.push(
    startJobs({
      url: databaseUrl,
      handlers: createJobHandlers(node),
      concurrency: settings.JOB_CONCURRENCY,
      log,
      metrics,
    }),
  );
  if (settings.SMTP_URL === undefined) log.info('mail is off, because SMTP_URL is not set');
  const firstAdminToken = await createFirstAdminToken(node);
  const { schema } = await import('./schema.ts');
  const endpoints = await openEndpoints(node, schema);
  undo.push(() => endpoints.close());
  presence.listensAt(`${ownHost(settings.HOST)}:${endpoints.port}`);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    node.db.expectEnd();
    return unwind(undo, log);
  };
  return {
    url: `http://${hostFor(settings.HOST)}:${endpoints.port}`,
    opsUrl: `http://${hostFor(settings.OPS_HOST)}:${endpoints.opsPort}`,
    log,
    data: own && dataOf(settings, own),
    firstAdminToken,
    stop: () => (stopped ??= stop()),
  };
}

async function requirePorts({ PORT, HOST, OPS_PORT, OPS_HOST }: Settings): Promise<void> {
  await requireFreePort(PORT, HOST);
  await requireFreePort(OPS_PORT, OPS_HOST);
}

async function startOwnDatabase(settings: Settings, log: Log, undo: Undo[]): Promise<EmbeddedPostgres> {
  const { startEmbeddedPostgres } = await import('./embedded-postgres/embedded-postgres.ts');
  const server = await startEmbeddedPostgres({ dataDir: settings.DATA_DIR, log: (line) => log.info(line) });
  undo.push(() => server.stop());
  return server;
}

/**
 * The path of the database, which is elsewhere if root starts the node in a folder that PostgreSQL's user cannot enter.
 */
function dataOf({ DATA_DIR }: Settings, { cluster }: EmbeddedPostgres): string {
  const folder = path.resolve(DATA_DIR);
  const isInside = path.dirname(cluster) === realpathSync(folder);
  return isInside ? folder : `${folder}, its database in ${cluster}`;
}

async function prepareDatabase(url: string, settings: Settings, log: Log): Promise<void> {
  if (settings.MIGRATE_ON_START) {
    await migrate(url, { log: (line) => log.info(line) });
    return;
  }
  const { pending, problem } = await migrationStatus(url);
  if (problem) throw problem;
  if (pending.length === 0) return;
  throw new StartError(
    `MIGRATE_ON_START is false and ${pending.length} migrations are pending (${pending.join(', ')}): apply them first`,
  );
}

function consumersOf(node: Services, url: string): ConsumersOptions {
  const { settings, log, metrics } = node;
  return {
    url,
    consumers: createConsumers(node),
    log,
    metrics,
    pollMs: settings.CONSUMER_POLL_MS,
    rules: { maxAttempts: settings.CONSUMER_MAX_ATTEMPTS, retrySeconds: settings.CONSUMER_RETRY_SECONDS },
  };
}

/** Opens the parts of a node that others use, without its endpoints. */
export function openNode(
  url: string,
  settings: Settings,
  log: Log,
  metrics: Metrics,
  undo: Undo[],
): Services {
  const db = openDatabase(url, settings.DATABASE_POOL_SIZE, log, metrics);
  undo.push(() => db.close());
  const secrets = loadSecrets(settings);
  const bus = openBus(settings, secrets, log, metrics);
  if (bus) undo.push(() => bus.close());
  const logFollower = new LogFollower({
    sql: db.tail,
    bus,
    log,
    metrics,
    headCheckMs: settings.HEAD_CHECK_MS,
    rotateEpoch: (seen) => rotateEpoch(url, seen),
    registry: createEventRegistry(),
  });
  undo.push(() => logFollower.close());
  const ephemeral = new EphemeralChannel({
    bus,
    metrics,
    leaseMs: settings.EPHEMERAL_LEASE_SECONDS * 1_000,
    epoch: () => logFollower.epoch,
  });
  undo.push(() => ephemeral.close());
  logFollower.onDoubt((reason) => db.renew(reason));
  const changes = new Changes(db.write, settings.WRITE_DEADLINE_MS);
  return {
    settings,
    db,
    changes,
    bus,
    logFollower,
    ephemeral,
    log,
    metrics,
    limits: createNodeLimits(settings),
    secrets,
  };
}

function openBus({ REDIS_URL }: Settings, secrets: Secrets, log: Log, metrics: Metrics): Bus | null {
  const { busHealthy, announcements } = metrics;
  const onHealth = (isHealthy: boolean) => busHealthy.set(isHealthy ? 1 : 0);
  const onRefused = (outcome: string) => announcements.inc({ outcome });
  if (REDIS_URL) return createRedisBus({ url: REDIS_URL, secrets, log, onHealth, onRefused });
  busHealthy.set(1);
  return null;
}

async function unwind(undo: Undo[], log: Log): Promise<void> {
  for (const step of undo.splice(0).reverse()) {
    try {
      await step();
    } catch (err) {
      log.error({ err }, 'a part of the node did not end well');
    }
  }
}

/** Returns an address that a browser can open, instead of 0.0.0.0. */
function hostFor(host: string): string {
  return bracketed(isEveryAddress(host) ? 'localhost' : host);
}

/** Returns the address under which other machines may reach this one. */
function ownHost(host: string): string {
  return bracketed(isEveryAddress(host) ? hostname() : host);
}

const isEveryAddress = (host: string) => host === '0.0.0.0' || host === '::';

const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host);
