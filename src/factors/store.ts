import { type Sql, statement } from '../platform/db.ts';

// -- the app -----------------------------------------------------------------------------------

/** How long a new secret waits for its first code. */
export const SETUP_MINUTES = 10;

const setUp = statement(`
  INSERT INTO totp_secrets AS t (user_id, secret) SELECT id, $2::bytea FROM users WHERE id = $1::bigint AND guest_room_id IS NULL
  ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = now() WHERE t.confirmed_at IS NULL
  RETURNING created_at + interval '${SETUP_MINUTES} minutes' AS "expiresAt"`);

/** Stores a secret that has no effect yet. Returns null if the account has an active one. */
export async function insertSecret(sql: Sql, userId: number, sealed: Buffer): Promise<Date | null> {
  const [row] = await sql.rows<{ expiresAt: Date }>(setUp, [userId, sealed]);
  return row?.expiresAt ?? null;
}

export interface StoredSecret {
  readonly sealed: Buffer;
  readonly isActive: boolean;
}

const secretOf = statement(
  'SELECT secret AS sealed, confirmed_at IS NOT NULL AS "isActive" FROM totp_secrets WHERE user_id = $1::bigint',
);

export async function findSecret(sql: Sql, userId: number): Promise<StoredSecret | null> {
  const [row] = await sql.rows<StoredSecret>(secretOf, [userId]);
  return row ?? null;
}

const confirmed = statement(
  'SELECT confirm_totp($1::bigint, $2::bytea, $3::bigint, $4::bytea[], $5::int, $6::boolean) AS "isDone"',
);

/** Makes a secret active, with recovery codes. Returns false if it is not the latest one any more, or too old. */
export async function activateSecret(
  sql: Sql,
  userId: number,
  { sealed, step, recoveryHashes }: { sealed: Buffer; step: number; recoveryHashes: readonly Buffer[] },
  sendsMail: boolean,
): Promise<boolean> {
  const values = [userId, sealed, step, recoveryHashes, SETUP_MINUTES, sendsMail];
  const [row] = await sql.rows<{ isDone: boolean }>(confirmed, values);
  return row?.isDone ?? false;
}

const removed = statement('SELECT remove_totp($1::bigint, $2::boolean) AS "isDone"');

/** Returns false if the account had no active app. */
export async function removeSecret(sql: Sql, userId: number, sendsMail: boolean): Promise<boolean> {
  const [row] = await sql.rows<{ isDone: boolean }>(removed, [userId, sendsMail]);
  return row?.isDone ?? false;
}

const replaced = statement('SELECT replace_recovery_codes($1::bigint, $2::bytea[], $3::boolean) AS "isDone"');

/** Returns false if the account has no active app. */
export async function replaceRecoveryCodes(
  sql: Sql,
  userId: number,
  recoveryHashes: readonly Buffer[],
  sendsMail: boolean,
): Promise<boolean> {
  const [row] = await sql.rows<{ isDone: boolean }>(replaced, [userId, recoveryHashes, sendsMail]);
  return row?.isDone ?? false;
}

// -- secrets of older keys ---------------------------------------------------------------------

/** Rows that one statement reads or deletes. */
export const PER_RUN = 1_000;

const ofOtherKeys = statement(`
  SELECT user_id AS "userId", secret AS sealed FROM totp_secrets
  WHERE user_id > $3::bigint AND substring(secret FROM 1 FOR $2::int) <> $1::bytea
  ORDER BY user_id LIMIT ${PER_RUN}`);

/** The next secrets, in the order of their users, that do not begin with the id of a key. */
export function listOfOtherKeys(
  sql: Sql,
  keyId: Buffer,
  afterUserId: number,
): Promise<{ userId: number; sealed: Buffer }[]> {
  return sql.rows(ofOtherKeys, [keyId, keyId.length, afterUserId]);
}

const sealedAgain = statement(
  'UPDATE totp_secrets SET secret = $3::bytea WHERE user_id = $1::bigint AND secret = $2::bytea RETURNING user_id',
);

/** Returns false if the secret was changed meanwhile. */
export async function replaceSealed(sql: Sql, userId: number, from: Buffer, to: Buffer): Promise<boolean> {
  return (await sql.rows(sealedAgain, [userId, from, to])).length > 0;
}

// -- codes -------------------------------------------------------------------------------------

/** A code that was checked: the time step of an app, or the hash of a recovery code. */
export type CheckedCode = { readonly step: number } | { readonly recoveryHash: Buffer };

