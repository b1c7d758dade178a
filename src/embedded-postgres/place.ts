import { existsSync, lstatSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import { isInitialised, type PostgresFolder } from './folder.ts';
import { isServed } from './postmaster-file.ts';
import { copyCluster, newStoreFolder } from './program-store.ts';
import { firstBarrier } from './user.ts';

// A cluster on its way to the store, once the copy is complete and not yet linked.
const MOVED = '.moved-by-parley';

/**
 * The folder with a cluster that the server's user can reach: a new one is planned, and an old one moved, to the
 * store where the data folder is out of reach. `entry` then leads to it.
 */
export function placeCluster(folder: PostgresFolder, binaries: PostgresBinaries): PostgresFolder {
  const { user, cluster, root } = folder;
  if (!user || !firstBarrier(cluster, user) || isServed(folder)) return folder;
  const place = newStoreFolder(root, user);
  if (isInitialised(folder)) moveCluster(folder, place, binaries);
  return { ...folder, cluster: path.join(place, 'postgres') };
}

/** At any time either `entry` or what it was moved to is the whole cluster. */
function moveCluster({ cluster, entry }: PostgresFolder, place: string, { initdb }: PostgresBinaries): void {
  const copy = copyCluster(cluster, place, initdb);
  renameSync(entry, entry + MOVED);
  symlinkSync(copy, entry);
  rmSync(entry + MOVED, { recursive: true });
}

/** After a crash in the midst of a move. The data folder has to be locked. */
export function finishMove(root: string): void {
  const entry = path.join(root, 'postgres');
  if (!existsSync(entry + MOVED)) return;
  if (lstatSync(entry, { throwIfNoEntry: false })) rmSync(entry + MOVED, { recursive: true });
  else renameSync(entry + MOVED, entry);
}
