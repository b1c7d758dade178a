import type { Status } from '../platform/database-codes.ts';
import { type Sql, statement } from '../platform/db.ts';

/** A user to create or update. Null leaves the value as it is. */
export interface UserEntry {
  readonly externalId: string;
  /** For a new user. */
  readonly username: string;
  readonly displayName: string | null;
  readonly email: string | null;
  readonly isEmailVerified: boolean;
  readonly isSuspended: boolean | null;
}

export interface UpsertOptions {
  /** Null for the command line. */
  readonly actorId: number | null;
  /** `iss` of an issuer; empty for the ids of an administrator. */
  readonly issuer: string;
  /** An unknown id gets the user with the username. */
  readonly linksUsernames: boolean;
  readonly sendsMail: boolean;
}

export interface UpsertOutcome {
  /** The position of the entry, from 1. */
  readonly ord: number;
  readonly status: Status;
  /** Null for a refused entry. */
  readonly userId: number | null;
  /** The sessions that a suspension ended. */
  readonly sessionIds: readonly number[];
}

const upserted = statement(`
  SELECT ord, status, user_id AS "userId", session_ids AS "sessionIds"
  FROM upsert_users($1::bigint, $2::text, $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::boolean[], $9::boolean,
    $10::boolean) ORDER BY ord`);

/** Returns an outcome for each entry, in their order; none at all if the actor is no administrator. */
export async function upsertUserRows(
  sql: Sql,
  entries: readonly UserEntry[],
  { actorId, issuer, linksUsernames, sendsMail }: UpsertOptions,
): Promise<UpsertOutcome[]> {
  const rows = await sql.rows<UpsertOutcome>(upserted, [
    actorId,
    issuer,
    entries.map(({ externalId }) => externalId),
    entries.map(({ username }) => username),
    entries.map(({ displayName }) => displayName),
    entries.map(({ email }) => email),
    entries.map(({ isEmailVerified }) => isEmailVerified),
    entries.map(({ isSuspended }) => isSuspended),
    linksUsernames,
    sendsMail,
  ]);
  return rows.map((row) => ({ ...row, sessionIds: row.sessionIds.map(Number) }));
}
