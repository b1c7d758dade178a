import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Signatures by a private key. With a shared secret (HS256), whoever checks a token could also make one. */
export const TOKEN_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

const MAX_ISSUERS = 20;
const MAX_KEYS = 10;
const MAX_REDIRECT_URIS = 20;
const MIN_RSA_BITS = 2_048;

/** A public key in the form of a JWK. */
export interface PublicJwk {
  readonly kty: string;
  readonly kid?: string;
  readonly [member: string]: unknown;
}

const text = (most: number) => z.string().min(1).max(most);

const isOfThisMachine = (host: string) => ['localhost', '127.0.0.1', '[::1]'].includes(host);

/** Plain HTTP would let anyone on the way replace the keys. On this machine nobody is on the way. */
const isSafeUrl = (value: string) => {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isOfThisMachine(url.hostname));
  return isSafe && url.username === '' && url.password === '' && url.hash === '';
};
const safeUrl = z
  .string()
  .refine(isSafeUrl, { error: 'must be an https:// URL (http:// only for this machine), without a user' });

/** A page of the client, or an address that a native application has registered, such as `org.example.app:/signed-in`. */
export function isRedirectUri(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  const isOfApp = /^[a-z][a-z\d+-]*\.[a-z\d+.-]+:$/.test(url.protocol);
  return (isOfApp || isSafeUrl(value)) && url.search === '' && url.hash === '';
}
const redirectUri = z.string().refine(isRedirectUri, {
  error: 'must be an https:// URL (http:// only for this machine), or one of an application, without ? and #',
});

const key = z.union([z.string(), z.record(z.string(), z.unknown())]).transform((given, ctx): PublicJwk => {
  const found = publicKeyIn(given);
  if (typeof found !== 'string') return found;
  ctx.addIssue({ code: 'custom', message: found });
  return z.NEVER;
});

/** Returns the key, or what is wrong with it. */
function publicKeyIn(given: string | Record<string, unknown>): PublicJwk | string {
  const isPrivate = typeof given === 'string' ? given.includes('PRIVATE KEY') : 'd' in given || 'k' in given;
  if (isPrivate) return 'must be a public key: the private one belongs to the issuer only';
  try {
    const found = createPublicKey(
      typeof given === 'string' ? given : { key: given as never, format: 'jwk' as const },
    );
    if (isShort(found)) return `must have at least ${MIN_RSA_BITS} bits`;
    const { kid } = typeof given === 'string' ? {} : given;
    return { ...found.export({ format: 'jwk' }), ...(typeof kid === 'string' && { kid }) } as PublicJwk;
  } catch {
    return 'must be a public key: a text in PEM, or a JWK';
  }
}

const isShort = ({ asymmetricKeyDetails }: KeyObject) =>
  (asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS) < MIN_RSA_BITS;

const issuerSchema = z
  .strictObject({
    /** In the API and the logs. */
    name: z.string().regex(/^[a-z0-9-]{1,32}$/, { error: 'must have 1 to 32 characters: a-z, 0-9 and -' }),
    /** On buttons. */
    displayName: text(50).optional(),
    /** `iss` of its tokens. */
    issuer: text(255),
    /** `aud` of its tokens. Without it, tokens of the issuer are refused. */
    audience: text(255).optional(),
    jwksUrl: safeUrl.optional(),
    keys: z.array(key).min(1).max(MAX_KEYS).optional(),
    algorithms: z
      .array(z.enum(TOKEN_ALGORITHMS))
      .min(1)
      .default([...TOKEN_ALGORITHMS]),
    /** Of this server as a client of an OpenID provider. Without it, users cannot sign in there. */
    clientId: text(255).optional(),
    /** Without it, the server is a public client. */
    clientSecret: text(1_000).optional(),
    scope: text(500).default('openid profile email'),
    /** The pages to which the provider sends users back. Default: PUBLIC_URL. */
    redirectUris: z.array(redirectUri).min(1).max(MAX_REDIRECT_URIS).optional(),
    maxTokenAgeSeconds: z.int().min(1).max(86_400).optional(),
    /** The names of the claims. */
    claims: z
      .strictObject({
        username: text(100).default('preferred_username'),
        displayName: text(100).default('name'),
        email: text(100).default('email'),
        emailVerified: text(100).default('email_verified'),
      })
      .prefault({}),
    createsUsers: z.boolean().default(true),
    linksVerifiedEmail: z.boolean().default(false),
    usernames: z.enum(['adapted', 'exact']).default('adapted'),
    usernamePrefix: z
      .string()
      .regex(/^[A-Za-z0-9_-]{0,20}$/, { error: 'must have at most 20 characters: A-Z, a-z, 0-9, _ and -' })
      .default(''),
  })
  .refine(({ jwksUrl, keys }) => !(jwksUrl && keys), { error: 'has jwksUrl and keys: one of them is enough' })
  .refine(({ audience, jwksUrl, keys }) => (audience === undefined) === !(jwksUrl ?? keys), {
    error: 'needs audience together with jwksUrl or keys',
  })
  .refine(({ audience, clientId }) => (audience ?? clientId) !== undefined, {
    error: 'has no use: it needs audience, clientId or both',
  })
  .refine(({ clientId, clientSecret }) => clientSecret === undefined || clientId !== undefined, {
    error: 'has clientSecret without clientId',
  })
  .refine(({ clientId, issuer }) => clientId === undefined || isSafeUrl(issuer), {
    error:
      'needs an https:// URL as issuer (http:// only for this machine): the configuration of the provider is there',
  });

/** Another system whose users are users of this server. */
export type IssuerSettings = z.output<typeof issuerSchema>;

const issuersSchema = z
  .array(issuerSchema)
  .max(MAX_ISSUERS)
  .refine((issuers) => isUnique(issuers.map(({ name }) => name)), { error: 'has two entries with one name' })
  .refine((issuers) => isUnique(issuers.map(({ issuer }) => issuer)), {
    error: 'has two entries with one issuer',
  });

const isUnique = (names: readonly string[]) => new Set(names).size === names.length;

/** The setting ISSUERS: a list in JSON, or the path of a file with one. */
export const issuers = z
  .string()
  .default('[]')
  .transform((given, ctx): readonly IssuerSettings[] => {
    const json = jsonIn(given);
    if (json === undefined) {
      const message = 'must be a list in JSON, or the path of a file that contains one';
      ctx.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
    const { data, error } = issuersSchema.safeParse(json);
    if (data) return data;
    for (const { path, message } of error.issues)
      ctx.addIssue({ code: 'custom', message: placed(path, message) });
    return z.NEVER;
  });

function jsonIn(given: string): unknown {
  try {
    return JSON.parse(given.trimStart().startsWith('[') ? given : readFileSync(given, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Entries are counted from 1, as people do. */
function placed(path: readonly PropertyKey[], message: string): string {
  const [index, ...inside] = path;
  if (index === undefined) return message;
  return [`entry ${Number(index) + 1}`, ...inside].join(', ') + `: ${message}`;
}
