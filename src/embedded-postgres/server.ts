import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { PollDeadline } from '../platform/poll-deadline.ts';
import { freePort } from '../platform/ports.ts';
import { processStamp } from '../platform/processes.ts';
import { EmbeddedPostgresError, type PostgresBinaries } from './binaries.ts';
import { openDatabase } from './connection.ts';
import { POSTGRES_ENV, type PostgresFolder } from './folder.ts';

// The process of the embedded server: its start, its end and its log.

const MAX_LOG_BYTES = 10 * 1024 * 1024;

// Recovery after a crash replays the log since the last checkpoint, so it may take minutes on a slow disk.
export const START_PATIENCE_MS = 5 * 60_000;

// Temporary problems: another program took the port, or backends that outlived their postmaster still end.
const PASSING_TROUBLE =
  /could not bind|could not create any TCP\/IP sockets|pre-existing shared memory block/;
const RETRY_PATIENCE_MS = 30_000;

// Fast shutdown, which writes a checkpoint; immediate shutdown, which leaves recovery to the next start; SIGKILL.
const STOP_STEPS = [
  { signal: 'SIGINT', patienceMs: 30_000 },
  { signal: 'SIGQUIT', patienceMs: 5_000 },
  { signal: 'SIGKILL', patienceMs: 5_000 },
] as const;

/** The parameters of a server. */
export interface Supervisor {
  readonly folder: PostgresFolder;
  readonly binaries: PostgresBinaries;
  readonly password: string;
  readonly log: (line: string) => void;
  /** Set when the server is no longer needed: a running start is aborted. */
  isStopping: boolean;
}

export interface Server {
  readonly port: number;
  readonly pid: number;
  /** When the process started, because the pid may belong to another process at the time of a signal. */
  readonly stamp: string;
}

/**
 * Starts a server and resolves when it answers.
 * @throws EmbeddedPostgresError with the message of PostgreSQL
 */
export async function launch(supervisor: Supervisor, port?: number): Promise<Server> {
  const { folder } = supervisor;
  const deadline = new PollDeadline(RETRY_PATIENCE_MS);
  for (;;) {
    const logStart = openLog(folder);
    const server = await spawnServer(supervisor, port ?? (await freePort()));
    try {
      await waitUntilOpen(supervisor, server);
      return server;
    } catch (error) {
      await stopServer(server);
      const said = readLog(folder, logStart);
      if (supervisor.isStopping || !PASSING_TROUBLE.test(said) || !(await deadline.wait()))
        throw startFailure(folder, said, error as Error);
    }
  }
}

async function spawnServer({ folder, binaries }: Supervisor, port: number): Promise<Server> {
  const output = openSync(folder.logFile, 'a', 0o600);
  const options = ['listen_addresses=127.0.0.1', 'unix_socket_directories='].flatMap((option) => [
    '-c',
    option,
  ]);
  const child = spawn(binaries.postgres, ['-D', folder.cluster, '-p', String(port), ...options], {
    ...folder.user,
    cwd: folder.cluster,
    env: POSTGRES_ENV,
    // In its own session, so that Ctrl-C reaches only this process: it stops the server after the last request.
    detached: true,
    windowsHide: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  await once(child, 'spawn');
  child.unref();
  const pid = child.pid ?? 0;
  return { port, pid, stamp: processStamp(pid) ?? 'ended' };
}

async function waitUntilOpen(supervisor: Supervisor, server: Server): Promise<void> {
  const deadline = new PollDeadline(START_PATIENCE_MS);
  while (!(await openDatabase(supervisor.folder, server.port, supervisor.password))) {
    if (supervisor.isStopping) throw new Error('it is not wanted any more');
    if (!isRunning(server)) throw new Error('it ended at once');
    if (!(await deadline.wait())) throw new Error('it took too long');
  }
}

function startFailure({ root }: PostgresFolder, said: string, error: Error): Error {
  const lines = said.split('\n').filter((line) => /FATAL|PANIC|HINT|DETAIL|error/.test(line));
  const reason = lines.join(' ').trim() || error.message;
  return new EmbeddedPostgresError(`PostgreSQL did not start in ${root}: ${reason}`);
}

// ---- Its end ------------------------------------------------------------------------------------

export async function stopServer(server: Server): Promise<void> {
  for (const { signal, patienceMs } of STOP_STEPS) {
    if (!isRunning(server)) return;
    process.kill(server.pid, signal);
    if (await hasEnded(server, patienceMs)) return;
  }
  throw new EmbeddedPostgresError(`PostgreSQL, process ${server.pid}, cannot be stopped.`);
}

async function hasEnded(server: Server, patienceMs: number): Promise<boolean> {
  const deadline = new PollDeadline(patienceMs);
  while (isRunning(server)) {
    if (!(await deadline.wait())) return false;
  }
  return true;
}

export function isRunning({ pid, stamp }: Server): boolean {
  return processStamp(pid) === stamp;
}

// ---- Its log ------------------------------------------------------------------------------------

/** Returns the size of the log before new lines, in bytes. One older file is kept. */
function openLog({ logFile }: PostgresFolder): number {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= MAX_LOG_BYTES) return size;
  renameSync(logFile, `${logFile}.1`);
  return 0;
}

function readLog({ logFile }: PostgresFolder, start: number): string {
  return readFileSync(logFile).subarray(start).toString('utf8');
}
