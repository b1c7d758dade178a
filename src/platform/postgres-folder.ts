import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedPostgresError, type PostgresBinaries } from './postgres-binaries.ts';

const run = promisify(execFile);

/** The superuser that owns everything in the embedded server. */
export const SUPERUSER = 'postgres';

// PostgreSQL refuses to run as root, and initdb as a user without a name. This is `nobody` everywhere.
const NOBODY = { uid: 65534, gid: 65534 };

// All that the server and initdb need: PG* variables of whoever starts us must not reach them.
export const POSTGRES_ENV: NodeJS.ProcessEnv = {
  LC_ALL: 'C',
  TZ: 'UTC',
  // biome-ignore lint/style/noProcessEnv: not a setting; no program of Windows runs without it
  ...(process.platform === 'win32' && { SystemRoot: process.env['SystemRoot'] }),
};

// Written to postgresql.conf once, where operators may change them. Errors of statements go to whoever sent
// them (and from there to our log), so the server's own log holds only what concerns the server, and stays
// small.
const SETTINGS = [
  'shared_buffers=128MB',
  'max_connections=100',
  'timezone=UTC',
  'log_timezone=UTC',
  'log_min_messages=log',
  'log_checkpoints=off',
];

interface SystemUser {
  uid: number;
  gid: number;
}

/** Where the embedded server keeps what it knows. */
export interface PostgresFolder {
  /** The data folder, absolute and without symbolic links. */
  root: string;
  /** PostgreSQL's own folder. */
  cluster: string;
  passwordFile: string;
  logFile: string;
  /** Whom the server runs as: only set when we are root. */
  user: SystemUser | undefined;
}

/** Makes the data folder if need be. */
export function openPostgresFolder(dataDir: string): PostgresFolder {
  const isRoot = process.getuid?.() === 0;
  try {
    mkdirSync(dataDir, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
  } catch (error) {
    throw new EmbeddedPostgresError(`The data folder cannot be made: ${(error as Error).message}`);
  }
  const root = realpathSync(dataDir);
  const cluster = path.join(root, 'postgres');
  return {
    root,
    cluster,
    passwordFile: path.join(root, 'postgres-password'),
    logFile: path.join(root, 'postgres.log'),
    user: isRoot ? serverUser(cluster) : undefined,
  };
}

// Whoever made the cluster goes on owning it, also when root starts it later.
function serverUser(cluster: string): SystemUser {
  const owner = statSync(cluster, { throwIfNoEntry: false });
  return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : NOBODY;
}

export function isInitialised(folder: PostgresFolder): boolean {
  return existsSync(path.join(folder.cluster, 'PG_VERSION'));
}

/**
 * Refuses what could not work later, or only with an obscure message.
 *
 * @throws EmbeddedPostgresError
 */
export function checkFolder(folder: PostgresFolder, binaries: PostgresBinaries): void {
  // An ordinary user may not even see whether somebody else's folder holds a database.
  if (isInitialised(folder) || (!folder.user && existsSync(folder.cluster))) checkOwner(folder);
  if (isInitialised(folder)) checkVersion(folder, binaries);
  if (folder.user) checkReachable(folder, binaries, folder.user);
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

function checkReachable(
  { root, cluster }: PostgresFolder,
  binaries: PostgresBinaries,
  user: SystemUser,
): void {
  // The data folder itself is ours, and being entered is all that this allows.
  const mode = statSync(root).mode;
  if (!maySearch(statSync(root), user)) chmodSync(root, (mode & 0o7777) | 0o001);
  const barrier = firstBarrier(cluster, user) ?? firstBarrier(binaries.postgres, user);
  if (barrier === undefined) return;
  throw new EmbeddedPostgresError(
    `PostgreSQL does not run as root, and user ${user.uid}, who runs it instead, cannot enter ${barrier}. ` +
      'Start Parley as an ordinary user, move it and DATA_DIR where others may enter, or set DATABASE_URL.',
  );
}

/** The outermost folder on the way to `file` that `user` may not pass. */
function firstBarrier(file: string, user: SystemUser): string | undefined {
  const parents: string[] = [];
  for (let at = path.dirname(file); ; at = path.dirname(at)) {
    parents.unshift(at);
    if (at === path.dirname(at)) break;
  }
  return parents.find((folder) => !maySearch(statSync(folder), user));
}

function maySearch({ uid, gid, mode }: Stats, user: SystemUser): boolean {
  if (uid === user.uid) return (mode & 0o100) !== 0;
  if (gid === user.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** @throws EmbeddedPostgresError when the file is gone: nobody but it knows the password. */
export function readPassword({ root, passwordFile }: PostgresFolder): string {
  const password = existsSync(passwordFile) ? readFileSync(passwordFile, 'utf8').trim() : '';
  if (password !== '') return password;
  throw new EmbeddedPostgresError(
    `${passwordFile} is missing. Without it the database in ${root} stays closed: restore it from a backup.`,
  );
}

/**
 * Makes a new, empty cluster with a password of its own. An interrupted attempt leaves nothing that counts.
 */
export async function initialise(folder: PostgresFolder, binaries: PostgresBinaries): Promise<void> {
  const fresh = `${folder.cluster}.new`;
  const password = randomBytes(24).toString('base64url');
  rmSync(fresh, { recursive: true, force: true });
  // initdb reads the password as the user it runs as, who may not read ours.
  const passwordForInit = path.join(fresh, 'password');
  try {
    makeFor(folder.user, fresh);
    writeFor(folder.user, passwordForInit, password);
    await initdb(folder, binaries, path.join(fresh, 'cluster'), passwordForInit);
    writeFileSync(folder.passwordFile, `${password}\n`, { mode: 0o600, flush: true });
    renameSync(path.join(fresh, 'cluster'), folder.cluster);
  } catch (error) {
    throw initFailure(folder, error as Error);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function initdb(folder: PostgresFolder, binaries: PostgresBinaries, target: string, pwfile: string) {
  const options = [
    ['-D', target, '-U', SUPERUSER, '--pwfile', pwfile],
    ['--auth=scram-sha-256', '--encoding=UTF8', '--no-instructions'],
    // The same order and case rules on every machine, and lower() knows every letter, not only ASCII.
    ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    SETTINGS.flatMap((setting) => ['--set', setting]),
  ];
  await run(binaries.initdb, options.flat(), {
    ...folder.user,
    env: POSTGRES_ENV,
    cwd: path.dirname(target),
  });
}

function initFailure(
  { root, user }: PostgresFolder,
  error: NodeJS.ErrnoException & { stderr?: string },
): Error {
  if (error.code === 'EPERM' && user) {
    return new EmbeddedPostgresError(
      `PostgreSQL does not run as root, and this process may not become user ${user.uid}. ` +
        'Start Parley as an ordinary user, or set DATABASE_URL.',
    );
  }
  const reason = (error.stderr || error.message).trim().replaceAll(/\s*\n\s*/g, ' ');
  return new EmbeddedPostgresError(`A database could not be made in ${root}: ${reason}`);
}

function makeFor(user: SystemUser | undefined, folder: string): void {
  mkdirSync(folder, { mode: 0o700 });
  if (user) chownSync(folder, user.uid, user.gid);
}

function writeFor(user: SystemUser | undefined, file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  if (user) chownSync(file, user.uid, user.gid);
}
