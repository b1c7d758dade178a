import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { oneLine } from '../platform/characters.ts';
import { EmbeddedPostgresError, type PostgresBinaries } from './binaries.ts';
import { POSTGRES_ENV, type PostgresFolder } from './folder.ts';
import { SUPERUSER } from './roles.ts';
import type { SystemUser } from './user.ts';

const run = promisify(execFile);

// Written to postgresql.conf once; operators may change them there. Errors of statements go to the client (and from
// there to our log), so the server's own log stays small.
const SETTINGS = [
  'shared_buffers=128MB',
  'max_connections=100',
  'timezone=UTC',
  'log_timezone=UTC',
  'log_min_messages=log',
  'log_checkpoints=off',
];

/** Creates a new, empty cluster with its own password. An interrupted attempt leaves nothing that later starts use. */
export async function initialise(folder: PostgresFolder, binaries: PostgresBinaries): Promise<void> {
  const fresh = `${folder.cluster}.new`;
  const password = randomBytes(24).toString('base64url');
  rmSync(fresh, { recursive: true, force: true });
  // initdb reads the password as the user that it runs as, which may not read our files.
  const passwordForInit = path.join(fresh, 'password');
  try {
    makeFor(folder.user, fresh);
    writeFor(folder.user, passwordForInit, password);
    const cluster = path.join(fresh, 'cluster');
    await initdb(folder, binaries, cluster, passwordForInit);
    appendFileSync(path.join(cluster, 'postgresql.conf'), `${SETTINGS.join('\n')}\n`, { flush: true });
    writeFileSync(folder.passwordFile, `${password}\n`, { mode: 0o600, flush: true });
    renameSync(cluster, folder.cluster);
    if (folder.entry !== folder.cluster) symlinkSync(folder.cluster, folder.entry);
  } catch (error) {
    if (folder.entry !== folder.cluster)
      rmSync(path.dirname(folder.cluster), { recursive: true, force: true });
    throw initFailure(folder, error as Error);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function initdb(folder: PostgresFolder, binaries: PostgresBinaries, target: string, pwfile: string) {
  const options = [
    ['-D', target, '-U', SUPERUSER, '--pwfile', pwfile],
    ['--auth=scram-sha-256', '--encoding=UTF8', '--no-instructions'],
    binaries.locale,
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
  const reason = oneLine(error.stderr || error.message);
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
