import type { Page } from '../graphql/paging.ts';
import { type Database, type Sql, statement } from '../platform/db.ts';

const asNumber = ({ id }: { id: bigint }) => Number(id);

// -- opening -----------------------------------------------------------------------------------

/** A session to store, with the hash of its first refresh token. */
export interface NewSession {
  readonly refreshHash: Buffer;
  readonly days: number;
  readonly deviceName: string | null;
  readonly userAgent: string | null;
}

export interface OpenedSession {
  readonly sessionId: number;
  readonly at: Date;
}

/** A sign-in that needs a second factor. */
export interface WaitingSignIn {
  readonly expiresAt: Date;
  readonly hasRecoveryCodes: boolean;
}

// The lock on the account waits for a concurrent password change or suspension, and then checks again. So an operation
// that ends all sessions of an account also prevents the session that begins at the same moment.
const sessionOpened = statement(`
  WITH account AS (
    SELECT id, EXISTS (SELECT FROM totp_secrets t WHERE t.user_id = users.id AND t.confirmed_at IS NOT NULL) AS waits
    FROM users WHERE id = $1::bigint AND password_hash = $2::text AND suspended_at IS NULL AND deleted_at IS NULL FOR SHARE
  ), session AS (
    INSERT INTO sessions (user_id, expires_at, device_name, user_agent)
    SELECT id, now() + make_interval(days => $4::int), $5::text, $6::text FROM account WHERE NOT waits RETURNING id, created_at
  ), token AS (
    INSERT INTO refresh_tokens (hash, session_id) SELECT $3::bytea, id FROM session
  ), challenge AS (
    INSERT INTO one_time_tokens (hash, purpose, user_id, expires_at)
    SELECT $7::bytea, 'second-factor', id, now() + make_interval(mins => $8::int) FROM account WHERE waits RETURNING user_id, expires_at
  )
  SELECT id AS "sessionId", created_at AS at, NULL AS "expiresAt", NULL AS "hasRecoveryCodes" FROM session
  UNION ALL
  SELECT NULL, NULL, expires_at, EXISTS (SELECT FROM recovery_codes c WHERE c.user_id = challenge.user_id AND c.used_at IS NULL)
  FROM challenge`);

/** The hash of the token with which a sign-in continues, and how long it is valid. */
export interface NewChallenge {
  readonly hash: Buffer;
  readonly minutes: number;
}

/** Returns null if the account has another password hash meanwhile, or may not sign in. */
export async function insertSession(
  sql: Sql,
  account: { id: number; passwordHash: string },
  { refreshHash, days, deviceName, userAgent }: NewSession,
  { hash, minutes }: NewChallenge,
): Promise<OpenedSession | WaitingSignIn | null> {
  const values = [account.id, account.passwordHash, refreshHash, days, deviceName, userAgent, hash, minutes];
  const [row] = await sql.rows<SessionOrChallenge>(sessionOpened, values);
  if (!row) return null;
  const { sessionId, at, expiresAt, hasRecoveryCodes } = row;
  return sessionId === null ? { expiresAt, hasRecoveryCodes } : { sessionId, at };
}

type SessionOrChallenge =
  | (OpenedSession & { [Field in keyof WaitingSignIn]: null })
  | (WaitingSignIn & { [Field in keyof OpenedSession]: null });

// -- refreshing --------------------------------------------------------------------------------

export interface Refreshed {
  readonly userId: number;
  readonly sessionId: number;
  /** When the token was first exchanged. */
  readonly at: Date;
  readonly isGuest: boolean;
}

/** Finds the session of a refresh token, in whatever state the token is. */
export async function findSessionOfToken(db: Database, hash: Buffer<ArrayBuffer>): Promise<number | null> {
  const row = await db.prisma.refreshToken.findUnique({ where: { hash }, select: { sessionId: true } });
  return row && Number(row.sessionId);
}

const isOpen =
  's.revoked_at IS NULL AND s.expires_at > now() AND u.suspended_at IS NULL AND u.deleted_at IS NULL';

// The row lock lets the first of several concurrent exchanges succeed; the others find the token exchanged.
const tokenRotated = statement(`
  WITH parent AS (
    UPDATE refresh_tokens t SET rotated_at = clock_timestamp() FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE t.hash = $1::bytea AND t.rotated_at IS NULL AND s.id = t.session_id AND ${isOpen}
    RETURNING t.session_id, t.rotated_at, u.guest_room_id IS NOT NULL AS is_guest
  ), child AS (
    INSERT INTO refresh_tokens (hash, session_id) SELECT $2::bytea, session_id FROM parent
  )
  UPDATE sessions s SET last_used_at = parent.rotated_at, expires_at = parent.rotated_at + make_interval(days => $3::int)
  FROM parent WHERE s.id = parent.session_id AND s.revoked_at IS NULL
  RETURNING s.user_id AS "userId", s.id AS "sessionId", parent.rotated_at AS at, parent.is_guest AS "isGuest"`);

/** Exchanges a token for its successor. Returns null if the token was exchanged before, or the session has ended. */
export async function rotateToken(
  sql: Sql,
  hash: Buffer,
  successorHash: Buffer,
  days: number,
): Promise<Refreshed | null> {
  const [row] = await sql.rows<Refreshed>(tokenRotated, [hash, successorHash, days]);
  return row ?? null;
}

