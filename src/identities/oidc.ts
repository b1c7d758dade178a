import { createHmac, timingSafeEqual } from 'node:crypto';
import { newSession, type OnDevice } from '../accounts/devices.ts';
import { spendIssuedToken } from '../accounts/limits.ts';
import { hashOf, isOpaqueToken, newOpaqueToken } from '../accounts/tokens.ts';
import type { Context, Services } from '../context.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { type ExternalUser, externalUserOf } from './claims.ts';
import { insertRequest, purgeRequests, takeRequest } from './oidc.store.ts';
import { type Binding, type Callback, type Provider, providersOf } from './providers.ts';
import { type IdentitySignIn, signInAs } from './sign-in.ts';

/** How long a user may take at the provider. */
export const REQUEST_MINUTES = 10;
/** In characters: of a code, a state and an issuer in the answer of a provider. */
export const MAX_ANSWER = 4_096;

/** Where a sign-in with a provider begins. */
export interface OidcStart {
  /** The name of the issuer. */
  readonly provider: string;
  readonly redirectUri: string;
}

export interface StartedOidc {
  readonly url: string;
  readonly secret: string;
  readonly expiresAt: Date;
}

/**
 * Begins a sign-in, or the linking of an identity to a user. The secret never leaves the client, so the answer of the
 * provider is worth nothing in another browser.
 * @throws ValidationError, RateLimitedError, UnavailableError
 */
export async function beginOidc(
  ctx: Context,
  { provider: name, redirectUri }: OidcStart,
  userId: number | null,
): Promise<StartedOidc> {
  const { node } = ctx;
  await spendIssuedToken(ctx);
  const provider = providersOf(node).get(name);
  if (!provider) throw invalid('input.provider', 'This server has no such provider.');
  if (!isAllowed(node, provider, redirectUri))
    throw invalid('input.redirectUri', 'The settings of the server do not allow this address.');
  const secret = newOpaqueToken();
  const url = await provider.addressFor(redirectUri, bindingOf(secret));
  const request = { hash: hashOf(secret), issuer: provider.settings.issuer, redirectUri, userId };
  return { url, secret, expiresAt: await insertRequest(node.db.write, request, REQUEST_MINUTES) };
}

/** Outside production, pages of this machine are allowed, as in CORS. */
function isAllowed({ settings }: Services, { settings: own }: Provider, redirectUri: string): boolean {
  const { PUBLIC_URL, isProduction } = settings;
  const allowed = own.redirectUris ?? (PUBLIC_URL === undefined ? [] : [PUBLIC_URL]);
  return allowed.includes(redirectUri) || (!isProduction && isOfThisMachine(redirectUri));
}

const isOfThisMachine = (address: string) =>
  /^http:\/\/(localhost|127\.0\.0\.1)(:\d{1,5})?\/[^?#\s]*$/.test(address);

/** Everything that binds an answer follows from the secret, so the database contains no secret. */
function bindingOf(secret: string): Binding {
  const derived = (purpose: string) =>
    createHmac('sha256', secret).update(`parley oidc ${purpose}`).digest('base64url');
  return { state: derived('state'), nonce: derived('nonce'), verifier: derived('code verifier') };
}

/** The answer of a provider, and the secret of the request. */
export interface OidcAnswer extends Callback {
  readonly secret: string;
}

const wrong = (field: string, detail: string) =>
  refuse('INVALID_CREDENTIALS', detail, { path: ['input', field] });

/**
 * The user whom the provider has confirmed. Each request is used once.
 * @throws InvalidCredentialsError for the answer to another request, or one that was used or is too old, UnavailableError
 */
export async function confirmedUser(
  ctx: Context,
  { secret, ...callback }: OidcAnswer,
  userId: number | null,
): Promise<ExternalUser> {
  await spendIssuedToken(ctx);
  if (!isOpaqueToken(secret)) throw wrong('secret', 'This is no secret of a sign-in.');
  const binding = bindingOf(secret);
  if (!isEqual(callback.state, binding.state))
    throw wrong('state', 'This is the answer to another sign-in. Begin again.');
  if (callback.code.length > MAX_ANSWER || (callback.iss?.length ?? 0) > MAX_ANSWER)
    throw wrong('code', 'The answer of the provider is too long.');
  const request = await takeRequest(ctx.node.db.write, hashOf(secret));
  const provider = [...providersOf(ctx.node).values()].find(
    ({ settings }) => settings.issuer === request?.issuer,
  );
  if (!request || !provider || request.userId !== userId)
    throw wrong('secret', 'This sign-in has ended or was completed already. Begin again.');
  const claims = await provider.claimsOf(request.redirectUri, callback, binding);
  const user = externalUserOf(provider.settings, claims);
  if (!user) throw wrong('code', 'The provider names no usable subject.');
  return user;
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * Signs in as the user whom a provider has confirmed, who is created at first sight.
 * @throws InvalidCredentialsError, ValidationError, PermissionDeniedError, ConflictError, RateLimitedError, UnavailableError
 */
export async function completeOidcLogin(ctx: Context, input: OidcAnswer & OnDevice): Promise<IdentitySignIn> {
  const device = newSession(ctx, input);
  const { code, state, iss, secret } = input;
  return signInAs(ctx, await confirmedUser(ctx, { code, state, iss, secret }, null), device);
}

/** Deletes requests whose time is over. Returns how many. */
export const purgeOidcRequests = ({ db }: Services): Promise<number> => purgeRequests(db.tail);
