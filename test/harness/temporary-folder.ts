import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { freemem, platform, tmpdir } from 'node:os';

const IN_MEMORY = '/dev/shm';
/** A run needs less than a third of it. */
const ENOUGH_BYTES = 6 * 1024 ** 3;

/**
 * Where the tests keep their databases: in memory where there is room, because then no commit waits for a disk. Whoever
 * sets TMPDIR decides.
 */
export function temporaryFolder(): string {
  return process.env['TMPDIR'] ?? (isMemoryUsable() ? IN_MEMORY : tmpdir());
}

function isMemoryUsable(): boolean {
  if (platform() !== 'linux' || !existsSync(IN_MEMORY) || freemem() < ENOUGH_BYTES) return false;
  const { bavail, bsize } = statfsSync(IN_MEMORY);
  return bavail * bsize >= ENOUGH_BYTES && mayRunPrograms();
}

/** Tests also start programs there. Containers often forbid it. */
function mayRunPrograms(): boolean {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const mount = mounts.findLast((line) => line.split(' ')[1] === IN_MEMORY);
  return mount !== undefined && !mount.split(' ')[3]?.split(',').includes('noexec');
}
