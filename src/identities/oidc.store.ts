import { type Sql, statement } from '../platform/db.ts';

/** A sign-in with a provider that has begun. */
export interface OidcRequest {
  /** Of the secret that the client keeps. */
  readonly hash: Buffer;
  readonly issuer: string;
  readonly redirectUri: string;
  /** The user who links an identity; null for a sign-in. */
  readonly userId: number | null;
}

const inserted = statement(`
  INSERT INTO oidc_requests (hash, issuer, redirect_uri, user_id, expires_at)
  VALUES ($1::bytea, $2::text, $3::text, $4::bigint, now() + make_interval(mins => $5::int)) RETURNING expires_at AS "expiresAt"`);

/** Returns when it ends, by the clock of the database. */
export async function insertRequest(sql: Sql, request: OidcRequest, minutes: number): Promise<Date> {
  const { hash, issuer, redirectUri, userId } = request;
  const [row] = await sql.rows<{ expiresAt: Date }>(inserted, [hash, issuer, redirectUri, userId, minutes]);
  if (!row) throw new Error('the request was not stored');
  return row.expiresAt;
}

const taken = statement(`
  DELETE FROM oidc_requests WHERE hash = $1::bytea
  RETURNING issuer, redirect_uri AS "redirectUri", user_id AS "userId", expires_at > now() AS "isOpen"`);

/** Removes a request, so that it is used once. Returns null if there is none, or it has ended. */
export async function takeRequest(sql: Sql, hash: Buffer): Promise<Omit<OidcRequest, 'hash'> | null> {
  const [row] = await sql.rows<OidcRequest & { isOpen: boolean }>(taken, [hash]);
  return row?.isOpen ? row : null;
}

const purged = statement(`
  WITH gone AS (DELETE FROM oidc_requests WHERE expires_at < now() RETURNING 1) SELECT count(*) AS deleted FROM gone`);

/** Deletes requests that have ended. Returns how many. */
export async function purgeRequests(sql: Sql): Promise<number> {
  const [row] = await sql.rows<{ deleted: number }>(purged, []);
  return row?.deleted ?? 0;
}
