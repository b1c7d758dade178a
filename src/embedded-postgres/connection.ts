import path from 'node:path';
import pg from 'pg';
import { EmbeddedPostgresError } from './binaries.ts';
import type { PostgresFolder } from './folder.ts';
import { prepareRoles, superuserUrl } from './roles.ts';

/**
 * Connects once, and checks that it is our server with our role and database. Returns false if the server does not
 * answer yet.
 *
 * @throws EmbeddedPostgresError when it is another server.
 */
export async function openDatabase(
  { cluster }: PostgresFolder,
  port: number,
  password: string,
): Promise<boolean> {
  const client = new pg.Client({ connectionString: superuserUrl(port, password, 'postgres'), ssl: false });
  client.on('error', () => {}); // a broken connection also rejects its pending queries
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

// The server does not listen yet, starts, recovers, shuts down (57P03), or closed the connection during the handshake.
function isNotReady(error: NodeJS.ErrnoException): boolean {
  if (error.code === undefined) return error.message.startsWith('Connection terminated');
  return ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P03'].includes(error.code);
}
