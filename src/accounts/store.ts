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

// A username has no @ and an e-mail address has one. Of several accounts with an address, the one that verified it counts, or
// else the oldest.
const accountByLogin = statement(`
  SELECT ${accountColumns},
    ARRAY(SELECT encode(n.hash, 'hex') FROM known_networks n WHERE n.user_id = users.id) AS "knownNetworks"
  FROM users
  WHERE lower(username COLLATE "C") = lower($1::text COLLATE "C")
    OR (email IS NOT NULL AND lower(email COLLATE "C") = lower($1::text COLLATE "C") AND (email_verified_at IS NOT NULL OR $2::boolean))
  ORDER BY email_verified_at IS NULL, id LIMIT 1`);

/** Finds an account by username or e-mail address, ignoring case. `ofVerified` ignores addresses that are not verified. */
export async function findAccount(
  sql: Sql,
  usernameOrEmail: string,
  addresses: 'all' | 'ofVerified' = 'all',
): Promise<LoginRow | null> {
  const [row] = await sql.rows<LoginRow>(accountByLogin, [usernameOrEmail, addresses === 'all']);
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
  /** The address is verified by a mail, so it may be that of another account. */
  readonly sendsMail?: boolean;
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

const accountMade = statement(`
  SELECT status, user_id AS "userId", session_id AS "sessionId", created_at AS at
  FROM create_account($1::text, $2::text, $3::text, $4::text, $5::boolean, $6::bytea, $7::text[], $8::boolean, $9::bytea, $10::int,
    $11::text, $12::text)`);

/** SAME: the address belongs to an account, on a server without mail. FORBIDDEN: the ticket is not valid. */
export type AccountOutcome =
  | ({ readonly status: 'OK' } & MadeAccount)
  | { readonly status: 'SAME' | 'FORBIDDEN' };

/**
 * Creates an account, and uses up the ticket.
 * @throws an error for which `isNameTaken` is true
 */
export async function insertAccount(
  sql: Sql,
  account: NewAccount,
  ticket: Ticket | null,
  session: NewSession | null,
): Promise<AccountOutcome> {
  const { username, displayName, email, passwordHash, isAdmin = false, sendsMail = false } = account;
  const [row] = await sql.rows<AccountOutcome>(accountMade, [
    username,
    displayName,
    email,
    passwordHash,
    isAdmin,
    ticket?.hash ?? null,
    ticket?.purposes ?? [],
    sendsMail,
    session?.refreshHash ?? null,
    session?.days ?? 0,
    session?.deviceName ?? null,
    session?.userAgent ?? null,
  ]);
  if (!row) throw new Error('create_account returned nothing');
  return row;
}

/** Whether an insertion failed because an account has the username. */
export function isNameTaken(error: unknown): boolean {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return code === '23505' && constraint === 'users_username_key';
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
