import { createHash, createHmac, hkdfSync, randomBytes, webcrypto } from 'node:crypto';
import { errors, type JWTHeaderParameters, jwtVerify, SignJWT } from 'jose';
import type { Services, Viewer } from '../context.ts';
import { Lru } from '../platform/lru.ts';
import { memo } from '../platform/memo.ts';

/** The settings and keys that tokens need. The command line has them, too, without being a node. */
export type Issuer = Pick<Services, 'settings' | 'secrets'>;

/** Why an access token is not accepted. */
export type TokenProblem = 'INVALID' | 'EXPIRED';

/** The tokens of a session, as the client gets them. */
export interface SessionTokens {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  readonly refreshToken: string;
}

const ALGORITHM = 'HS256';
const TYPE = 'at+jwt';
const AUDIENCE = 'parley';
// Our tokens have some 280 characters.
const MAX_LENGTH = 2_048;
const MAX_REMEMBERED = 10_000;

/** How long a token is accepted after it expired, because clocks of nodes differ. Streams end exactly. */
export const CLOCK_TOLERANCE_SECONDS = 30;

interface Key {
  readonly id: string;
  readonly key: Promise<webcrypto.CryptoKey>;
  /** The key that derives refresh tokens from refresh tokens, and nothing else. */
  readonly successors: Buffer;
  readonly networks: Buffer;
}

const derived = (secret: string, purpose: string) =>
  Buffer.from(hkdfSync('sha256', secret, '', `parley ${purpose}`, 32));

function keyOf(secret: string): Key {
  const usages: webcrypto.KeyUsage[] = ['sign', 'verify'];
  return {
    id: createHash('sha256').update(secret).digest('hex').slice(0, 8),
    key: webcrypto.subtle.importKey(
      'raw',
      Buffer.from(secret),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      usages,
    ),
    successors: derived(secret, 'refresh token successor'),
    networks: derived(secret, 'known network'),
  };
}

const keyring = memo((issuer: Issuer): [Key, ...Key[]] => {
  const [first, ...others] = issuer.secrets.map(keyOf);
  if (!first) throw new Error('no secret to sign access tokens with');
  return [first, ...others];
});

// -- access tokens -----------------------------------------------------------------------------

/** Signs a token. The same `at` gives the same token, so a repeated request gets it again. */
export async function signAccessToken(
  issuer: Issuer,
  userId: number,
  sessionId: number,
  at: Date,
  isGuest = false,
) {
  const [{ id, key }] = keyring(issuer);
  const issuedAt = Math.floor(at.getTime() / 1000);
  const expires = issuedAt + issuer.settings.ACCESS_TOKEN_TTL_SECONDS;
  const accessToken = await new SignJWT({ sid: String(sessionId), ...(isGuest && { guest: true }) })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: id })
    .setIssuer(issuer.settings.JWT_ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(String(userId))
    .setIssuedAt(issuedAt)
    .setExpirationTime(expires)
    .sign(await key);
  return { accessToken, accessTokenExpiresAt: new Date(expires * 1000) };
}

/** Tokens that were verified: a client sends the same one with every request until it expires. */
const verified = memo<Issuer, Lru<Viewer>>(() => new Lru(MAX_REMEMBERED, MAX_REMEMBERED));

/**
 * Returns the viewer of an access token, without any read. `findViewer` also checks whether the session was revoked.
 * `expiresAt` is exact, so it may be in the past by up to the tolerance.
 */
export async function verifyAccessToken(issuer: Issuer, token: string): Promise<Viewer | TokenProblem> {
  if (token.length > MAX_LENGTH) return 'INVALID';
  const known = verified(issuer).get(token);
  if (known) return known.expiresAt + CLOCK_TOLERANCE_SECONDS * 1000 > Date.now() ? known : 'EXPIRED';
  const viewer = await verify(issuer, token);
  if (typeof viewer === 'object') verified(issuer).set(token, viewer, 1);
  return viewer;
}

async function verify(issuer: Issuer, token: string): Promise<Viewer | TokenProblem> {
  try {
    const { payload } = await jwtVerify(token, (header) => keyNamed(issuer, header), {
      algorithms: [ALGORITHM],
      issuer: issuer.settings.JWT_ISSUER,
      audience: AUDIENCE,
      typ: TYPE,
      requiredClaims: ['sub', 'sid', 'exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    const [userId, sessionId] = [numberIn(payload.sub), numberIn(payload['sid'])];
    const expiresAt = (payload.exp ?? Number.NaN) * 1000;
    const isWhole =
      userId !== null &&
      sessionId !== null &&
      Number.isSafeInteger(payload.exp) &&
      Number.isSafeInteger(expiresAt);
    return isWhole
      ? { userId, sessionId, expiresAt, ...(payload['guest'] === true && { isGuest: true }) }
      : 'INVALID';
  } catch (error) {
    return error instanceof errors.JWTExpired ? 'EXPIRED' : 'INVALID';
  }
}

async function keyNamed(
  issuer: Issuer,
  { kid }: JWTHeaderParameters | { kid?: string },
): Promise<webcrypto.CryptoKey> {
  const known = keyring(issuer).find(({ id }) => id === kid);
  if (!known) throw new errors.JWKSNoMatchingKey();
  return known.key;
}

function numberIn(claim: unknown): number | null {
  if (typeof claim !== 'string' || !/^[1-9]\d{0,15}$/.test(claim)) return null;
  const number = Number(claim);
  return Number.isSafeInteger(number) ? number : null;
}

// -- opaque tokens -----------------------------------------------------------------------------

/** 256 random bits. */
export function newOpaqueToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The form in which opaque tokens are stored. They are random, so a fast hash is enough. */
export function hashOf(token: string): Buffer<ArrayBuffer> {
  return createHash('sha256').update(token).digest();
}

export function isOpaqueToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}

/**
 * Returns the possible successors of a refresh token, one for each secret; the first is the one to issue. They are
 * derived from the token, so every node gives the same answer to a repeated refresh, and no token is stored as plain
 * text.
 */
export function successorsOf(issuer: Issuer, refreshToken: string): [string, ...string[]] {
  const successor = (key: Key) =>
    createHmac('sha256', key.successors).update(refreshToken).digest('base64url');
  const [first, ...others] = keyring(issuer);
  return [successor(first), ...others.map(successor)];
}

const NETWORK_HASH_BYTES = 16;

/**
 * Hashes of a network in which an account is used, one for each secret; the first is the one to store. They are keyed,
 * because all addresses could be tried, and differ for each account.
 */
export function networkHashes(issuer: Issuer, userId: number, network: string): [Buffer, ...Buffer[]] {
  const hash = (key: Key) =>
    createHmac('sha256', key.networks)
      .update(`${userId} ${network}`)
      .digest()
      .subarray(0, NETWORK_HASH_BYTES);
  const [first, ...others] = keyring(issuer);
  return [hash(first), ...others.map(hash)];
}
