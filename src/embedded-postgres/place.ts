import { existsSync, lstatSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import { isInitialised, type PostgresFolder } from './folder.ts';
import { isServed } from './postmaster-file.ts';
import { copyCluster, newStoreFolder } from './program-store.ts';
import { firstBarrier } from './user.ts';

// Suffix of a cluster that moves to the store: the copy is complete, but not linked yet.
const MOVED = '.moved-by-parley';

/**
 * Returns the folder with a cluster that the server's user can reach. If the data folder is out of reach, a new cluster
 * is planned in the store, or an old one moved there. `entry` then leads to it.
 */
export function placeCluster(folder: PostgresFolder, binaries: PostgresBinaries): PostgresFolder {
  const { user, cluster, root } = folder;
  if (!user || !firstBarrier(cluster, user) || isServed(folder)) return folder;
  const place = newStoreFolder(root, user);
  if (isInitialised(folder)) moveCluster(folder, place, binaries);
  return { ...folder, cluster: path.join(place, 'postgres') };
}

/** At any time either `entry` or its renamed copy is the complete cluster. */
function moveCluster({ cluster, entry }: PostgresFolder, place: string, { initdb }: PostgresBinaries): void {
  const copy = copyCluster(cluster, place, initdb);
  renameSync(entry, entry + MOVED);
  symlinkSync(copy, entry);
  rmSync(entry + MOVED, { recursive: true });
}

/** Finishes a move after a crash. The data folder must be locked. */
export function finishMove(root: string): void {
  const entry = path.join(root, 'postgres');
  if (!existsSync(entry + MOVED)) return;
  if (lstatSync(entry, { throwIfNoEntry: false })) rmSync(entry + MOVED, { recursive: true });
  else renameSync(entry + MOVED, entry);
}
