import type { Context, Services, SignedIn, Viewer } from '../context.ts';
import { idOf } from '../graphql/ids.ts';
import {
  type Connection,
  connectionOf,
  listKeys,
  PAGE_SIZE,
  type PageArgs,
  pageOf,
} from '../graphql/paging.ts';
import { refuse } from '../platform/errors.ts';
import { spendRefreshOfAddress, spendRefreshOfSession } from './limits.ts';
import { rememberNetwork } from './networks.ts';
import { revocationsOf } from './revocations.ts';
import * as store from './sessions.store.ts';
import {
  hashOf,
  isOpaqueToken,
  type SessionTokens,
  signAccessToken,
  successorsOf,
  type TokenProblem,
  verifyAccessToken,
} from './tokens.ts';

export type { SessionRow } from './sessions.store.ts';

// A client that did not get the answer repeats the request soon. An exchanged token that is used again later is a
// stolen one.
const RETRY_SECONDS = 10;

export type ViewerProblem = TokenProblem | 'REVOKED';

/** A user who has signed in, with the tokens. */
export interface SignIn {
  readonly tokens: SessionTokens;
  readonly viewer: { readonly userId: number };
}

/**
 * Returns the viewer of an access token, on all transports. It reads nothing: the node knows its keys and the revoked
 * sessions.
 */
export async function findViewer(node: Services, accessToken: string): Promise<Viewer | ViewerProblem> {
  const viewer = await verifyAccessToken(node, accessToken);
  if (typeof viewer === 'string') return viewer;
  return revocationsOf(node).isRevoked(viewer.sessionId) ? 'REVOKED' : viewer;
}

// -- signing in --------------------------------------------------------------------------------

export function isCurrentSession(ctx: Context, sessionId: number): boolean {
  return ctx.viewer?.sessionId === sessionId;
}

/**
 * Returns the tokens of a session that was just stored with the hash of its first refresh token. The rest of the same
 * answer is for the user who has just signed in.
 */
export async function welcome(
  ctx: Context,
  session: { userId: number; sessionId: number; at: Date; isGuest?: boolean },
  refreshToken: string,
): Promise<SignIn> {
  const { userId, sessionId, at, isGuest = false } = session;
  await rememberNetwork(ctx, userId);
  const access = await signAccessToken(ctx.node, userId, sessionId, at, isGuest);
  const expiresAt = access.accessTokenExpiresAt.getTime();
  ctx.viewer = { userId, sessionId, expiresAt, ...(isGuest && { isGuest }) };
  return { tokens: { ...access, refreshToken }, viewer: { userId } };
}

// -- refreshing --------------------------------------------------------------------------------

const notAccepted = () =>
  refuse('INVALID_CREDENTIALS', 'The refresh token is not valid. Sign in again.', {
    path: ['input', 'refreshToken'],
  });

/**
 * Exchanges a refresh token for the next one. For some seconds the same token gives the same answer, so a client can
 * repeat a lost request, and parallel refreshes agree. Any other exchanged token that is used again ends its session.
 * @throws InvalidCredentialsError, RateLimitedError
 */
export async function refreshSession(ctx: Context, refreshToken: string): Promise<SessionTokens> {
  await spendRefreshOfAddress(ctx);
  const known = isOpaqueToken(refreshToken)
    ? await store.findSessionOfToken(ctx.node.db, hashOf(refreshToken))
    : null;
  if (known === null) throw notAccepted();
  // Before the exchange: an exchange without an answer would look like a theft next time.
  await spendRefreshOfSession(ctx, known);
  const { session, successor } =
    (await exchange(ctx.node, refreshToken)) ?? (await repeat(ctx.node, refreshToken));
  await rememberNetwork(ctx, session.userId);
  const { userId, sessionId, at, isGuest } = session;
  const access = await signAccessToken(ctx.node, userId, sessionId, at, isGuest);
  return { ...access, refreshToken: successor };
}

interface Exchange {
  readonly session: store.Refreshed;
  readonly successor: string;
}

async function exchange(node: Services, refreshToken: string): Promise<Exchange | null> {
  const [successor] = successorsOf(node, refreshToken);
  const session = await store.rotateToken(
    node.db.write,
    hashOf(refreshToken),
    hashOf(successor),
    node.settings.REFRESH_TOKEN_TTL_DAYS,
  );
  return session && { session, successor };
}

/**
 * Repeats an exchange.
 * @throws InvalidCredentialsError, after it has ended the session of a token that is used again too late
 */
