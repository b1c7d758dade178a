import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processStamp } from '../platform/processes.ts';

/** Another live process holds the folder. */
export class FolderInUse extends Error {
  override name = 'FolderInUse';
  readonly folder: string;
  readonly pid: number;

  constructor(folder: string, pid: number) {
    super(`The data folder ${folder} is in use by process ${pid}.`);
    this.folder = folder;
    this.pid = pid;
  }
}

export interface FolderLock {
  /** Releases the folder. Calling it again has no effect. */
  release(): void;
}

interface Claim {
  pid: number;
  /** The start time of that process, because another process may have the same pid now. */
  stamp: string;
  token: string;
}

/**
 * Locks `folder` for this process until `release()` or the end of the process. The lock of a dead process is taken
 * over. At most one of several simultaneous callers succeeds.
 *
 * @throws FolderInUse
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const file = path.join(folder, 'parley.lock');
  const claim = JSON.stringify({
    pid: process.pid,
    stamp: processStamp(process.pid) ?? '',
    token: randomUUID(),
  } satisfies Claim);
  await acquire(file, claim);
  return { release: () => remove(file, claim) };
}

async function acquire(file: string, claim: string): Promise<void> {
  while (!place(file, claim)) {
    const held = read(file);
    if (held === undefined) continue;
    const holder = liveHolder(held);
    if (holder) throw new FolderInUse(path.dirname(file), holder.pid);
    if (await takeOver(file, held, claim)) return;
    await delay(1);
  }
}

/**
 * Replaces the lock of a dead holder. Two processes may have seen the same dead lock, and the slower one must not
 * remove the lock of the faster one. So only the holder of a second lock, named after the dead one, may replace it, and
 * only while it still exists. A crash can also leave the second lock; the same rule replaces it.
 */
async function takeOver(file: string, dead: string, claim: string): Promise<boolean> {
  const guard = path.join(path.dirname(file), `parley.lock.${tokenOf(dead)}`);
  await acquire(guard, claim);
  try {
    if (read(file) !== dead) return false;
    renameSync(writeAside(file, claim), file);
    return true;
  } finally {
    remove(guard, claim);
  }
}

/** Creates the lock in one step, including its contents, so that no process reads half a claim. */
function place(file: string, claim: string): boolean {
  const aside = writeAside(file, claim);
  try {
    linkSync(aside, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function writeAside(file: string, claim: string): string {
  const aside = `${file}.${randomUUID()}.new`;
  writeFileSync(aside, claim, { mode: 0o600 });
  return aside;
}

function remove(file: string, claim: string): void {
  if (read(file) === claim) rmSync(file, { force: true });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function liveHolder(text: string): Claim | undefined {
  const claim = parse(text);
  return claim && processStamp(claim.pid) === claim.stamp ? claim : undefined;
}

// Only a power cut leaves anything else than a claim; its writer is certainly dead.
function parse(text: string): Claim | undefined {
  try {
    return JSON.parse(text) as Claim;
  } catch {
    return undefined;
  }
}

function tokenOf(text: string): string {
  return parse(text)?.token ?? 'unreadable';
}