/** The data of a token that could not be exchanged. */
export interface SpentToken extends Refreshed {
  readonly isOpen: boolean;
  readonly isRecent: boolean;
  /** The successor that was issued, of the given ones, as hex; null for none of them. */
  readonly successor: string | null;
  readonly successorIsSpent: boolean;
}

const tokenSpent = statement(`
  SELECT s.user_id AS "userId", s.id AS "sessionId", t.rotated_at AS at, u.guest_room_id IS NOT NULL AS "isGuest", ${isOpen} AS "isOpen",
    t.rotated_at > clock_timestamp() - make_interval(secs => $3::int) AS "isRecent",
    encode(c.hash, 'hex') AS successor, c.rotated_at IS NOT NULL AS "successorIsSpent"
  FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
  LEFT JOIN refresh_tokens c ON c.hash = ANY ($2::bytea[]) AND c.session_id = t.session_id
  WHERE t.hash = $1::bytea AND t.rotated_at IS NOT NULL`);

/** Returns null if the token was not exchanged. `isRecent` means: exchanged in the last `seconds`. */
export async function findSpentToken(
  sql: Sql,
  hash: Buffer,
  successors: readonly Buffer[],
  seconds: number,
): Promise<SpentToken | null> {
  const [row] = await sql.rows<SpentToken>(tokenSpent, [hash, successors, seconds]);
  return row ?? null;
}

// -- revoking ----------------------------------------------------------------------------------

const sessionRevoked = statement(`
  UPDATE sessions SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE id = $1::bigint AND user_id = $2::bigint RETURNING id`);

/** Whether the user has, or had, that session. */
export async function revokeSession(sql: Sql, sessionId: number, userId: number): Promise<boolean> {
  return (await sql.rows(sessionRevoked, [sessionId, userId])).length > 0;
}

// Concurrent revocations of the same sessions lock them in one order.
const revokeAll = `
  UPDATE sessions SET revoked_at = clock_timestamp() WHERE id IN (
    SELECT id FROM sessions WHERE user_id = $1::bigint AND id <> $2::bigint AND revoked_at IS NULL ORDER BY id FOR NO KEY UPDATE
  ) AND revoked_at IS NULL RETURNING id`;
const NO_SESSION = 0;

/** Returns the sessions that this ended. `keep` continues. */
export async function revokeSessionsOf(db: Database, userId: number, keep = NO_SESSION): Promise<number[]> {
  return (await db.prisma.$queryRawUnsafe<{ id: bigint }[]>(revokeAll, userId, keep)).map(asNumber);
}

export interface PasswordChange {
  readonly userId: number;
  /** The hash to replace; without one, any hash. */
  readonly from?: string;
  readonly to: string;
  /** The session that continues. */
  readonly keep?: number;
  /** Whether the verified address gets a notice. */
  readonly sendsMail: boolean;
}

const passwordSet = statement(
  'SELECT set_password($1::bigint, $2::text, $3::text, $4::bigint, $5::boolean) AS "sessionIds"',
);

/**
 * Also forgets a change of the address that is not verified yet, and makes links of mails void. Returns the sessions that this
 * ended; null if the password hash is not the expected one.
 */
export async function changePassword(
  sql: Sql,
  { userId, from, to, keep, sendsMail }: PasswordChange,
): Promise<number[] | null> {
  const values = [userId, from ?? null, to, keep ?? null, sendsMail];
  const [row] = await sql.rows<{ sessionIds: (number | string)[] | null }>(passwordSet, values);
  return row?.sessionIds?.map(Number) ?? null;
}

/** Suspends an account, which ends its sessions, or ends the suspension. */
export function setSuspended(db: Database, userId: number, isSuspended: boolean): Promise<number[]> {
  return db.prisma.$transaction(async (tx) => {
    await tx.user.updateMany({
      where: { id: userId, ...(isSuspended && { suspendedAt: null }) },
      data: { suspendedAt: isSuspended ? new Date() : null },
    });
    return isSuspended
      ? (await tx.$queryRawUnsafe<{ id: bigint }[]>(revokeAll, userId, NO_SESSION)).map(asNumber)
      : [];
  });
}

// now() and not clock_timestamp(): an index lookup needs a value that is constant during a statement.
const recentlyRevoked = statement(
  `SELECT id FROM sessions WHERE revoked_at > now() - make_interval(secs => $1::double precision)`,
);

export async function listRevoked(sql: Sql, lastSeconds: number): Promise<number[]> {
  return (await sql.rows<{ id: number }>(recentlyRevoked, [lastSeconds])).map(({ id }) => id);
}

// -- reading -----------------------------------------------------------------------------------

const live = (now: Date) => ({ revokedAt: null, expiresAt: { gt: now } });

/** Newest first, or oldest first backwards. One more row than the page shows whether there is another page. */
export function listSessions(db: Database, userId: number, page: Page<number>) {
  return db.prisma.session.findMany({
    where: {
      userId,
      ...live(new Date()),
      id: {
        ...(page.after !== null && { lt: page.after }),
        ...(page.before !== null && { gt: page.before }),
      },
    },
    orderBy: { id: page.backwards ? 'asc' : 'desc' },
    take: page.size + 1,
  });
}

export type SessionRow = Awaited<ReturnType<typeof listSessions>>[number];

/** Returns null if the session belongs to another user, or has ended. */
export function findSession(db: Database, userId: number, id: number): Promise<SessionRow | null> {
  return db.prisma.session.findFirst({ where: { id, userId, ...live(new Date()) } });
}
