import path from 'node:path';
import pg from 'pg';
import { EmbeddedPostgresError } from './binaries.ts';
import type { PostgresFolder } from './folder.ts';
import { prepareRoles, superuserUrl } from './roles.ts';

/**
 * Connects once, makes sure that it is our server and that it has our role and database. False when it does
 * not answer yet.
 *
 * @throws EmbeddedPostgresError when it is not ours.
 */
export async function openDatabase(
  { cluster }: PostgresFolder,
  port: number,
  password: string,
): Promise<boolean> {
  const client = new pg.Client({ connectionString: superuserUrl(port, password, 'postgres'), ssl: false });
  client.on('error', () => {}); // a connection that breaks also rejects what waits for it
  try {
    await client.connect();
  } catch (error) {
    if (isNotReady(error as NodeJS.ErrnoException)) return false;
    throw new EmbeddedPostgresError(
      `PostgreSQL on port ${port} does not let us in: ${(error as Error).message}`,
    );
  }
  try {
    await checkServer(client, cluster);
    await prepareRoles(client, port, password);
    return true;
  } finally {
    await client.end();
  }
}

async function checkServer(client: pg.Client, cluster: string): Promise<void> {
  const { rows } = await client.query<{ directory: string }>(
    `SELECT current_setting('data_directory') AS directory`,
  );
  const { directory = '' } = rows[0] ?? {};
  if (path.resolve(directory) === cluster) return;
  throw new EmbeddedPostgresError(
    `Another PostgreSQL, of ${directory}, answers in place of the one of ${cluster}.`,
  );
}

// Nobody listens yet; it starts, recovers or shuts down (57P03); it hung up in the middle of the greeting.
function isNotReady(error: NodeJS.ErrnoException): boolean {
  if (error.code === undefined) return error.message.startsWith('Connection terminated');
  return ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P03'].includes(error.code);
}
