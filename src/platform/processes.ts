import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Identifies a process, to distinguish it from a later one with the same pid: by its start time and, on Linux, the
 * boot. Undefined if there is no such process, or only its zombie.
 */
export function processStamp(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxStamp(pid);
  if (!isAnswering(pid)) return undefined;
  if (process.platform === 'win32') return 'running';
  return ps(pid, 'lstart=');
}

/** The command line of a running process, arguments separated by spaces; '' if the system does not provide it. */
export function processCommand(pid: number): string {
  if (process.platform === 'win32') return '';
  if (process.platform !== 'linux') return ps(pid, 'command=') ?? '';
  return readText(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') ?? '';
}

function linuxStamp(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name, in second place, may contain blanks and brackets. The state is third, the start (in ticks) twenty-second.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  return `${boot}:${fields[19]}`;
}

function isAnswering(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function ps(pid: number, column: string): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' });
  return stdout?.trim() || undefined;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