const valuesOf = (code: CheckedCode) => ('step' in code ? [code.step, null] : [null, code.recoveryHash]);

const codeUsed = statement('SELECT use_code($1::bigint, $2::bigint, $3::bytea) AS "isDone"');

/** Uses a code up. Returns false if it was used before, or is not one of the account. */
export async function useCode(sql: Sql, userId: number, code: CheckedCode): Promise<boolean> {
  const [row] = await sql.rows<{ isDone: boolean }>(codeUsed, [userId, ...valuesOf(code)]);
  return row?.isDone ?? false;
}

// -- sign-ins that wait for a code -------------------------------------------------------------

export interface Waiting {
  readonly id: number;
  readonly knownNetworks: readonly string[];
}

const waiting = `purpose = 'second-factor' AND used_at IS NULL AND expires_at > now()`;

const challenge = statement(`
  SELECT user_id AS id, ARRAY(SELECT encode(n.hash, 'hex') FROM known_networks n WHERE n.user_id = t.user_id) AS "knownNetworks"
  FROM one_time_tokens t WHERE hash = $1::bytea AND ${waiting}`);

/** The account of a challenge, with the hashes of its known networks in hex; null if the challenge is not valid. */
export async function findChallenge(sql: Sql, hash: Buffer): Promise<Waiting | null> {
  const [row] = await sql.rows<Waiting>(challenge, [hash]);
  return row ?? null;
}

const attempted = statement(`
  UPDATE one_time_tokens SET attempts = attempts + 1 WHERE hash = $1::bytea AND ${waiting} AND attempts < $2::int RETURNING hash`);

/** Counts an attempt. Returns false if there were `most` already, or the challenge is not valid. */
export async function countAttempt(sql: Sql, hash: Buffer, most: number): Promise<boolean> {
  return (await sql.rows(attempted, [hash, most])).length > 0;
}

/** A session to store, with the hash of its first refresh token. */
export interface NewSession {
  readonly refreshHash: Buffer;
  readonly days: number;
  readonly deviceName: string | null;
  readonly userAgent: string | null;
}

export interface OpenedSession {
  readonly userId: number;
  readonly sessionId: number;
  readonly at: Date;
}

const completed = statement(`
  SELECT user_id AS "userId", session_id AS "sessionId", created_at AS at
  FROM complete_login($1::bytea, $2::bigint, $3::bytea, $4::bytea, $5::int, $6::text, $7::text)`);

/** Uses the challenge and the code up. Returns null if one of them is not valid any more. */
export async function completeLogin(
  sql: Sql,
  challengeHash: Buffer,
  code: CheckedCode,
  { refreshHash, days, deviceName, userAgent }: NewSession,
): Promise<OpenedSession | null> {
  const values = [challengeHash, ...valuesOf(code), refreshHash, days, deviceName, userAgent];
  const [row] = await sql.rows<OpenedSession>(completed, values);
  return row ?? null;
}

// -- reading -----------------------------------------------------------------------------------

/** What an account has besides its password. */
export interface FactorsRow {
  readonly id: number;
  /** Since when codes of an app are needed; null if they are not. */
  readonly totpEnabledAt: Date | null;
  readonly recoveryCodesLeft: number;
}

const factors = statement(`
  SELECT x.id, (SELECT t.confirmed_at FROM totp_secrets t WHERE t.user_id = x.id) AS "totpEnabledAt",
    (SELECT count(*) FROM recovery_codes c WHERE c.user_id = x.id AND c.used_at IS NULL)::int AS "recoveryCodesLeft"
  FROM unnest($1::bigint[]) AS x(id)`);

export function listFactors(sql: Sql, userIds: readonly number[]): Promise<FactorsRow[]> {
  return sql.rows(factors, [userIds]);
}

// -- retention ---------------------------------------------------------------------------------

const purged = statement(`
  WITH gone AS (
    DELETE FROM one_time_tokens WHERE hash IN (
      SELECT x.hash FROM one_time_tokens x WHERE x.purpose = ANY ($1::text[]) AND x.expires_at < now() - interval '1 hour'
      LIMIT ${PER_RUN} FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  ) SELECT count(*)::int AS deleted FROM gone`);

/** Deletes challenges that expired an hour ago, some at a time. Returns how many. */
export async function purgeChallenges(sql: Sql, purposes: readonly string[]): Promise<number> {
  const [row] = await sql.rows<{ deleted: number }>(purged, [purposes]);
  return row?.deleted ?? 0;
}
