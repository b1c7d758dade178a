import { type Stats, statSync } from 'node:fs';
import path from 'node:path';

/** A user and group of the operating system, by number. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

// PostgreSQL refuses to run as root, and initdb as a user without a name. This number is `nobody` on all systems.
const NOBODY: SystemUser = { uid: 65534, gid: 65534 };

/** Returns the user that runs the server of `cluster`; undefined for the user of this process, if that is not root. */
export function serverUser(cluster: string): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  // The user that created the cluster stays its owner, also if root starts it later.
  const owner = statSync(cluster, { throwIfNoEntry: false });
  return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : NOBODY;
}

/** The outermost folder above `file` that `user` cannot enter. */
export function firstBarrier(file: string, user: SystemUser): string | undefined {
  return parentsOf(file).find((folder) => !maySearch(statSync(folder), user));
}

/** Returns the folders from the root of the file system inwards. */
function parentsOf(file: string): string[] {
  const parent = path.dirname(file);
  return parent === file ? [] : [...parentsOf(parent), parent];
}

/** For a folder: may enter it. For a program: may run it. */
function maySearch({ uid, gid, mode }: Stats, user: SystemUser): boolean {
  if (uid === user.uid) return (mode & 0o100) !== 0;
  if (gid === user.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}
