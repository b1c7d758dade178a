import type { Status } from '../platform/database-codes.ts';
import { type Sql, statement } from '../platform/db.ts';
import type { NewSession, OpenedSession } from './store.ts';

// -- challenges --------------------------------------------------------------------------------

/** How long a user may take to create or use a passkey. */
export const CEREMONY_MINUTES = 5;

export const ceremonies = ['passkey-registration', 'passkey-use'] as const;
export type Ceremony = (typeof ceremonies)[number];

const challengeMade = statement(`
  INSERT INTO one_time_tokens (hash, purpose, user_id, expires_at)
  VALUES ($1::bytea, $2::text, $3::bigint, now() + interval '${CEREMONY_MINUTES} minutes')`);

/** Stores a challenge; one to use a passkey belongs to nobody yet. */
export async function insertChallenge(
  sql: Sql,
  hash: Buffer,
  ceremony: Ceremony,
  userId: number | null,
): Promise<void> {
  await sql.rows(challengeMade, [hash, ceremony, userId]);
}

const challengeUsed = statement(`
  UPDATE one_time_tokens SET used_at = now()
  WHERE hash = $1::bytea AND purpose = $2::text AND user_id IS NOT DISTINCT FROM $3::bigint AND used_at IS NULL AND expires_at > now()
  RETURNING hash`);

/** Uses a challenge up. Returns false if it is not valid. */
export async function useChallenge(
  sql: Sql,
  hash: Buffer,
  ceremony: Ceremony,
  userId: number | null,
): Promise<boolean> {
  return (await sql.rows(challengeUsed, [hash, ceremony, userId])).length > 0;
}

// -- passkeys ----------------------------------------------------------------------------------

