import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '../../../scripts/node-flags.ts';
import { startEmbeddedPostgres } from '../../../src/embedded-postgres/embedded-postgres.ts';
import { freePort } from '../../../src/platform/ports.ts';
import type { Undo } from './undo.ts';

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const START_PATIENCE_MS = 60_000;
const STOP_PATIENCE_MS = 30_000;
// The embedded PostgreSQL accepts 100, some of them reserved.
const MAX_DATABASE_CONNECTIONS = 88;
const POOL_SIZE = 12;

/** The nodes to replay against, and the settings with which the command line reaches the same data. */
export interface Nodes {
  readonly urls: readonly string[];
  readonly adminEnv: NodeJS.ProcessEnv;
}

/**
 * Starts nodes over an empty database in a temporary folder. One node needs no other service; several share a
 * PostgreSQL and a Redis. `undo` stops everything that was started, also if this fails halfway.
 */
export async function startNodes(count: number, undo: Undo): Promise<Nodes> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-replay-'));
  chmodSync(folder, 0o711); // under root, PostgreSQL runs as another user, who must be able to enter its folder
  undo.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const env = { ...settings(count, folder), ...(count > 1 && (await startServices(folder, undo))) };
  const urls: string[] = [];
  // Sequential: the first node creates the tables.
  for (let i = 0; i < count; i++)
    urls.push(await startNode(path.join(folder, `node-${i + 1}.log`), env, undo));
  return { urls, adminEnv: env };
}

/** Removes the limits. An empty value means the default, whatever the environment of this process contains. */
function settings(count: number, folder: string): NodeJS.ProcessEnv {
  const dataDir = path.join(folder, 'data');
  mkdirSync(dataDir, { mode: 0o711 });
  return {
    ...process.env,
    NODE_ENV: 'development',
    HOST: '127.0.0.1',
    DATABASE_URL: '',
    REDIS_URL: '',
    DATA_DIR: dataDir,
    DATABASE_POOL_SIZE: String(
      Math.max(8, Math.min(POOL_SIZE, Math.floor(MAX_DATABASE_CONNECTIONS / count))),
    ),
    JWT_SECRET: randomBytes(48).toString('base64url'),
    JWT_SECRET_PREVIOUS: '',
    LOG_LEVEL: 'warn',
    POSTS_PER_SECOND: '1000000',
    POSTS_BURST: '1000000',
    CHANGES_PER_SECOND: '1000000',
    CHANGES_BURST: '1000000',
    COST_PER_SECOND: '1000000000',
    COST_BURST: '1000000000',
    DRAIN_SECONDS: '1',
  };
}

async function startServices(folder: string, undo: Undo): Promise<NodeJS.ProcessEnv> {
  const redisUrl = await startRedis(folder, undo);
  const postgres = await startEmbeddedPostgres({ dataDir: path.join(folder, 'postgres') });
  undo.push(() => postgres.stop());
  return { DATABASE_URL: postgres.url, REDIS_URL: redisUrl };
}

async function startRedis(folder: string, undo: Undo): Promise<string> {
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ];
  const logFile = path.join(folder, 'redis.log');
  const child = await launch('redis-server', args, logFile, {}).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Error(
      'Several nodes need redis-server on the PATH (Redis 7 or newer, e.g. apt-get install redis-server). ' +
        'Use --nodes 1, or --url with nodes that run already.',
    );
  });
  undo.push(() => end(child));
  await until(child, logFile, () => readFileSync(logFile, 'utf8').includes('Ready to accept connections'));
  return `redis://127.0.0.1:${port}`;
}

async function startNode(logFile: string, env: NodeJS.ProcessEnv, undo: Undo): Promise<string> {
  const [port, opsPort] = [await freePort(), await freePort()];
  // Not in a folder with a .env for other nodes.
  const options = {
    cwd: path.dirname(logFile),
    env: { ...env, PORT: String(port), OPS_PORT: String(opsPort) },
  };
  const child = await launch(process.execPath, [...nodeFlags, MAIN], logFile, options);
  undo.push(() => end(child));
  const url = `http://127.0.0.1:${port}/graphql`;
  await until(child, logFile, () => answers(url));
  return url;
}

async function answers(url: string): Promise<boolean> {
  const body = JSON.stringify({ query: '{ serverInfo { version } }' });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(5_000),
  }).catch(() => null);
  await response?.text();
  return response?.ok ?? false;
}

async function launch(
  command: string,
  args: string[],
  logFile: string,
  options: SpawnOptions,
): Promise<ChildProcess> {
  const output = openSync(logFile, 'a', 0o600);
  // In its own session: Ctrl-C reaches only this process, which stops the child after the processes that depend on it.
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  await once(child, 'spawn');
  return child;
}

async function until(
  child: ChildProcess,
  logFile: string,
  isReady: () => boolean | Promise<boolean>,
): Promise<void> {
  const giveUpAt = performance.now() + START_PATIENCE_MS;
  while (!(await isReady())) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (hasEnded || performance.now() > giveUpAt) {
      const said = readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n');
      throw new Error(
        `${path.basename(logFile, '.log')} ${hasEnded ? 'ended at once' : 'does not answer'}:\n${said}`,
      );
    }
    await delay(50);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const axe = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
  await exit;
  clearTimeout(axe);
}
