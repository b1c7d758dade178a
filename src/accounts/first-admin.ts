import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const fileIn = (folder: string) => path.resolve(folder, 'first-admin-token');

/** Writes the token to a file that only the server's user can read, replacing an older one. Returns its path. */
export function keepFirstAdminToken(folder: string, token: string): string {
  const file = fileIn(folder);
  const aside = `${file}.${randomUUID()}.new`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(aside, `${token}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(aside, file);
  } finally {
    rmSync(aside, { force: true });
  }
  return file;
}

/** Removes the file. Called when the server has users. */
export function forgetFirstAdminToken(folder: string): void {
  rmSync(fileIn(folder), { force: true });
}
