import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '../../scripts/node-flags.ts';

export interface NodeOptions {
  /** Without it, the node runs its own database in `env.DATA_DIR`. */
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  readonly env?: Record<string, string>;
  /** What to run instead of dist/main.js. */
  readonly main?: string;
  /** Its working folder. By default a folder without a .env file of a developer. */
  readonly cwd?: string;
  /** The user that runs it, if this process is root. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** How a process ended: with a code, or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One line of the log. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly correlationId?: string;
  readonly [field: string]: unknown;
}

/** A real node in its own process. */
export interface TestNode {
  /** Of the API over HTTP. */
  readonly url: string;
  /** Of the API over WebSocket. */
  readonly wsUrl: string;
  /** Of the operations port, without a path. */
  readonly opsUrl: string;
  readonly pid: number;
  /** Resolves when the process has ended, for any reason. */
  readonly exited: Promise<Exit>;
  /** Everything it wrote so far, to both outputs. */
  output(): string;
  /** Its log lines so far. */
  log(): LogLine[];
  /** Resolves with the first line, past or future, that fits. */
  logged(fits: (line: LogLine) => boolean): Promise<LogLine>;
  /** Every sample by its name with labels, e.g. `parley_streams` or `parley_stream_ends_total{reason="SESSION_ENDED"}`. */
  metrics(): Promise<Record<string, number>>;
  signal(name: NodeJS.Signals): void;
  /** Stops it in order, like an operator; resolves with its exit code. Fails if it had ended by itself. */
  stop(): Promise<number | null>;
  /** At once, as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
// For what nodes of tests write that have a database elsewhere.
const DATA_DIR = path.join(tmpdir(), `parley-test-data-${process.pid}`);
const START_PATIENCE_MS = 90_000;
const STOP_PATIENCE_MS = 90_000;
const LOG_PATIENCE_MS = 60_000;

/** Nodes of one test share it, so that tokens of one are good at the others. */
export const JWT_SECRET = 'only-for-tests: 7c1f0b0d9a5e4f6bb1c2d3e4f5a69788';

const running = new Set<ChildProcess>();
process.once('exit', () => {
  killNodes();
  rmSync(DATA_DIR, { recursive: true, force: true });
});

/** Ends every remaining node at once. */
export function killNodes(): void {
  for (const child of running) child.kill('SIGKILL');
}

/**
 * Starts a node and resolves when it is ready.
 * @throws Error with its whole output, if it does not start
 */
export async function startNode(options: NodeOptions): Promise<TestNode> {
  const node = launchNode(options);
  const ready = await node.logged(({ msg }) => msg === 'ready', START_PATIENCE_MS);
  return node.ready(ready);
}

/** A node that is expected to end by itself: resolves with its exit and its output. */
export async function attemptNode(options: NodeOptions): Promise<Exit & { readonly output: string }> {
  const node = launchNode(options);
  const exit = await inTime(
    node.exited,
    START_PATIENCE_MS,
    () => `The node did not end by itself.\n${node.output()}`,
  );
  return { ...exit, output: node.output() };
}

function launchNode({ databaseUrl, redisUrl, env = {}, main = MAIN, cwd = tmpdir(), user }: NodeOptions) {
  if (!existsSync(main)) throw new Error('The tests run what is built: npm run build');
  const child = spawn(process.execPath, [...nodeFlags, main], {
    ...user,
    cwd,
    // Without the developer's settings.
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      PORT: '0',
      OPS_PORT: '0',
      JWT_SECRET,
      ...(databaseUrl && { DATABASE_URL: databaseUrl, DATA_DIR }),
      ...(redisUrl && { REDIS_URL: redisUrl }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let wasSignalled = false;
  const said: string[] = [];
  const lines: LogLine[] = [];
  const listeners = new Set<() => void>();
  const wake = () => {
    for (const listener of listeners) listener();
  };
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (text) => {
      said.push(text);
      const line = parsed(text);
      if (line) lines.push(line);
      wake();
    });
  }
  // `close` and not `exit`: then its whole output has been read.
  const exited = once(child, 'close').then(([code, signal]): Exit => {
    running.delete(child);
    setImmediate(wake);
    return { code, signal };
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const output = () => said.join('\n');

  async function logged(fits: (line: LogLine) => boolean, patienceMs = LOG_PATIENCE_MS): Promise<LogLine> {
    const found = new Promise<LogLine>((resolve, reject) => {
      const look = () => {
        const line = lines.find(fits);
        if (line) resolve(line);
        else if (hasEnded())
          reject(new Error(`The node ended (${child.exitCode ?? child.signalCode}). It said:\n${output()}`));
        if (line || hasEnded()) listeners.delete(look);
      };
      listeners.add(look);
      look();
    });
    return inTime(found, patienceMs, () => `The node did not log what was expected. It said:\n${output()}`);
  }

  async function stop(): Promise<number | null> {
    if (hasEnded() && !wasSignalled)
      throw new Error(`The node had ended by itself (${child.exitCode}). It said:\n${output()}`);
    // A second signal would end it at once.
    if (!wasSignalled) signal('SIGTERM');
    const { code } = await inTime(
      exited,
      STOP_PATIENCE_MS,
      () => `The node did not stop. It said:\n${output()}`,
    );
    return code;
  }

  async function kill(): Promise<void> {
    signal('SIGKILL');
    await exited;
  }

  function signal(name: NodeJS.Signals): void {
    wasSignalled = true;
    child.kill(name);
  }

  const ready = (line: LogLine): TestNode => {
    const url = String(line['url']);
    const opsUrl = new URL(String(line['metrics'])).origin;
    return {
      url,
      wsUrl: url.replace(/^http/, 'ws'),
      opsUrl,
      pid: child.pid ?? 0,
      exited,
      output,
      log: () => [...lines],
      logged,
      metrics: async () => samplesOf(await (await fetch(`${opsUrl}/metrics`)).text()),
      signal,
      stop,
      kill,
    };
  };
  return { exited, output, logged, ready };
}

function parsed(text: string): LogLine | null {
  if (!text.startsWith('{')) return null;
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return null;
  }
}

function samplesOf(text: string): Record<string, number> {
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    samples.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

async function inTime<Value>(value: Promise<Value>, ms: number, complain: () => string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(complain())), ms);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}
