import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../src/embedded-postgres/embedded-postgres.ts';

/** Gives `work` an empty database on a server that exists only for it, as the superuser. */
export async function withTemporaryDatabase<Result>(work: (url: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-temporary-'));
  chmodSync(folder, 0o711); // as root, PostgreSQL runs as another user, which has to enter it
  try {
    const server = await startEmbeddedPostgres({ dataDir: folder });
    try {
      return await work(server.superuserUrl);
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
