import pg from 'pg';
import { listTables, type Table } from './tables.ts';

/** The rows of a database and the values of its sequences, as in a dump. */
export interface Dump {
  readonly tables: readonly (Table & { readonly rows: readonly string[] })[];
  readonly sequences: readonly { readonly name: string; readonly next: string }[];
}

const SEQUENCES = `
  SELECT quote_ident(sequencename) AS name, (coalesce(last_value, 0) + 1)::text AS next FROM pg_sequences
  WHERE schemaname = 'public'`;

async function connected<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** As pg_dump does, in one snapshot. The embedded package has no pg_dump. */
export function dumpDatabase(url: string): Promise<Dump> {
  return connected(url, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const tables: Dump['tables'][number][] = [];
    for (const table of await listTables(client)) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${table.name} t`);
      tables.push({ ...table, rows: rows.map(({ row }) => row) });
    }
    const { rows: sequences } = await client.query<Dump['sequences'][number]>(SEQUENCES);
    return { tables, sequences };
  });
}

/** Replaces the contents of a migrated database by a dump, like pg_restore --clean. */
export function restoreDump(url: string, { tables, sequences }: Dump): Promise<void> {
  return connected(url, async (client) => {
    await client.query('BEGIN');
    // One of them refuses changes of the audit log; pg_restore empties no table.
    for (const { name } of tables) await client.query(`ALTER TABLE ${name} DISABLE TRIGGER USER`);
    await client.query(`TRUNCATE ${tables.map(({ name }) => name).join()}`);
    for (const { name, columns, rows } of tables) {
      const values = columns.map((column) => `(row::${name}).${column}`);
      await client.query(
        `INSERT INTO ${name} (${columns.join()}) SELECT ${values.join()} FROM unnest($1::text[]) AS row`,
        [rows],
      );
    }
    for (const { name } of tables) await client.query(`ALTER TABLE ${name} ENABLE TRIGGER USER`);
    for (const { name, next } of sequences)
      await client.query('SELECT setval($1::regclass, $2, false)', [name, next]);
    await client.query('COMMIT');
  });
}

/** Uses up transaction numbers, as a server does that has been in use for longer. */
export function spendTransactions(url: string, count: number): Promise<void> {
  const spend = `DO $$ BEGIN FOR i IN 1..${count} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$`;
  return connected(url, async (client) => {
    await client.query(spend);
  });
}
