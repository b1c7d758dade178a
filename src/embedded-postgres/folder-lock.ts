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
  /** Gives the folder free; harmless when called again. */
  release(): void;
}

interface Claim {
  pid: number;
  /** When that process started: a pid alone may by now be somebody else's. */
  stamp: string;
  token: string;
}

/**
 * Takes `folder` for this process until `release()` or the end of the process, whichever comes first: the
 * lock of a process that is gone is taken over. At most one of any number of simultaneous callers gets it.
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
 * Replaces the lock of a dead holder. Two starters may have seen the same dead lock, and the slower one
 * must not remove what the quicker one has put there: only the holder of a second lock, named after the
 * dead one, may replace it, and only while it is still there. The second lock may itself have been left by
 * a crash; the same rule takes it.
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

/** Creates the lock in one step, contents included, so that nobody ever reads half a claim. */
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

// Only a power cut leaves something else than a claim; its writer is gone for sure.
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
