import type { Sql, Statement } from './db.ts';

/** Rows that one statement deletes, so that none takes long. */
const ROWS_PER_CALL = 1_000;

/**
 * Deletes all old rows of a table. `batch` deletes at most $2 of those from before $1, and returns how many as `deleted`. Returns
 * how many there were.
 */
export async function deleteInBatches(sql: Sql, batch: Statement, before: Date): Promise<number> {
  for (let total = 0; ; ) {
    const [row] = await sql.rows<{ deleted: number }>(batch, [before.toISOString(), ROWS_PER_CALL]);
    const deleted = Number(row?.deleted ?? 0);
    total += deleted;
    if (deleted < ROWS_PER_CALL) return total;
  }
}
