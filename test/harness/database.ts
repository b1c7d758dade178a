import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { NODE_ROLE } from '../../src/embedded-postgres/roles.ts';
import { withDatabase } from '../../src/platform/database-url.ts';

/** Migrated once per run; every test database is a copy of it. */
export const TEMPLATE = 'parley_template';

export interface TestDatabase {
  /** Of the role that nodes connect as, which owns it. */
  readonly url: string;
  readonly superuserUrl: string;
  /** Also if connections are open. */
  drop(): Promise<void>;
}

/** A migrated, empty database of one's own. `template0` instead of ours gives one without tables. */
export async function createDatabase(
  template: typeof TEMPLATE | 'template0' = TEMPLATE,
): Promise<TestDatabase> {
  const server = inject('databaseUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await execute(server, `CREATE DATABASE ${name} TEMPLATE ${template} OWNER ${NODE_ROLE}`);
  return {
    url: withDatabase(inject('nodeDatabaseUrl'), name),
    superuserUrl: withDatabase(server, name),
    drop: () => execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/** Runs one statement on a separate connection. */
export async function execute(url: string, statement: string): Promise<void> {
  await queryRows(url, statement);
}

/** The same, and returns the rows. Sessions are in UTC, like those of the server. */
export async function queryRows<Row>(
  url: string,
  statement: string,
  values?: readonly unknown[],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC' });
  await client.connect();
  try {
    return (await client.query(statement, values && [...values])).rows as Row[];
  } finally {
    await client.end();
  }
}
