import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { freePort } from '../../src/platform/ports.ts';
import { installPackage } from './packages.ts';

const run = promisify(execFile);

/** A Redis of a test's own, empty and on loopback, to be stopped or killed at will. */
export interface Redis {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now: another one after `restart()`. */
  readonly pid: number;
  /** At once, as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
  /** In order. Harmless when it has ended already. */
  stop(): Promise<void>;
  /** Starts again on the same port, empty; first stops it if it still runs. */
  restart(): Promise<void>;
}

/** Resolves when Redis accepts connections. `settings` come first on its command line: a file, or options. */
export async function startRedis(settings: readonly string[] = []): Promise<Redis> {
  const port = await freePort();
  let child = await launch(port, settings);
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return child.pid ?? 0;
    },
    kill: () => end(child, 'SIGKILL'),
    stop: () => end(child, 'SIGTERM'),
    async restart() {
      await end(child, 'SIGTERM');
      child = await launch(port, settings);
    },
  };
}

/**
 * Ensures that `redis-server` can be started: as root on Debian and Ubuntu by installing it.
 *
 * @throws Error that says what to install.
 */
export async function ensureRedis(): Promise<void> {
  if (await isInstalled()) return;
  await installPackage('redis-server');
  if (await isInstalled()) return;
  throw new Error(
    'The tests need redis-server on the PATH. Install Redis 7 or newer, e.g. apt-get install redis-server.',
  );
}

async function launch(port: number, settings: readonly string[]): Promise<ChildProcess> {
  const options = [
    ...settings,
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`redis-server did not start: ${said.trim()}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Ready to accept connections')) resolve();
    });
  });
  child.stdout.removeAllListeners('data').resume();
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

async function isInstalled(): Promise<boolean> {
  return run('redis-server', ['--version']).then(
    () => true,
    () => false,
  );
}
