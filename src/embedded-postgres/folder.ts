import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { EmbeddedPostgresError, type PostgresBinaries } from './binaries.ts';
import { type SystemUser, serverUser } from './user.ts';

// The complete environment of the server and initdb: PG* variables of the parent process must not reach them.
export const POSTGRES_ENV: NodeJS.ProcessEnv = {
  LC_ALL: 'C',
  TZ: 'UTC',
  // biome-ignore lint/style/noProcessEnv: not a setting; no program of Windows runs without it
  ...(process.platform === 'win32' && { SystemRoot: process.env['SystemRoot'] }),
};

/** The folders of the embedded server. */
export interface PostgresFolder {
  /** The data folder, absolute and without symbolic links. */
  readonly root: string;
  /** `postgres` in the data folder: PostgreSQL's own folder, or a symbolic link to it. */
  readonly entry: string;
  /** PostgreSQL's own folder, without symbolic links. */
  readonly cluster: string;
  readonly passwordFile: string;
  readonly logFile: string;
  /** The user that the server runs as: only set when this process is root. */
  readonly user: SystemUser | undefined;
}

/**
 * Resolves the folders, and creates the data folder if it does not exist.
 * @throws EmbeddedPostgresError
 */
export function openPostgresFolder(dataDir: string): PostgresFolder {
  const root = openDataFolder(dataDir);
  const entry = path.join(root, 'postgres');
  const cluster = resolveCluster(entry);
  return {
    root,
    entry,
    cluster,
    passwordFile: path.join(root, 'postgres-password'),
    logFile: path.join(root, 'postgres.log'),
    user: serverUser(cluster),
  };
}

/** @returns its path without symbolic links */
export function openDataFolder(dataDir: string): string {
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  try {
    const isNew = mkdirSync(dataDir, { recursive: true, mode }) !== undefined;
    if (isNew) chmodSync(dataDir, mode); // independent of the umask
    return realpathSync(dataDir);
  } catch (error) {
    throw new EmbeddedPostgresError(`The data folder cannot be made: ${(error as Error).message}`);
  }
}

/** @throws EmbeddedPostgresError for a link to a missing folder: a new, empty database would hide the loss */
function resolveCluster(entry: string): string {
  const found = lstatSync(entry, { throwIfNoEntry: false });
  if (!found?.isSymbolicLink()) return entry;
  if (existsSync(entry)) return realpathSync(entry);
  throw new EmbeddedPostgresError(
    `${entry} points to ${readlinkSync(entry)}, where no database is. ` +
      `Restore it from a backup; or remove ${entry}, to begin with an empty database.`,
  );
}

export function isInitialised(folder: PostgresFolder): boolean {
  return existsSync(path.join(folder.cluster, 'PG_VERSION'));
}

/**
 * Refuses a state that would fail later, or fail with an unclear message.
 *
 * @throws EmbeddedPostgresError
 */
export function checkFolder(folder: PostgresFolder, binaries: PostgresBinaries): void {
  // An ordinary user may not be able to see whether another user's folder contains a database.
  if (isInitialised(folder) || (!folder.user && existsSync(folder.cluster))) checkOwner(folder);
  if (isInitialised(folder)) checkVersion(folder, binaries);
}

function checkOwner({ cluster, user }: PostgresFolder): void {
  const me = user?.uid ?? process.getuid?.();
  const { uid } = statSync(cluster);
  if (me === undefined || uid === me) return;
  throw new EmbeddedPostgresError(
    `${cluster} belongs to user ${uid}, but this process runs as user ${me}. ` +
      'Start Parley as the user who started it first, or give the data folder to this one (chown -R).',
  );
}

function checkVersion({ root, cluster }: PostgresFolder, { major }: PostgresBinaries): void {
  const found = Number.parseInt(readFileSync(path.join(cluster, 'PG_VERSION'), 'utf8'), 10);
  if (found === major) return;
  throw new EmbeddedPostgresError(
    `The data folder ${root} is from PostgreSQL ${found}, but this Parley brings PostgreSQL ${major}. ` +
      'Dump it with the Parley that wrote it, load it here: see "PostgreSQL versions" in docs/operations.md.',
  );
}

/** @throws EmbeddedPostgresError when the file is missing: the password is stored nowhere else */
export function readPassword({ root, passwordFile }: PostgresFolder): string {
  const password = existsSync(passwordFile) ? readFileSync(passwordFile, 'utf8').trim() : '';
  if (password !== '') return password;
  throw new EmbeddedPostgresError(
    `${passwordFile} is missing. Without it the database in ${root} stays closed: restore it from a backup.`,
  );
}
