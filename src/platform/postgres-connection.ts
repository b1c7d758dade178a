import path from 'node:path';
import pg from 'pg';
import { EmbeddedPostgresError } from './postgres-binaries.ts';
import { type PostgresFolder, SUPERUSER } from './postgres-folder.ts';

/** Ours, inside the embedded server. */
export const DATABASE = 'parley';

export function urlOf(port: number, password: string, database: string): string {
  return `postgresql://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/**
 * Connects once, makes sure that it is our server and that it has our database. False when it does not
 * answer yet.
 *
 * @throws EmbeddedPostgresError when it is not ours.
 */
export async function openDatabase(
  { cluster }: PostgresFolder,
  port: number,
  password: string,
): Promise<boolean> {
  const client = new pg.Client({ connectionString: urlOf(port, password, 'postgres'), ssl: false });
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
    await checkDatabase(client, cluster);
    return true;
  } finally {
    await client.end();
  }
}

async function checkDatabase(client: pg.Client, cluster: string): Promise<void> {
  const { rows } = await client.query<{ directory: string; made: boolean }>(
    `SELECT current_setting('data_directory') AS directory,
            EXISTS (SELECT FROM pg_database WHERE datname = '${DATABASE}') AS made`,
  );
  const { directory = '', made = false } = rows[0] ?? {};
  if (path.resolve(directory) !== cluster) {
    throw new EmbeddedPostgresError(
      `Another PostgreSQL, of ${directory}, answers in place of the one of ${cluster}.`,
    );
  }
  if (!made) await client.query(`CREATE DATABASE ${DATABASE}`);
}

// Nobody listens yet; it starts, recovers or shuts down (57P03); it hung up in the middle of the greeting.
function isNotReady(error: NodeJS.ErrnoException): boolean {
  if (error.code === undefined) return error.message.startsWith('Connection terminated');
  return ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P03'].includes(error.code);
}
