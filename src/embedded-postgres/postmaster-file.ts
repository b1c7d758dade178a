import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { processCommand, processStamp } from '../platform/processes.ts';
import type { PostgresFolder } from './folder.ts';

// The largest pid that fits; no system assigns it.
const IMPOSSIBLE_PID = 2_147_483_647;

/** Reads PostgreSQL's own lock file. Returns undefined if no server runs, or if a server is just writing the file. */
export function readPostmasterFile({ cluster }: PostgresFolder): { pid: number; port: number } | undefined {
  const file = path.join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  // Its lines: process, folder, start time, port, ...
  const [pid, , , port] = readFileSync(file, 'utf8').split('\n').map(Number);
  return pid ? { pid, port: port ?? 0 } : undefined;
}

export function isPostmasterOf({ cluster }: PostgresFolder, pid: number): boolean {
  const command = processCommand(pid);
  // If commands cannot be read, a running process is accepted: the port and the password decide.
  return command === '' || (command.includes('postgres') && command.includes(` -D ${cluster} -p `));
}

/** Whether a server runs on the cluster. */
export function isServed(folder: PostgresFolder): boolean {
  const left = readPostmasterFile(folder);
  return left !== undefined && processStamp(left.pid) !== undefined && isPostmasterOf(folder, left.pid);
}

/**
 * PostgreSQL does not start while the process named in its lock file exists, even if that is another program now, or a
 * zombie. So this writes the number of a process that cannot exist. The file stays: PostgreSQL uses the shared memory
 * named in it to find backends that outlived their postmaster.
 */
export function disown({ cluster }: PostgresFolder): void {
  const file = path.join(cluster, 'postmaster.pid');
  const [, ...rest] = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, [IMPOSSIBLE_PID, ...rest].join('\n'));
}