/** What the user sees of a passkey. */
export interface PasskeyRow {
  readonly id: number;
  readonly userId: number;
  readonly name: string;
  readonly isSynced: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** What a verification needs. */
export interface StoredPasskey {
  readonly id: number;
  readonly userId: number;
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: readonly string[];
}

const shown = `id, user_id AS "userId", name, is_synced AS "isSynced", created_at AS "createdAt", last_used_at AS "lastUsedAt"`;
const stored = `id, user_id AS "userId", credential_id AS "credentialId", public_key AS "publicKey", counter, transports`;

const ofUsers = statement(`SELECT ${shown} FROM passkeys WHERE user_id = ANY ($1::bigint[]) ORDER BY id`);
const credentialsOf = statement(`SELECT ${stored} FROM passkeys WHERE user_id = $1::bigint ORDER BY id`);
const byCredential = statement(`SELECT ${stored} FROM passkeys WHERE credential_id = $1::bytea`);
const byId = statement(`SELECT ${shown} FROM passkeys WHERE id = $1::bigint AND user_id = $2::bigint`);
const renamed = statement(
  `UPDATE passkeys SET name = $3::text WHERE id = $1::bigint AND user_id = $2::bigint RETURNING ${shown}`,
);
const deleted = statement(
  'SELECT delete_passkey($1::bigint, $2::bigint, $3::text[], $4::text, $5::boolean) AS status',
);
const deletedAll = statement('SELECT delete_passkeys($1::bigint, $2::boolean) AS "hadAny"');

export const listPasskeys = (sql: Sql, userIds: readonly number[]) =>
  sql.rows<PasskeyRow>(ofUsers, [userIds]);

export const listCredentials = (sql: Sql, userId: number) => sql.rows<StoredPasskey>(credentialsOf, [userId]);

/** Returns null for a credential that is not stored. */
export async function findCredential(sql: Sql, credentialId: Buffer): Promise<StoredPasskey | null> {
  const [row] = await sql.rows<StoredPasskey>(byCredential, [credentialId]);
  return row ?? null;
}

/** Returns null for a passkey of another user. */
export async function findPasskey(sql: Sql, id: number, userId: number): Promise<PasskeyRow | null> {
  const [row] = await sql.rows<PasskeyRow>(byId, [id, userId]);
  return row ?? null;
}

/** Returns null for a passkey of another user. */
export async function renamePasskey(
  sql: Sql,
  id: number,
  userId: number,
  name: string,
): Promise<PasskeyRow | null> {
  const [row] = await sql.rows<PasskeyRow>(renamed, [id, userId, name]);
  return row ?? null;
}

/** What signs in at this server, besides passwords. */
export interface WaysIn {
  /** `iss` of the issuers of the settings. */
  readonly issuers: readonly string[];
  /** That of passkeys; null if the server offers none. */
  readonly domain: string | null;
}

/** Deletes a passkey if the user has another way to sign in. */
export async function deletePasskey(
  sql: Sql,
  id: number,
  userId: number,
  { issuers, domain }: WaysIn,
  sendsMail: boolean,
): Promise<Status> {
  const [row] = await sql.rows<{ status: Status }>(deleted, [userId, id, issuers, domain, sendsMail]);
  if (!row) throw new Error('delete_passkey returned nothing');
  return row.status;
}

const provable = statement(`SELECT has_way_in($1::bigint, '{}', $2::text) AS "canProve"`);

/** Whether an account has a password, or a passkey of the domain. */
export async function canProve(sql: Sql, userId: number, domain: string | null): Promise<boolean> {
  const [row] = await sql.rows<{ canProve: boolean }>(provable, [userId, domain]);
  return row?.canProve ?? false;
}

/** Returns whether there were any. */
export async function deletePasskeys(sql: Sql, userId: number, sendsMail: boolean): Promise<boolean> {
  const [row] = await sql.rows<{ hadAny: boolean }>(deletedAll, [userId, sendsMail]);
  return row?.hadAny ?? false;
}

export interface NewPasskey {
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly name: string;
  readonly transports: readonly string[];
  readonly isSynced: boolean;
  /** Of the pages that can use it. */
  readonly domain: string;
}

const added = statement(`
  SELECT status, passkey_id AS id FROM add_passkey($1::bigint, $2::bytea, $3::bytea, $4::bigint, $5::text, $6::text[], $7::boolean, $8::text,
    $9::int, $10::boolean)`);

export async function insertPasskey(
  sql: Sql,
  userId: number,
  passkey: NewPasskey,
  { most, sendsMail }: { readonly most: number; readonly sendsMail: boolean },
): Promise<{ status: Status; id: number | null }> {
  const { credentialId, publicKey, counter, name, transports, isSynced, domain } = passkey;
  const values = [
    userId,
    credentialId,
    publicKey,
    counter,
    name,
    transports,
    isSynced,
    domain,
    most,
    sendsMail,
  ];
  const [row] = await sql.rows<{ status: Status; id: number | null }>(added, values);
  if (!row) throw new Error('add_passkey returned nothing');
  return row;
}

const used = statement('SELECT use_passkey($1::bigint, $2::bigint) AS "isDone"');

/** Returns false if the counter went back. */
export async function usePasskey(sql: Sql, id: number, counter: number): Promise<boolean> {
  const [row] = await sql.rows<{ isDone: boolean }>(used, [id, counter]);
  return row?.isDone ?? false;
}

const signedIn = statement(`
  SELECT user_id AS "userId", session_id AS "sessionId", created_at AS at
  FROM login_with_passkey($1::bigint, $2::bigint, $3::bytea, $4::int, $5::text, $6::text)`);

/** Returns null if the counter went back, or the account may not sign in. */
export async function loginWithPasskey(
  sql: Sql,
  id: number,
  counter: number,
  { refreshHash, days, deviceName, userAgent }: NewSession,
): Promise<OpenedSession | null> {
  const values = [id, counter, refreshHash, days, deviceName, userAgent];
  const [row] = await sql.rows<OpenedSession>(signedIn, values);
  return row ?? null;
}
