import type { Status } from '../platform/database-codes.ts';
import { type Sql, statement } from '../platform/db.ts';

/** What a sign-in stores. */
export interface IdentitySignIn {
  readonly issuer: string;
  readonly subject: string;
  /** For a new user: the first one that is free. */
  readonly usernames: readonly string[];
  readonly displayName: string | null;
  /** An address that the issuer has verified. */
  readonly email: string | null;
  readonly links: boolean;
  readonly creates: boolean;
  readonly sendsMail: boolean;
  readonly session: {
    readonly refreshHash: Buffer;
    readonly days: number;
    readonly deviceName: string | null;
    readonly userAgent: string | null;
  };
}

export interface IdentityOutcome {
  readonly status: Status;
  readonly userId: number;
  readonly sessionId: number;
  readonly at: Date;
  readonly isNew: boolean;
}

const signedIn = statement(`
  SELECT status, user_id AS "userId", session_id AS "sessionId", created_at AS at, is_new AS "isNew"
  FROM sign_in_identity($1::text, $2::text, $3::text[], $4::text, $5::text, $6::boolean, $7::boolean, $8::boolean, $9::bytea, $10::int,
    $11::text, $12::text)`);

/** Starts a session of the user with that subject, who is created if the issuer may do that. */
export async function signInIdentity(sql: Sql, signIn: IdentitySignIn): Promise<IdentityOutcome> {
  const { issuer, subject, usernames, displayName, email, links, creates, sendsMail, session } = signIn;
  const { refreshHash, days, deviceName, userAgent } = session;
  const who = [issuer, subject, usernames, displayName, email, links, creates, sendsMail];
  const values = [...who, refreshHash, days, deviceName, userAgent];
  const [row] = await sql.rows<IdentityOutcome>(signedIn, values);
  if (!row) throw new Error('sign_in_identity returned nothing');
  return row;
}

// -- the identities of a user ------------------------------------------------------------------

export interface IdentityRow {
  readonly userId: number;
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

const identitiesOf = statement(`
  SELECT user_id AS "userId", issuer, subject, email, created_at AS "createdAt", last_used_at AS "lastUsedAt"
  FROM identities WHERE user_id = $1::bigint ORDER BY id`);

/** The oldest first. */
export function listIdentities(sql: Sql, userId: number): Promise<IdentityRow[]> {
  return sql.rows(identitiesOf, [userId]);
}

// -- linking -----------------------------------------------------------------------------------

interface IdentityKey {
  readonly userId: number;
  readonly issuer: string;
  readonly subject: string;
}

const linked = statement(
  'SELECT link_identity($1::bigint, $2::text, $3::text, $4::text, $5::text, $6::boolean) AS status',
);

export async function linkIdentityRow(
  sql: Sql,
  identity: IdentityKey & { readonly displayName: string | null; readonly email: string | null },
  sendsMail: boolean,
): Promise<Status> {
  const { userId, issuer, subject, displayName, email } = identity;
  return statusIn(await sql.rows(linked, [userId, issuer, subject, displayName, email, sendsMail]));
}

const unlinked = statement(
  'SELECT unlink_identity($1::bigint, $2::text, $3::text, $4::text[], $5::text, $6::boolean) AS status',
);

/** Removes an identity if the user has another way to sign in: also one of these issuers, or a passkey of the domain. */
export async function unlinkIdentityRow(
  sql: Sql,
  { userId, issuer, subject }: IdentityKey,
  { issuers, domain }: { readonly issuers: readonly string[]; readonly domain: string | null },
  sendsMail: boolean,
): Promise<Status> {
  return statusIn(await sql.rows(unlinked, [userId, issuer, subject, issuers, domain, sendsMail]));
}

function statusIn([row]: { status: Status }[]): Status {
  if (!row) throw new Error('a function for identities returned nothing');
  return row.status;
}

const hasOne = statement(
  'SELECT password_hash IS NOT NULL AS "hasPassword" FROM users WHERE id = $1::bigint',
);

/** Whether the user can sign in with a password. */
export async function hasPassword(sql: Sql, userId: number): Promise<boolean> {
  const [row] = await sql.rows<{ hasPassword: boolean }>(hasOne, [userId]);
  return row?.hasPassword ?? false;
}
