import {
  type CryptoKey,
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWTHeaderParameters,
} from 'jose';
import { boundedFetch } from './bounded-fetch.ts';

const TIMEOUT_MS = 5_000;
const KEPT_MS = 10 * 60_000;
/** An unknown key id makes the node read the keys again, at most this often. */
const REFRESH_MS = 30_000;

/** Finds the key that has signed a token. */
export type KeySource = (header: JWTHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

type Jwk = Parameters<typeof createLocalJWKSet>[0]['keys'][number];

/** The keys of a setting. A token may name its key by an id that the setting does not have. */
export function configuredKeys(keys: readonly Jwk[]): KeySource {
  const find = createLocalJWKSet({ keys: [...keys] });
  return (header, token) => {
    const isKnown = keys.some(({ kid }) => kid !== undefined && kid === header.kid);
    const { kid: _, ...rest } = header;
    return find(isKnown ? header : rest, token);
  };
}

/** The keys at an address, kept for some minutes. A new key is found when its first token arrives. */
export function publishedKeys(url: string, refreshMs = REFRESH_MS): KeySource {
  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: TIMEOUT_MS,
    cacheMaxAge: KEPT_MS,
    cooldownDuration: refreshMs,
    [customFetch]: boundedFetch(requireKeys) as never,
  });
}

/** @throws Error, for any answer but a set of keys */
async function requireKeys(answer: Response): Promise<void> {
  if (answer.status !== 200) throw new Error(`the issuer answered ${answer.status}`);
  createLocalJWKSet((await answer.json()) as JSONWebKeySet);
}

/** Whether the error means that the token is wrong. Any other one means that the keys could not be read. */
export function isOfToken(error: unknown): error is errors.JOSEError {
  return OF_TOKEN.some((kind) => error instanceof kind);
}

const OF_TOKEN = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];
