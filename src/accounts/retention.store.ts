import { type Sql, type Statement, statement } from '../platform/db.ts';

/** Rows that one statement deletes, so that none takes long. */
const ROWS_PER_CALL = 1_000;

// Several nodes may purge at once: SKIP LOCKED gives each node different rows.
const deletion = (table: string, key: string, condition: string) =>
  statement(`
  WITH gone AS (
    DELETE FROM ${table} WHERE ${key} IN (
      SELECT x.${key} FROM ${table} x WHERE ${condition} LIMIT $2::int FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  ) SELECT count(*) AS deleted FROM gone`);

const before = '$1::timestamptz';
const endedSessions = `SELECT id FROM sessions WHERE expires_at < ${before} UNION ALL SELECT id FROM sessions WHERE revoked_at < ${before}`;

const exchangedTokens = deletion('refresh_tokens', 'hash', `x.rotated_at < ${before}`);
const tokensOfEnded = deletion('refresh_tokens', 'hash', `x.session_id IN (${endedSessions})`);
const ended = deletion('sessions', 'id', `x.expires_at < ${before} OR x.revoked_at < ${before}`);
const oneTimeTokens = deletion(
  'one_time_tokens',
  'hash',
  `x.used_at < ${before} OR x.expires_at < ${before}`,
);

const knownNetworks = statement(`
  WITH gone AS (
    DELETE FROM known_networks WHERE (user_id, hash) IN (
      SELECT x.user_id, x.hash FROM known_networks x WHERE x.last_used_at < ${before} LIMIT $2::int FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  ) SELECT count(*) AS deleted FROM gone`);

/** Deletes networks that accounts have not been used from since `time`. Returns how many. */
export function purgeKnownNetworks(sql: Sql, time: Date): Promise<number> {
  return deleteAll(sql, knownNetworks, time);
}

/** Deletes refresh tokens that were exchanged before a time. */
export function purgeExchangedTokens(sql: Sql, time: Date): Promise<number> {
  return deleteAll(sql, exchangedTokens, time);
}

/**
 * Deletes sessions that ended before a time. Their tokens go first, because a session may have more than one statement
 * deletes.
 */
export async function purgeSessions(sql: Sql, time: Date): Promise<number> {
  return (await deleteAll(sql, tokensOfEnded, time)) + (await deleteAll(sql, ended, time));
}

/** Deletes one-time tokens that were used, or expired, before a time. */
export function purgeOneTimeTokens(sql: Sql, time: Date): Promise<number> {
  return deleteAll(sql, oneTimeTokens, time);
}

async function deleteAll(sql: Sql, batch: Statement, time: Date): Promise<number> {
  for (let total = 0; ; ) {
    const [row] = await sql.rows<{ deleted: number }>(batch, [time.toISOString(), ROWS_PER_CALL]);
    const deleted = row?.deleted ?? 0;
    total += deleted;
    if (deleted < ROWS_PER_CALL) return total;
  }
}
