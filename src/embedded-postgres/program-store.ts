import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { EmbeddedPostgresError, type PostgresBinaries } from './binaries.ts';
import { firstBarrier, type SystemUser } from './user.ts';

// If root starts the node, PostgreSQL runs as another user, which cannot enter folders such as /root. The store then
// contains the files that this user needs, and no permissions change.

/** The store: owned by root, readable for all users. Only root uses it. */
export const STORE = '/var/lib/parley';

/** A file in a folder of the store that names the data folder of its database. */
export const OWNER_FILE = 'data-folder';

/** A new folder of the store for the database of the data folder `root`. */
export function newStoreFolder(root: string, user: SystemUser): string {
  const folder = mkdtempSync(path.join(openStore(user), 'data-'));
  chmodSync(folder, 0o711);
  writeFileSync(path.join(folder, OWNER_FILE), `${root}\n`);
  return folder;
}

/** Returns the folder of the store that contains `cluster`. */
export function storeFolderOf(cluster: string): string | undefined {
  const folder = path.dirname(cluster);
  return existsSync(path.join(folder, OWNER_FILE)) ? folder : undefined;
}

/** Returns the programs where `user` can run them. Copies them to the store if necessary, once for each version. */
export function reachableBinaries(
  binaries: PostgresBinaries,
  user: SystemUser | undefined,
): PostgresBinaries {
  if (!user || isReachable(binaries, user)) return binaries;
  const target = path.join(
    openStore(user),
    `postgresql-${binaries.version}-${process.platform}-${process.arch}`,
  );
  if (!existsSync(target)) copyProgram(binaries.root, target);
  const moved = (file: string) => path.join(target, path.relative(binaries.root, file));
  return { ...binaries, root: target, initdb: moved(binaries.initdb), postgres: moved(binaries.postgres) };
}

/** A umask of root can hide the files as well as the folders. */
function isReachable({ initdb, postgres }: PostgresBinaries, user: SystemUser): boolean {
  const isOpen = (file: string) => (statSync(file).mode & 0o005) === 0o005;
  return [initdb, postgres].every((file) => isOpen(file) && !firstBarrier(file, user));
}

/**
 * Copies a cluster into `folder`, with owners and modes, and flushes it to disk.
 * @returns the copy
 */
export function copyCluster(cluster: string, folder: string, initdb: string): string {
  const fresh = path.join(folder, 'postgres.new');
  cpSync(cluster, fresh, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
  copyOwners(cluster, fresh);
  const { uid, gid } = statSync(fresh);
  execFileSync(initdb, ['--sync-only', '-D', fresh], { uid, gid, cwd: folder, stdio: 'pipe' });
  const copy = path.join(folder, 'postgres');
  renameSync(fresh, copy);
  return copy;
}

function copyOwners(from: string, to: string): void {
  const { uid, gid, mode } = lstatSync(from);
  lchownSync(to, uid, gid);
  if (!lstatSync(to).isSymbolicLink()) chmodSync(to, mode & 0o7777);
  if (!lstatSync(to).isDirectory()) return;
  for (const name of readdirSync(from)) copyOwners(path.join(from, name), path.join(to, name));
}

/** @throws EmbeddedPostgresError if it cannot be created, or if users other than root may change it */
function openStore(user: SystemUser): string {
  try {
    if (mkdirSync(STORE, { recursive: true })) chmodSync(STORE, 0o755);
    const store = realpathSync(STORE);
    const { uid, mode } = statSync(store);
    if (uid !== 0 || (mode & 0o022) !== 0)
      throw new Error('it has to belong to root, and to be writable only by root');
    const barrier = firstBarrier(path.join(store, 'any'), user);
    if (barrier) throw new Error(`user ${user.uid} cannot enter ${barrier}`);
    return store;
  } catch (error) {
    throw new EmbeddedPostgresError(
      `PostgreSQL does not run as root, and ${STORE}, where it would keep what user ${user.uid} runs it with, ` +
        `cannot be used (${(error as Error).message}). Start Parley as an ordinary user, or set DATABASE_URL.`,
    );
  }
}

/** Copies atomically, because another start may do the same. */
function copyProgram(from: string, target: string): void {
  const fresh = mkdtempSync(`${target}.new-`);
  try {
    cpSync(path.join(from, 'native'), path.join(fresh, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
    });
    openForAll(fresh);
    renameSync(fresh, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function openForAll(entry: string): void {
  const found = lstatSync(entry);
  if (found.isSymbolicLink()) return;
  chmodSync(entry, found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o755 : 0o644);
  if (found.isDirectory()) for (const name of readdirSync(entry)) openForAll(path.join(entry, name));
}
