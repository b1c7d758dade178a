import type { Office } from '../accounts/administration.ts';
import { loadSecrets } from '../accounts/secrets.ts';
import type { Settings } from '../config.ts';
import { findRunning, startEmbeddedPostgres } from '../embedded-postgres/embedded-postgres.ts';
import { checkAccess } from '../platform/database-access.ts';
import { openDatabase } from '../platform/db.ts';
import { migrate } from '../platform/migrate.ts';
import { createLog, createMetrics } from '../platform/telemetry.ts';

interface Reached {
  readonly url: string;
  /** The server was started for this command, so no other process uses it. */
  readonly isOurs: boolean;
  stop(): Promise<void>;
}

/** DATABASE_URL, or the embedded server: that of a running node, or one that is started for this command. */
async function reachDatabase({ DATABASE_URL, DATA_DIR }: Settings): Promise<Reached> {
  const url = DATABASE_URL ?? (await findRunning(DATA_DIR));
  if (url) return { url, isOurs: false, stop: async () => {} };
  const server = await startEmbeddedPostgres({ dataDir: DATA_DIR });
  return { url: server.url, isOurs: true, stop: () => server.stop() };
}

export interface Desk extends Office {
  readonly url: string;
}

/** Everything a command needs; `close` also stops a server that was started for it. */
export async function connectAdmin(settings: Settings): Promise<Desk & { close(): Promise<void> }> {
  const server = await reachDatabase(settings);
  const { url } = server;
  try {
    if (server.isOurs) await migrate(url);
    else await checkAccess(url);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const db = openDatabase(url, 4, createLog('silent', 'admin'), createMetrics());
  return {
    url,
    settings,
    db,
    // Lazy: reading the secrets creates one if none is set.
    get secrets() {
      return loadSecrets(settings);
    },
    async close() {
      await db.close();
      await server.stop();
    },
  };
}
