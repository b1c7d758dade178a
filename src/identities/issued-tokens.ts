import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Services } from '../context.ts';
import { refuse } from '../platform/errors.ts';
import { memo } from '../platform/memo.ts';
import { type ExternalUser, externalUserOf } from './claims.ts';
import { configuredKeys, isOfToken, type KeySource, publishedKeys } from './keys.ts';

type Issuer = Services['settings']['ISSUERS'][number];

/** In characters. Tokens of issuers have one or two thousand. */
export const MAX_TOKEN = 8_192;
/** Clocks of servers differ. */
const CLOCK_TOLERANCE_SECONDS = 30;

interface TokenIssuer {
  readonly settings: Issuer;
  readonly keys: KeySource;
}

const tokenIssuers = memo(
  ({ settings }: Services) =>
    new Map(
      settings.ISSUERS.filter(({ audience }) => audience !== undefined).map((issuer) => [
        issuer.issuer,
        { settings: issuer, keys: keysOf(issuer) },
      ]),
    ),
);

const keysOf = ({ keys, jwksUrl = '' }: Issuer): KeySource =>
  keys ? configuredKeys(keys as never) : publishedKeys(jwksUrl);

const wrong = (detail: string) => refuse('INVALID_CREDENTIALS', detail, { path: ['input', 'token'] });

/**
 * The user for whom an issuer has signed this token.
 * @throws InvalidCredentialsError that says what is wrong with the token, UnavailableError if the issuer's keys cannot be read
 */
export async function verifyIssuedToken(node: Services, token: string): Promise<ExternalUser> {
  if (token.length > MAX_TOKEN) throw wrong(`A token can have at most ${MAX_TOKEN} characters.`);
  const issuer = tokenIssuers(node).get(issuerIn(token));
  if (!issuer) throw wrong('This server accepts no tokens of this issuer.');
  const payload = await verify(node, token, issuer);
  const user = externalUserOf(issuer.settings, payload);
  if (!user) throw wrong('The token has no usable `sub`: 1 to 255 printable ASCII characters.');
  return user;
}

/** What the token says of its issuer. Only a signature by the keys of that issuer proves it. */
function issuerIn(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    throw wrong('This is not a JSON Web Token.');
  }
}

async function verify(node: Services, token: string, { settings, keys }: TokenIssuer): Promise<JWTPayload> {
  const { issuer, audience = '', algorithms, maxTokenAgeSeconds } = settings;
  const options = {
    issuer,
    audience,
    algorithms,
    requiredClaims: ['sub', 'exp'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    ...(maxTokenAgeSeconds !== undefined && { maxTokenAge: maxTokenAgeSeconds }),
  };
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return await verifyByAny(token, error, options);
    if (isOfToken(error)) throw wrong(reasonOf(error));
    node.log.warn(
      { err: (error as Error).message, issuer: settings.name },
      'the keys of an issuer cannot be read',
    );
    throw refuse('UNAVAILABLE', 'The keys of the issuer cannot be read. Try again.');
  }
}

/** The token does not say which key has signed it. */
async function verifyByAny(
  token: string,
  keys: errors.JWKSMultipleMatchingKeys,
  options: Parameters<typeof jwtVerify>[2],
): Promise<JWTPayload> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw wrong(reasonOf(error as Error));
    }
  }
  throw wrong(reasonOf(keys));
}

/** The sentences for a developer who signs tokens. They say nothing that the token does not contain. */
function reasonOf(error: Error): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (error instanceof errors.JWTClaimValidationFailed) return `The claim ${error.claim} is not accepted.`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The algorithm of the token is not accepted.';
  if (error instanceof errors.JWKSNoMatchingKey) return 'The issuer has no such key.';
  return 'The signature of the token is not valid.';
}
