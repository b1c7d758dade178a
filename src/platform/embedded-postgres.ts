import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { FolderInUse, type FolderLock, lockFolder } from './folder-lock.ts';
import { freePort } from './ports.ts';
import { EmbeddedPostgresError, findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import {
  checkFolder,
  initialise,
  isInitialised,
  openPostgresFolder,
  POSTGRES_ENV,
  type PostgresFolder,
  readPassword,
  SUPERUSER,
} from './postgres-folder.ts';
import { processCommand, processStamp } from './processes.ts';

export { EmbeddedPostgresError } from './postgres-binaries.ts';

const DATABASE = 'parley';
const MAX_LOG_BYTES = 10 * 1024 * 1024;

// Waiting asks often at first and seldom later: a database in recovery logs every question.
const FIRST_POLL_MS = 5;
const LAST_POLL_MS = 250;

// Recovery after a crash replays the log since the last checkpoint, so it may take minutes on a slow disk.
const START_PATIENCE_MS = 5 * 60_000;

// Trouble that passes: another program took the port; backends that outlived their postmaster still end.
const PASSING_TROUBLE =
  /could not bind|could not create any TCP\/IP sockets|pre-existing shared memory block/;
const RETRY_PATIENCE_MS = 30_000;

// The largest pid that fits; no system gives it out.
const IMPOSSIBLE_PID = 2_147_483_647;

// Fast shutdown, which writes a checkpoint; immediate, which leaves recovery to the next start; the axe.
const STOP_STEPS = [
  { signal: 'SIGINT', patienceMs: 30_000 },
  { signal: 'SIGQUIT', patienceMs: 5_000 },
  { signal: 'SIGKILL', patienceMs: 5_000 },
] as const;

export interface EmbeddedPostgresOptions {
  /** Made if need be; may be relative to the working directory. */
  dataDir: string;
  /** Told in one line what happens: made, adopted, replaced, gone. */
  log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** With the password; never log it. */
  readonly url: string;
  readonly port: number;
  /** The postmaster. */
  readonly pid: number;
  /** The database was made by this start. */
  readonly cold: boolean;
  /** The server was still running, left by a process that was killed. */
  readonly adopted: boolean;
  /** Shuts the server down and gives the data folder free. Calling it again waits for the same end. */
  stop(): Promise<void>;
}

interface Supervisor {
  folder: PostgresFolder;
  binaries: PostgresBinaries;
  log: (line: string) => void;
}

interface Server {
  port: number;
  pid: number;
  /** When the process started: by the time of a signal the pid could be somebody else's. */
  stamp: string;
  stopping?: boolean;
}

/**
 * Runs a PostgreSQL server of our own on loopback, with its data in `dataDir`. It survives the death of
 * this process (the next start adopts it), signals of the terminal do not reach it, and at most one process
 * uses a data folder.
 *
 * @throws EmbeddedPostgresError with one line for the operator.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = await findPostgresBinaries();
  const folder = openPostgresFolder(options.dataDir);
  const lock = await takeFolder(folder);
  try {
    return await start({ folder, binaries, log: options.log ?? (() => {}) }, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function takeFolder({ root }: PostgresFolder): Promise<FolderLock> {
  try {
    return await lockFolder(root);
  } catch (error) {
    const advice = 'Stop that one, give this one another DATA_DIR, or let both use one DATABASE_URL.';
    const { message } = error as Error;
    throw new EmbeddedPostgresError(
      error instanceof FolderInUse
        ? `${message} ${advice}`
        : `The data folder ${root} cannot be used: ${message}`,
    );
  }
}

async function start(supervisor: Supervisor, lock: FolderLock): Promise<EmbeddedPostgres> {
  const { folder, binaries, log } = supervisor;
  checkFolder(folder, binaries);
  const cold = !isInitialised(folder);
  if (cold) {
    log(`making a database in ${folder.root}`);
    await initialise(folder, binaries);
  }
  const password = readPassword(folder);
  const left = cold ? undefined : await adopt(supervisor, password);
  const server = left ?? (await launch(supervisor, password));
  log(`PostgreSQL ${left ? 'was still running' : 'runs'} on port ${server.port}, process ${server.pid}`);
  let stopped: Promise<void> | undefined;
  return {
    url: urlOf(server.port, password, DATABASE),
    port: server.port,
    pid: server.pid,
    cold,
    adopted: left !== undefined,
    stop: () => (stopped ??= stopServer(server).finally(() => lock.release())),
  };
}

function urlOf(port: number, password: string, database: string): string {
  return `postgresql://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

// ---- A server left by a process that was killed -------------------------------------------------

/** That server, once it answers. Undefined when there is none, or when it ends while we look at it. */
async function adopt({ folder, log }: Supervisor, password: string): Promise<Server | undefined> {
  const patience = new Patience(START_PATIENCE_MS);
  for (;;) {
    const left = readPostmasterFile(folder);
    if (!left) return undefined;
    const stamp = processStamp(left.pid);
    if (!stamp || !isPostmasterOf(folder, left.pid)) {
      log(`the PostgreSQL of ${folder.root}, process ${left.pid}, has died`);
      disown(folder);
      return undefined;
    }
    if (await openDatabase(folder, left.port, password)) return { ...left, stamp };
    if (!(await patience.wait()))
      throw new EmbeddedPostgresError(`PostgreSQL, process ${left.pid}, does not answer.`);
  }
}

/** PostgreSQL's own lock file; undefined when no server runs or one is only just writing it. */
function readPostmasterFile({ cluster }: PostgresFolder): { pid: number; port: number } | undefined {
  const file = path.join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  // Its lines: process, folder, start time, port, ...
  const [pid, , , port] = readFileSync(file, 'utf8').split('\n').map(Number);
  return pid ? { pid, port: port ?? 0 } : undefined;
}

function isPostmasterOf({ cluster }: PostgresFolder, pid: number): boolean {
  const command = processCommand(pid);
  // Where commands cannot be seen, a running process has to be believed: the port and the password decide.
  return command === '' || (command.includes('postgres') && command.includes(` -D ${cluster} -p `));
}

/**
 * PostgreSQL does not start while the process named in its lock file is there, be it another program by
 * now, or a zombie that nobody has reaped. So the file gets to name a process that cannot exist. It is not
 * removed: by the shared memory that it also names PostgreSQL sees backends that have outlived their
 * postmaster.
 */
function disown({ cluster }: PostgresFolder): void {
  const file = path.join(cluster, 'postmaster.pid');
  const [, ...rest] = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, [IMPOSSIBLE_PID, ...rest].join('\n'));
}

