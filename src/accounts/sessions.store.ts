import type { Page } from '../graphql/paging.ts';
import { type Database, type Sql, statement } from '../platform/db.ts';

const asNumber = ({ id }: { id: bigint }) => Number(id);

// -- opening -----------------------------------------------------------------------------------

export interface OpenedSession {
  readonly sessionId: number;
  readonly at: Date;
}

// The lock on the account makes this wait for a change of the password or a suspension under way, and then judge anew:
// what ends all sessions of an account also ends, or keeps from beginning, the one that begins at the same moment.
const sessionOpened = statement(`
  WITH account AS (
    SELECT id FROM users WHERE id = $1::bigint AND password_hash = $2::text AND suspended_at IS NULL AND deleted_at IS NULL FOR SHARE
  ), session AS (
    INSERT INTO sessions (user_id, expires_at) SELECT id, now() + make_interval(days => $4::int) FROM account RETURNING id, created_at
  ), token AS (
    INSERT INTO refresh_tokens (hash, session_id) SELECT $3::bytea, id FROM session
  )
  SELECT id AS "sessionId", created_at AS at FROM session`);

/** Null where the account does not have that password hash any more, or may not sign in. */
export async function insertSession(
  sql: Sql,
  account: { id: number; passwordHash: string },
  refreshHash: Buffer,
  days: number,
): Promise<OpenedSession | null> {
  const [row] = await sql.rows<OpenedSession>(sessionOpened, [
    account.id,
    account.passwordHash,
    refreshHash,
    days,
  ]);
  return row ?? null;
}

// -- refreshing --------------------------------------------------------------------------------

export interface Refreshed {
  readonly userId: number;
  readonly sessionId: number;
  /** When the token was first exchanged. */
  readonly at: Date;
}

/** The session that a refresh token was given out in, whatever has become of it. */
export async function findSessionOfToken(db: Database, hash: Buffer<ArrayBuffer>): Promise<number | null> {
  const row = await db.prisma.refreshToken.findUnique({ where: { hash }, select: { sessionId: true } });
  return row && Number(row.sessionId);
}

const isOpen =
  's.revoked_at IS NULL AND s.expires_at > now() AND u.suspended_at IS NULL AND u.deleted_at IS NULL';

// Of those who exchange one token at once, the row's lock lets the first; the others find it exchanged.
const tokenRotated = statement(`
  WITH parent AS (
    UPDATE refresh_tokens t SET rotated_at = clock_timestamp() FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE t.hash = $1::bytea AND t.rotated_at IS NULL AND s.id = t.session_id AND ${isOpen}
    RETURNING t.session_id, t.rotated_at
  ), child AS (
    INSERT INTO refresh_tokens (hash, session_id) SELECT $2::bytea, session_id FROM parent
  )
  UPDATE sessions s SET last_used_at = parent.rotated_at, expires_at = parent.rotated_at + make_interval(days => $3::int)
  FROM parent WHERE s.id = parent.session_id AND s.revoked_at IS NULL
  RETURNING s.user_id AS "userId", s.id AS "sessionId", parent.rotated_at AS at`);

/** Exchanges a token for its successor. Null where it has been exchanged before, or the session has ended. */
export async function rotateToken(
  sql: Sql,
  hash: Buffer,
  successorHash: Buffer,
  days: number,
): Promise<Refreshed | null> {
  const [row] = await sql.rows<Refreshed>(tokenRotated, [hash, successorHash, days]);
  return row ?? null;
}

/** What is known of a token that could not be exchanged. */
export interface SpentToken extends Refreshed {
  readonly isOpen: boolean;
  readonly isRecent: boolean;
  /** Which of the successors asked about was given out, as hex; null for none of them. */
  readonly successor: string | null;
  readonly successorIsSpent: boolean;
}

const tokenSpent = statement(`
  SELECT s.user_id AS "userId", s.id AS "sessionId", t.rotated_at AS at, ${isOpen} AS "isOpen",
    t.rotated_at > clock_timestamp() - make_interval(secs => $3::int) AS "isRecent",
    encode(c.hash, 'hex') AS successor, c.rotated_at IS NOT NULL AS "successorIsSpent"
  FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
  LEFT JOIN refresh_tokens c ON c.hash = ANY ($2::bytea[]) AND c.session_id = t.session_id
  WHERE t.hash = $1::bytea AND t.rotated_at IS NOT NULL`);

/** Null where the token has not been exchanged. Recent is whatever was exchanged in the last `seconds`. */
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

// Two that revoke the same sessions take them in one order.
const revokeAll = `
  UPDATE sessions SET revoked_at = clock_timestamp() WHERE id IN (
    SELECT id FROM sessions WHERE user_id = $1::bigint AND id <> $2::bigint AND revoked_at IS NULL ORDER BY id FOR NO KEY UPDATE
  ) AND revoked_at IS NULL RETURNING id`;
const NO_SESSION = 0;

/** The sessions that ended by it. */
export async function revokeSessionsOf(db: Database, userId: number): Promise<number[]> {
  return (await db.prisma.$queryRawUnsafe<{ id: bigint }[]>(revokeAll, userId, NO_SESSION)).map(asNumber);
}

export interface PasswordChange {
  readonly userId: number;
  /** The hash it replaces; without one, whatever there is. */
  readonly from?: string;
  readonly to: string;
  /** The session that goes on. */
  readonly keep?: number;
}

/** The sessions that ended by it; null where the password is not what it was. */
export function changePassword(
  db: Database,
  { userId, from, to, keep = NO_SESSION }: PasswordChange,
): Promise<number[] | null> {
  const where = { id: userId, ...(from !== undefined && { passwordHash: from }) };
  return db.prisma.$transaction(async (tx) => {
    const { count } = await tx.user.updateMany({ where, data: { passwordHash: to } });
    if (count === 0) return null;
    // A statement of its own: it has to see the sessions that began while the one before waited.
    return (await tx.$queryRawUnsafe<{ id: bigint }[]>(revokeAll, userId, keep)).map(asNumber);
  });
}

/** Suspends an account, which ends its sessions, or lifts that. */
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

// now() and not clock_timestamp(): only what does not change during a statement is looked up in an index.
const recentlyRevoked = statement(
  `SELECT id FROM sessions WHERE revoked_at > now() - make_interval(secs => $1::double precision)`,
);

export async function listRevoked(sql: Sql, lastSeconds: number): Promise<number[]> {
  return (await sql.rows<{ id: number }>(recentlyRevoked, [lastSeconds])).map(({ id }) => id);
}

// -- reading -----------------------------------------------------------------------------------

const live = (now: Date) => ({ revokedAt: null, expiresAt: { gt: now } });

/** Newest first, or oldest first backwards; one more than the page tells of another page. */
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

/** Null where it is somebody else's, or has ended. */
export function findSession(db: Database, userId: number, id: number): Promise<SessionRow | null> {
  return db.prisma.session.findFirst({ where: { id, userId, ...live(new Date()) } });
}
