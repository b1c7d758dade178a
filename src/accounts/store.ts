import { type Database, type Sql, statement } from '../platform/db.ts';
import type { NewSession } from './sessions.store.ts';

/** The public data of an account. */
export interface UserRow {
  readonly id: number;
  readonly username: string;
  readonly displayName: string;
  readonly deletedAt: Date | null;
}

/** The data of an account that a sign-in needs. */
export interface AccountRow {
  readonly id: number;
  readonly username: string;
  readonly displayName: string;
  readonly email: string | null;
  /** Null for users without a password, such as imported ones. */
  readonly passwordHash: string | null;
  readonly isActive: boolean;
}

/** An account, with the hashes of its known networks in hex. */
export interface LoginRow extends AccountRow {
  readonly knownNetworks: readonly string[];
}

// -- people ------------------------------------------------------------------------------------

const publicColumns = `id, username, display_name AS "displayName", deleted_at AS "deletedAt"`;

const usersByIds = statement(`SELECT ${publicColumns} FROM users WHERE id = ANY ($1::bigint[])`);

const userByName = statement(
  `SELECT ${publicColumns} FROM users WHERE lower(username COLLATE "C") = lower($1::text COLLATE "C") AND deleted_at IS NULL`,
);

export function findUsers(sql: Sql, ids: readonly number[]): Promise<UserRow[]> {
  return sql.rows(usersByIds, [ids]);
}

/** Ignores case. An erased account has no name any more. */
export async function findUserByName(sql: Sql, username: string): Promise<UserRow | null> {
  const [row] = await sql.rows<UserRow>(userByName, [username]);
  return row ?? null;
}

const sharing = statement(`
  SELECT shares_room($1::bigint, x.id) AS "isShared" FROM unnest($2::bigint[]) WITH ORDINALITY AS x(id, ord) ORDER BY x.ord`);

/** Whether each of these users is in a room with the viewer, in the order of the request. */
export async function shareRoom(sql: Sql, viewerId: number, userIds: readonly number[]): Promise<boolean[]> {
  const rows = await sql.rows<{ isShared: boolean }>(sharing, [viewerId, userIds]);
  return rows.map(({ isShared }) => isShared);
}

// -- accounts ----------------------------------------------------------------------------------

const accountColumns = `id, username, display_name AS "displayName", email, password_hash AS "passwordHash", suspended_at IS NULL AND deleted_at IS NULL AS "isActive"`;

// A username has no @ and an e-mail address has one, so at most one account matches.
const accountByLogin = statement(`
  SELECT ${accountColumns},
    ARRAY(SELECT encode(n.hash, 'hex') FROM known_networks n WHERE n.user_id = users.id) AS "knownNetworks"
  FROM users
  WHERE lower(username COLLATE "C") = lower($1::text COLLATE "C")
    OR (email IS NOT NULL AND lower(email COLLATE "C") = lower($1::text COLLATE "C"))`);

/** Finds an account by username or e-mail address, ignoring case. */
export async function findAccount(sql: Sql, usernameOrEmail: string): Promise<LoginRow | null> {
  const [row] = await sql.rows<LoginRow>(accountByLogin, [usernameOrEmail]);
  return row ?? null;
}

const accountById = statement(`SELECT ${accountColumns} FROM users WHERE id = $1::bigint`);

export async function findAccountById(sql: Sql, id: number): Promise<AccountRow | null> {
  const [row] = await sql.rows<AccountRow>(accountById, [id]);
  return row ?? null;
}

export interface NewAccount {
  readonly username: string;
  readonly displayName: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly isAdmin?: boolean;
}

/** A one-time token that must exist and be unused, and is then used up. */
export interface Ticket {
  readonly hash: Buffer;
  readonly purposes: readonly string[];
}

export interface MadeAccount {
  readonly userId: number;
  readonly sessionId: number | null;
  readonly at: Date;
}

// One statement, so all or nothing: a taken name does not use up a ticket. A statement that waits for another one with
// the same ticket checks its row again. The token of the first administrator is void when there is one.
const accountMade = statement(`
  WITH ticket AS (
    UPDATE one_time_tokens SET used_at = now()
    WHERE hash = $6::bytea AND purpose = ANY ($7::text[]) AND used_at IS NULL AND (expires_at IS NULL OR expires_at > now())
      AND (purpose <> 'first-admin' OR NOT EXISTS (SELECT FROM users WHERE is_admin))
    RETURNING purpose
  ), person AS (
    INSERT INTO users (username, display_name, email, password_hash, is_admin)
    SELECT $1::text, $2::text, $3::text, $4::text, $5::boolean OR EXISTS (SELECT FROM ticket WHERE purpose = 'first-admin')
    WHERE $6::bytea IS NULL OR EXISTS (SELECT FROM ticket)
    RETURNING id, created_at
  ), head AS (
    INSERT INTO account_heads (user_id) SELECT id FROM person
  ), session AS (
    INSERT INTO sessions (user_id, expires_at, device_name, user_agent)
    SELECT id, now() + make_interval(days => $9::int), $10::text, $11::text FROM person WHERE $8::bytea IS NOT NULL RETURNING id
  ), token AS (
    INSERT INTO refresh_tokens (hash, session_id) SELECT $8::bytea, id FROM session
  )
  SELECT person.id AS "userId", session.id AS "sessionId", person.created_at AS at FROM person LEFT JOIN session ON true`);

/**
 * Returns null if the ticket is not valid.
 * @throws an error that `takenBy` explains, if the name or the address is taken
 */
export async function insertAccount(
  sql: Sql,
  account: NewAccount,
  ticket: Ticket | null,
  session: NewSession | null,
): Promise<MadeAccount | null> {
  const { username, displayName, email, passwordHash, isAdmin = false } = account;
  const [row] = await sql.rows<MadeAccount>(accountMade, [
    username,
    displayName,
    email,
    passwordHash,
    isAdmin,
    ticket?.hash ?? null,
    ticket?.purposes ?? [],
    session?.refreshHash ?? null,
    session?.days ?? 0,
    session?.deviceName ?? null,
    session?.userAgent ?? null,
  ]);
  return row ?? null;
}

/** Returns the name that an insertion found taken; null for any other error. */
export function takenBy(error: unknown): 'username' | 'email' | null {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  if (code !== '23505') return null;
  if (constraint === 'users_username_key') return 'username';
  return constraint === 'users_email_key' ? 'email' : null;
}

/** Replaces the hash by another one of the same password. Does nothing if the password has changed meanwhile. */
export async function replaceHash(db: Database, userId: number, from: string, to: string): Promise<void> {
  await db.prisma.user.updateMany({ where: { id: userId, passwordHash: from }, data: { passwordHash: to } });
}

const networkRemembered = statement(`SELECT remember_network($1::bigint, $2::bytea)`);

/** Stores a network of an account, replacing the least recently used one. */
export async function rememberNetwork(sql: Sql, userId: number, hash: Buffer): Promise<void> {
  await sql.rows(networkRemembered, [userId, hash]);
}
