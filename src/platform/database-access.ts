import pg from 'pg';
import { parseDatabaseUrl } from './database-url.ts';

/** The database refuses this program or its work. The message is one line that names DATABASE_URL. */
export class DatabaseAccessError extends Error {
  override name = 'DatabaseAccessError';

  constructor(problem: string, cause: unknown) {
    super(`DATABASE_URL: ${problem}`, { cause });
  }
}

/**
 * Opens one connection. The caller ends it.
 * @throws DatabaseAccessError
 */
export async function connect(url: string, config: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ ...parseDatabaseUrl(url), connectionTimeoutMillis: 10_000, ...config });
  client.on('error', () => {}); // a broken connection also rejects its pending queries
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw new DatabaseAccessError(connectProblem(url, error as Error & { code?: string }), error);
  }
}

/** @throws DatabaseAccessError if it cannot connect to the database */
export async function checkAccess(url: string): Promise<void> {
  const client = await connect(url);
  await client.end();
}

function connectProblem(url: string, { code, message }: Error & { code?: string }): string {
  const { user, database, host, port } = parseDatabaseUrl(url);
  if (code === '28P01') return `the password of user "${user}" is wrong, or there is no such user`;
  if (message.startsWith('SASL')) return `the password of user "${user}" is missing (${message})`;
  if (code === '28000') return `user "${user}" may not connect (${message})`;
  if (code === '3D000') return `there is no database "${database}" on ${host}:${port}`;
  return `the database cannot be reached (${message || code})`;
}

/** Explains a migration that failed because of missing rights; undefined for other errors. */
export function rightsProblem(url: string, error: unknown): DatabaseAccessError | undefined {
  if ((error as { code?: string }).code !== '42501') return undefined;
  const { user, database } = parseDatabaseUrl(url);
  const problem = `user "${user}" may not create tables in "${database}"; make it the owner of the database`;
  return new DatabaseAccessError(`${problem} (${(error as Error).message})`, error);
}
