import { type Sql, statement } from '../platform/db.ts';

/** What a token of a mail is for, and how many minutes it is valid. */
export const TOKEN_MINUTES = {
  'email-verification': 24 * 60,
  'password-reset': 60,
  'address-in-use': 0,
  'address-change': 0,
  'password-changed': 0,
  'app-added': 0,
  'app-removed': 0,
  'recovery-codes-replaced': 0,
  'passkey-added': 0,
  'passkey-removed': 0,
  'identity-added': 0,
  'identity-removed': 0,
  'ways-in-removed': 0,
} as const;
/** Mails of one kind are counted together. Those with 0 minutes are notices without a token: their rows only count them. */
export type MailKind = keyof typeof TOKEN_MINUTES;

// -- addresses ---------------------------------------------------------------------------------

/** The address of an account, for its user and for mails. */
export interface EmailAccount {
  readonly id: number;
  readonly username: string;
  readonly email: string | null;
  readonly isEmailVerified: boolean;
  /** The address that the account has as soon as it is verified. */
  readonly newEmail: string | null;
  readonly isActive: boolean;
}

const emailAccounts = statement(`
  SELECT id, username, email, email_verified_at IS NOT NULL AS "isEmailVerified", new_email AS "newEmail",
    suspended_at IS NULL AND deleted_at IS NULL AS "isActive"
  FROM users WHERE id = ANY ($1::bigint[])`);

export function listEmailAccounts(sql: Sql, ids: readonly number[]): Promise<EmailAccount[]> {
  return sql.rows(emailAccounts, [ids]);
}

export async function findEmailAccount(sql: Sql, id: number): Promise<EmailAccount | null> {
  const [row] = await listEmailAccounts(sql, [id]);
  return row ?? null;
}

/** The address that a mail has to verify; null if there is none. */
export const addressToVerify = ({ email, isEmailVerified, newEmail }: EmailAccount): string | null =>
  newEmail ?? (isEmailVerified ? null : email);

/** What signs in to an account besides its password. */
export interface OtherWaysIn {
  readonly passkeys: number;
  readonly identities: number;
}

// External ids without an issuer sign nobody in.
const otherWays = statement(`
  SELECT (SELECT count(*)::int FROM passkeys WHERE user_id = $1::bigint) AS passkeys,
    (SELECT count(*)::int FROM identities WHERE user_id = $1::bigint AND issuer <> '') AS identities`);

export async function countOtherWaysIn(sql: Sql, userId: number): Promise<OtherWaysIn> {
  const [row] = await sql.rows<OtherWaysIn>(otherWays, [userId]);
  if (!row) throw new Error('a count returned nothing');
  return row;
}

const ownerOf = statement(`
  SELECT id AS "userId", username, email FROM users WHERE lower(email COLLATE "C") = lower($1::text COLLATE "C") AND email_verified_at IS NOT NULL`);

export interface Owner {
  readonly userId: number;
  readonly username: string;
  readonly email: string;
}

/** The account that has verified an address. */
export async function findOwner(sql: Sql, email: string): Promise<Owner | null> {
  const [row] = await sql.rows<Owner>(ownerOf, [email]);
  return row ?? null;
}

/** Letters name at most this many accounts. */
const MAX_NAMED = 5;

// The newest ones: who finds an address used up by others can register again. A username has no @.
const mailableAccounts = statement(`
  SELECT id AS "userId", username, email FROM users u
  WHERE (lower(username COLLATE "C") = lower($1::text COLLATE "C") OR lower(email COLLATE "C") = lower($1::text COLLATE "C"))
    AND email IS NOT NULL AND suspended_at IS NULL AND deleted_at IS NULL AND NOT is_email_verified(email, id)
    AND (email_verified_at IS NOT NULL OR password_hash IS NOT NULL
      OR NOT EXISTS (SELECT FROM identities i WHERE i.user_id = u.id AND i.issuer <> ''))
  ORDER BY id DESC LIMIT ${MAX_NAMED}`);

/**
 * The accounts that can get a new password by a mail: the one with that username, the one that has verified that address, or,
 * if nobody has, those with that address. An address that another account has verified is not theirs, and one that nobody has verified
 * is no way into an account whose user signs in with an issuer only.
 */
