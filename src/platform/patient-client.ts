import type pg from 'pg';
import { connect } from './database-access.ts';

/** After this time a statement stops waiting for a lock, because all later requests for the lock wait behind it. */
export const LOCK_TIMEOUT_MS = 30_000;

// Without the limits that a role may have for ordinary statements, which would interrupt long work or its waits.
const UNLIMITED = '-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0';

/**
 * Opens a separate connection for work on the whole database, without the limits of the pools.
 * @throws DatabaseAccessError
 */
export async function withPatientClient<Result>(
  url: string,
  name: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect(url, { application_name: name, options: UNLIMITED });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
