import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { processCommand, processStamp } from '../platform/processes.ts';
import type { PostgresFolder } from './folder.ts';

// The largest pid that fits; no system gives it out.
const IMPOSSIBLE_PID = 2_147_483_647;

/** PostgreSQL's own lock file; undefined when no server runs or one is only just writing it. */
export function readPostmasterFile({ cluster }: PostgresFolder): { pid: number; port: number } | undefined {
  const file = path.join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  // Its lines: process, folder, start time, port, ...
  const [pid, , , port] = readFileSync(file, 'utf8').split('\n').map(Number);
  return pid ? { pid, port: port ?? 0 } : undefined;
}

export function isPostmasterOf({ cluster }: PostgresFolder, pid: number): boolean {
  const command = processCommand(pid);
  // Where commands cannot be seen, a running process has to be believed: the port and the password decide.
  return command === '' || (command.includes('postgres') && command.includes(` -D ${cluster} -p `));
}

/** A server runs on the cluster. */
export function isServed(folder: PostgresFolder): boolean {
  const left = readPostmasterFile(folder);
  return left !== undefined && processStamp(left.pid) !== undefined && isPostmasterOf(folder, left.pid);
}

/**
 * PostgreSQL does not start while the process named in its lock file is there, be it another program by
 * now, or a zombie that nobody has reaped. So the file gets to name a process that cannot exist. It is not
 * removed: by the shared memory that it also names PostgreSQL sees backends that have outlived their
 * postmaster.
 */
export function disown({ cluster }: PostgresFolder): void {
  const file = path.join(cluster, 'postmaster.pid');
  const [, ...rest] = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, [IMPOSSIBLE_PID, ...rest].join('\n'));
}