export function listMailable(sql: Sql, usernameOrEmail: string): Promise<Owner[]> {
  return sql.rows(mailableAccounts, [usernameOrEmail]);
}

const emailChanged = statement('SELECT change_email($1::bigint, $2::text, $3::text) AS "isDone"');

/** Returns false if the account has another password hash meanwhile. */
export async function changeEmail(
  sql: Sql,
  account: { id: number; passwordHash: string },
  email: string,
): Promise<boolean> {
  const [row] = await sql.rows<{ isDone: boolean }>(emailChanged, [account.id, account.passwordHash, email]);
  return row?.isDone ?? false;
}

// -- mails -------------------------------------------------------------------------------------

const mailAdded = statement('SELECT add_mail($1::text, $2::json, $3::text)');

/** Adds the mail that verifies the address of an account. */
export async function addVerificationMail(sql: Sql, userId: number): Promise<void> {
  await sql.rows(mailAdded, ['verification-mail', JSON.stringify({ userId }), `${userId}`]);
}

/** Adds the mail with which an account gets a new password. Whether there is such an account is found out later. */
export async function addResetMail(sql: Sql, usernameOrEmail: string): Promise<void> {
  await sql.rows(mailAdded, ['reset-mail', JSON.stringify({ usernameOrEmail }), usernameOrEmail]);
}

// -- tokens ------------------------------------------------------------------------------------

export interface IssuedToken {
  readonly userId: number;
  /** The address of the mail; null for a link that no mail has. */
  readonly email: string | null;
  readonly hash: Buffer;
}

const tokensIssued = statement(`
  SELECT x.user_id AS "userId" FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS x(user_id, email, hash)
  WHERE issue_token(x.user_id, $4::text, x.email, x.hash, $5::int, $6::int)`);

/**
 * Stores the tokens of one mail. Returns the accounts that have one: others got `most` mails of this kind in an hour, or their
 * address did. Without `most` there is no limit.
 */
export async function issueTokens(
  sql: Sql,
  kind: MailKind,
  tokens: readonly IssuedToken[],
  most: number | null = null,
): Promise<number[]> {
  const rows = await sql.rows<{ userId: number }>(tokensIssued, [
    tokens.map(({ userId }) => userId),
    tokens.map(({ email }) => email),
    tokens.map(({ hash }) => hash),
    kind,
    TOKEN_MINUTES[kind],
    most,
  ]);
  return rows.map(({ userId }) => userId);
}

const emailVerified = statement('SELECT verify_email($1::bytea) AS email');

/** Returns the verified address; null if the token is not valid. */
export async function verifyEmail(sql: Sql, hash: Buffer): Promise<string | null> {
  const [row] = await sql.rows<{ email: string | null }>(emailVerified, [hash]);
  return row?.email ?? null;
}

export interface TokenHolder {
  readonly username: string;
  readonly displayName: string;
  readonly email: string | null;
}

const holderOf = statement(`
  SELECT u.username, u.display_name AS "displayName", u.email FROM one_time_tokens t JOIN users u ON u.id = t.user_id
  WHERE t.hash = $1::bytea AND t.purpose = 'password-reset' AND t.used_at IS NULL AND t.expires_at > now()`);

/** The account of a token for a new password; null if the token is not valid. */
export async function findTokenHolder(sql: Sql, hash: Buffer): Promise<TokenHolder | null> {
  const [row] = await sql.rows<TokenHolder>(holderOf, [hash]);
  return row ?? null;
}

const passwordReset = statement(
  'SELECT user_id AS "userId", session_ids AS "sessionIds" FROM reset_password($1::bytea, $2::text, $3::boolean)',
);

/** Also tells the verified address. Returns the sessions that this ended; null if the token is not valid. */
export async function resetPassword(
  sql: Sql,
  hash: Buffer,
  passwordHash: string,
  sendsMail: boolean,
): Promise<number[] | null> {
  const values = [hash, passwordHash, sendsMail];
  const [row] = await sql.rows<{ sessionIds: (number | string)[] }>(passwordReset, values);
  return row ? row.sessionIds.map(Number) : null;
}