// ---- A server of our own ------------------------------------------------------------------------

async function launch(supervisor: Supervisor, password: string): Promise<Server> {
  const { folder } = supervisor;
  const patience = new Patience(RETRY_PATIENCE_MS);
  for (;;) {
    const logStart = openLog(folder);
    const server = await spawnServer(supervisor);
    try {
      await waitUntilOpen(folder, server, password);
      return server;
    } catch (error) {
      await stopServer(server);
      const said = readLog(folder, logStart);
      if (!PASSING_TROUBLE.test(said) || !(await patience.wait()))
        throw startFailure(folder, said, error as Error);
    }
  }
}

async function spawnServer({ folder, binaries, log }: Supervisor): Promise<Server> {
  const port = await freePort();
  const output = openSync(folder.logFile, 'a', 0o600);
  const options = ['listen_addresses=127.0.0.1', 'unix_socket_directories='].flatMap((option) => [
    '-c',
    option,
  ]);
  const child = spawn(binaries.postgres, ['-D', folder.cluster, '-p', String(port), ...options], {
    ...folder.user,
    cwd: folder.cluster,
    env: POSTGRES_ENV,
    // In a session of its own, so that Ctrl-C reaches only us: we stop the server after the last request.
    detached: true,
    windowsHide: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  await once(child, 'spawn');
  child.unref();
  const server: Server = { port, pid: child.pid ?? 0, stamp: processStamp(child.pid ?? 0) ?? 'ended' };
  child.once('exit', (code, signal) => {
    if (!server.stopping) log(`PostgreSQL ended by itself (${signal ?? code}); see ${folder.logFile}`);
  });
  return server;
}

async function waitUntilOpen(folder: PostgresFolder, server: Server, password: string): Promise<void> {
  const patience = new Patience(START_PATIENCE_MS);
  while (!(await openDatabase(folder, server.port, password))) {
    if (!isRunning(server)) throw new Error('it ended at once');
    if (!(await patience.wait())) throw new Error('it took too long');
  }
}

function startFailure({ root }: PostgresFolder, said: string, error: Error): Error {
  const lines = said.split('\n').filter((line) => /FATAL|PANIC|HINT|DETAIL|error/.test(line));
  const reason = lines.join(' ').trim() || error.message;
  return new EmbeddedPostgresError(`PostgreSQL did not start in ${root}: ${reason}`);
}

/**
 * Connects once, makes sure that it is our server and that it has our database. False when it does not
 * answer yet.
 *
 * @throws EmbeddedPostgresError when it is not ours.
 */
async function openDatabase({ cluster }: PostgresFolder, port: number, password: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: urlOf(port, password, 'postgres'), ssl: false });
  client.on('error', () => {}); // a connection that breaks also rejects what waits for it
  try {
    await client.connect();
  } catch (error) {
    if (isNotReady(error as NodeJS.ErrnoException)) return false;
    throw new EmbeddedPostgresError(
      `PostgreSQL on port ${port} does not let us in: ${(error as Error).message}`,
    );
  }
  try {
    await checkDatabase(client, cluster);
    return true;
  } finally {
    await client.end();
  }
}

