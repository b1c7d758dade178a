import { type Sql, statement } from '../platform/db.ts';

// -- one-time tokens ---------------------------------------------------------------------------

const ticketMade = statement(`
  INSERT INTO one_time_tokens (hash, purpose, expires_at) VALUES ($1::bytea, $2::text, now() + make_interval(days => $3::int))`);

/** Inserts a token that is valid for some days by the database's clock. */
export async function insertTicket(sql: Sql, hash: Buffer, purpose: string, days: number): Promise<void> {
  await sql.rows(ticketMade, [hash, purpose, days]);
}

// Tokens of older releases do not expire.
const firstAdminTicketMade = statement(`
  WITH gone AS (
    DELETE FROM one_time_tokens WHERE purpose = $2::text AND used_at IS NULL AND (expires_at IS NULL OR expires_at <= now())
  )
  INSERT INTO one_time_tokens (hash, purpose, expires_at)
  SELECT $1::bytea, $2::text, now() + interval '1 day' WHERE NOT EXISTS (SELECT FROM users) RETURNING hash`);

/** Returns false, without a ticket, if the server has an account. */
export async function insertFirstAdminTicket(sql: Sql, hash: Buffer, purpose: string): Promise<boolean> {
  return (await sql.rows(firstAdminTicketMade, [hash, purpose])).length > 0;
}
