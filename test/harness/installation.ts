import {
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Entry {
  readonly dev?: boolean;
  /** A workspace. */
  readonly link?: boolean;
}

/** The installed files of this checkout without a registry, as from `npm ci --omit=dev`. */
export const PACKAGE = ['package.json', 'dist', 'prisma/migrations', 'scripts/build.mjs'];

/** Copies parts of this checkout and the packages that production needs. */
export function installInto(folder: string, parts: readonly string[] = PACKAGE): void {
  mkdirSync(folder, { recursive: true });
  for (const part of [...parts, ...productionPackages()])
    copy(path.join(ROOT, part), path.join(folder, part));
}

function productionPackages(): string[] {
  const lock = readFileSync(path.join(ROOT, 'node_modules/.package-lock.json'), 'utf8');
  const { packages } = JSON.parse(lock) as { packages: Record<string, Entry> };
  const names = Object.keys(packages).filter((name) => !packages[name]?.dev && !packages[name]?.link);
  // A package inside another one is copied with that.
  return names.filter((name) => name.lastIndexOf('node_modules/') === 0);
}

/** Uses hard links if possible: only files that are written later differ. */
function copy(from: string, to: string): void {
  const found = lstatSync(from);
  if (found.isDirectory()) {
    mkdirSync(to, { recursive: true, mode: found.mode });
    for (const name of readdirSync(from)) copy(path.join(from, name), path.join(to, name));
  } else {
    mkdirSync(path.dirname(to), { recursive: true });
    if (found.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else linkOrCopy(from, to);
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    copyFileSync(from, to);
  }
}