async function checkDatabase(client: pg.Client, cluster: string): Promise<void> {
  const { rows } = await client.query<{ directory: string; made: boolean }>(
    `SELECT current_setting('data_directory') AS directory,
            EXISTS (SELECT FROM pg_database WHERE datname = '${DATABASE}') AS made`,
  );
  const { directory = '', made = false } = rows[0] ?? {};
  if (path.resolve(directory) !== cluster) {
    throw new EmbeddedPostgresError(
      `Another PostgreSQL, of ${directory}, answers in place of the one of ${cluster}.`,
    );
  }
  if (!made) await client.query(`CREATE DATABASE ${DATABASE}`);
}

// Nobody listens yet; it starts, recovers or shuts down (57P03); it hung up in the middle of the greeting.
function isNotReady(error: NodeJS.ErrnoException): boolean {
  if (error.code === undefined) return error.message.startsWith('Connection terminated');
  return ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P03'].includes(error.code);
}

// ---- The end ------------------------------------------------------------------------------------

async function stopServer(server: Server): Promise<void> {
  server.stopping = true;
  for (const { signal, patienceMs } of STOP_STEPS) {
    if (!isRunning(server)) return;
    process.kill(server.pid, signal);
    if (await hasEnded(server, patienceMs)) return;
  }
  throw new EmbeddedPostgresError(`PostgreSQL, process ${server.pid}, cannot be stopped.`);
}

async function hasEnded(server: Server, patienceMs: number): Promise<boolean> {
  const patience = new Patience(patienceMs);
  while (isRunning(server)) {
    if (!(await patience.wait())) return false;
  }
  return true;
}

function isRunning({ pid, stamp }: Server): boolean {
  return processStamp(pid) === stamp;
}

class Patience {
  private pause = FIRST_POLL_MS;
  private readonly giveUpAt: number;

  constructor(patienceMs: number) {
    this.giveUpAt = Date.now() + patienceMs;
  }

  /** Waits a little. False when there is no patience left. */
  async wait(): Promise<boolean> {
    if (Date.now() > this.giveUpAt) return false;
    await delay(this.pause);
    this.pause = Math.min(this.pause * 1.2, LAST_POLL_MS);
    return true;
  }
}

// ---- Its log ------------------------------------------------------------------------------------

/** Where what is written from now on starts, in bytes. One older file is kept. */
function openLog({ logFile }: PostgresFolder): number {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= MAX_LOG_BYTES) return size;
  renameSync(logFile, `${logFile}.1`);
  return 0;
}

function readLog({ logFile }: PostgresFolder, start: number): string {
  return readFileSync(logFile).subarray(start).toString('utf8');
}