async function repeat(node: Services, refreshToken: string): Promise<Exchange> {
  const successors = successorsOf(node, refreshToken);
  const spent = await store.findSpentToken(
    node.db.write,
    hashOf(refreshToken),
    successors.map(hashOf),
    RETRY_SECONDS,
  );
  if (!spent?.isOpen) throw notAccepted();
  const successor = successors.find((token) => hashOf(token).toString('hex') === spent.successor);
  if (successor && spent.isRecent && !spent.successorIsSpent) return { session: spent, successor };
  // Exchanged a moment ago by a node with a newer secret: it cannot be repeated here, and is not a theft.
  const isOfUnknownSecret = spent.isRecent && successor === undefined;
  if (!isOfUnknownSecret) {
    await store.revokeSession(node.db.write, spent.sessionId, spent.userId);
    revocationsOf(node).announce([spent.sessionId]);
    node.log.warn(
      { sessionId: spent.sessionId },
      'an exchanged refresh token came back: the session is ended',
    );
  }
  throw notAccepted();
}

/**
 * Replaces the access token of the socket.
 * @throws ConflictError over HTTP, where every request carries its own token; InvalidCredentialsError for a token of
 * another user or session, or one that is not valid
 */
export async function refreshStreamAuth(ctx: Context, accessToken: string): Promise<Viewer> {
  const { connection, node } = ctx;
  if (!connection.isSocket)
    throw refuse('CONFLICT', 'Use this mutation only on a WebSocket. An HTTP request carries its own token.');
  const fresh = await findViewer(node, accessToken);
  const current = connection.viewer;
  const isGood =
    typeof fresh !== 'string' && fresh.userId === current?.userId && fresh.sessionId === current.sessionId;
  if (!isGood || fresh.expiresAt <= Date.now()) {
    throw refuse('INVALID_CREDENTIALS', 'The access token is not valid for this socket.', {
      path: ['input', 'accessToken'],
    });
  }
  // An earlier expiry changes nothing: of two concurrent refreshes, the later expiry counts.
  if (fresh.expiresAt < current.expiresAt) return current;
  connection.swapViewer(fresh);
  return fresh;
}

// -- ending ------------------------------------------------------------------------------------

/** Ends the viewer's own session, if it has not ended yet. Returns its id. */
export async function logout({ node, viewer }: SignedIn): Promise<number> {
  await store.revokeSession(node.db.write, viewer.sessionId, viewer.userId);
  revocationsOf(node).announce([viewer.sessionId]);
  return viewer.sessionId;
}

/**
 * Ends one of the viewer's sessions, if it has not ended yet. Returns its id.
 * @throws NotFoundError, also for a session of another user
 */
export async function revokeSession({ node, viewer }: SignedIn, id: string): Promise<number> {
  const sessionId = idOf('Session', id);
  const isOwn = sessionId !== null && (await store.revokeSession(node.db.write, sessionId, viewer.userId));
  if (!isOwn) throw refuse('NOT_FOUND', 'You have no such session.', { path: ['input', 'sessionId'] });
  revocationsOf(node).announce([sessionId]);
  return sessionId;
}

/** Ends all sessions of the viewer, or all but this one. */
export async function logoutAllSessions(
  { node, viewer }: SignedIn,
  includingThis: boolean,
): Promise<{ endedCount: number }> {
  await node.limits.spend('change', viewer.userId);
  const keep = includingThis ? undefined : viewer.sessionId;
  const ended = await store.revokeSessionsOf(node.db, viewer.userId, keep);
  revocationsOf(node).announce(ended);
  return { endedCount: ended.length };
}

// -- reading -----------------------------------------------------------------------------------

const sessionKeys = listKeys('sessions', 'number');

/** The active sessions, newest first. */
export async function listSessions(
  ctx: Context,
  userId: number,
  args: PageArgs,
): Promise<Connection<store.SessionRow>> {
  const page = pageOf(args, (cursor) => sessionKeys.decode(cursor)?.[0] ?? null, { size: PAGE_SIZE });
  const rows = await store.listSessions(ctx.node.db, userId, page);
  return connectionOf(rows, page, ({ id }) => sessionKeys.encode(Number(id)));
}

/**
 * Returns one of the viewer's sessions; null for anonymous requests, for sessions of others, and for one that has
 * ended.
 */
export async function findSession(
  { node, viewer }: Context,
  sessionId: number,
): Promise<store.SessionRow | null> {
  return viewer && store.findSession(node.db, viewer.userId, sessionId);
}
