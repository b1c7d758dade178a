import type { Client } from './client.ts';
import { ParleyError } from './errors.ts';
import type { Proof } from './factors.ts';
import {
  BeginAtProviderDocument,
  BeginLinkDocument,
  EndIdentityDocument,
  EnterFromProviderDocument,
  EnterWithTokenDocument,
  IdentitiesDocument,
  type IdentitiesQuery,
  type IdentityFieldsFragment,
  LinkFromProviderDocument,
  type NewTokensFragment,
  ProvidersDocument,
} from './generated/documents.ts';
import { post, successOf } from './http.ts';

// An entry of its own: an application whose users have passwords does not load it.

interface Entered {
  readonly isNew: boolean;
  readonly tokens: NewTokensFragment;
  readonly viewer: { readonly user: { readonly id: string } };
}

/** Continues as the user who has signed in. */
async function enter(client: Client, { isNew, tokens, viewer }: Entered): Promise<{ isNew: boolean }> {
  await (await client.commands()).begin(viewer.user.id, tokens);
  return { isNew };
}

/**
 * Signs in with a token of the application's own backend. `isNew` says whether this has created the user.
 * @throws ParleyError `INVALID_CREDENTIALS` for a token that the server does not accept, another refusal, or `NETWORK`
 */
export async function signInWithToken(
  client: Client,
  token: string,
  deviceName?: string,
): Promise<{ isNew: boolean }> {
  const input = { token, ...(deviceName !== undefined && { deviceName }) };
  const { loginWithToken } = await post(client.options.endpoint, EnterWithTokenDocument, { input });
  return enter(client, successOf(loginWithToken));
}

// -- providers ---------------------------------------------------------------------------------

/** An OpenID provider, for a button. */
export interface SignInProvider {
  readonly name: string;
  readonly displayName: string;
}

/**
 * The providers with which users can sign in. Works without signing in.
 * @throws ParleyError `NETWORK`
 */
export async function signInProviders(client: Client): Promise<readonly SignInProvider[]> {
  return (await post(client.options.endpoint, ProvidersDocument, {})).serverInfo.signInProviders;
}

/** Where the secret of a sign-in is kept until the provider answers: in this tab only. `sessionStorage` by default. */
export interface SecretStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const KEY = 'parley sign-in';
const ofTab = (): SecretStore => (globalThis as unknown as { sessionStorage: SecretStore }).sessionStorage;

interface Pending {
  readonly secret: string;
  readonly kind: 'sign-in' | 'link';
}

/**
 * Begins a sign-in with a provider; resolves with the address to open in the same tab. The provider sends the user back to
 * `redirectUri`, which calls `completeProviderSignIn`.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function beginSignIn(
  client: Client,
  provider: string,
  redirectUri: string,
  store: SecretStore = ofTab(),
): Promise<string> {
  const input = { provider, redirectUri };
  const { beginOidcLogin } = await post(client.options.endpoint, BeginAtProviderDocument, { input });
  const { url, secret } = successOf(beginOidcLogin);
  keep(store, { secret, kind: 'sign-in' });
  return url;
}

/**
 * Begins to link a user of a provider to the viewer, as `beginSignIn` does. An account that has a password
 * or a passkey needs a proof.
 * @throws ParleyError `INVALID_CREDENTIALS` for a wrong proof, another refusal, or `NETWORK`
 */
export async function beginLink(
  client: Client,
  provider: string,
  redirectUri: string,
  proof?: Proof,
  store: SecretStore = ofTab(),
): Promise<string> {
  const input = { provider, redirectUri, ...(proof && { proof }) };
  const { url, secret } = successOf((await client.request(BeginLinkDocument, { input })).beginIdentityLink);
  keep(store, { secret, kind: 'link' });
  return url;
}

const keep = (store: SecretStore, pending: Pending) => store.setItem(KEY, JSON.stringify(pending));

/** Whether an address is the answer of a provider. Remove the answer from the address of the page when you have read it. */
export function isProviderAnswer(address: string): boolean {
  const { searchParams } = new URL(address);
  return searchParams.has('state') && (searchParams.has('code') || searchParams.has('error'));
}

/**
 * Completes what `beginSignIn` or `beginLink` has begun in this tab, with the address to which the provider has sent the user.
 * @throws ParleyError `PROVIDER_REFUSED` if the user or the provider said no, `INVALID_CREDENTIALS` if this tab has begun nothing,
 * another refusal, or `NETWORK`
 */
export async function completeProviderSignIn(
  client: Client,
  address: string,
  store: SecretStore = ofTab(),
): Promise<{ kind: Pending['kind']; isNew: boolean }> {
  const { secret, kind } = take(store);
  const { code, state, iss } = answerIn(address);
  const input = { secret, code, state, ...(iss && { iss }) };
  if (kind === 'link') {
    successOf((await client.request(LinkFromProviderDocument, { input })).linkIdentity);
    return { kind, isNew: false };
  }
  const { completeOidcLogin } = await post(client.options.endpoint, EnterFromProviderDocument, { input });
  return { kind, ...(await enter(client, successOf(completeOidcLogin))) };
}

/** Each secret is used once. */
function take(store: SecretStore): Pending {
  const kept = store.getItem(KEY);
  store.removeItem(KEY);
  if (kept === null)
    throw new ParleyError('INVALID_CREDENTIALS', 'This tab has begun no sign-in.', {
      path: ['input', 'secret'],
    });
  return JSON.parse(kept) as Pending;
}

function answerIn(address: string): { code: string; state: string; iss: string | null } {
  const { searchParams } = new URL(address);
  const error = searchParams.get('error');
  if (error !== null)
    throw new ParleyError('PROVIDER_REFUSED', searchParams.get('error_description') ?? error);
  const [code, state] = [searchParams.get('code') ?? '', searchParams.get('state') ?? ''];
  return { code, state, iss: searchParams.get('iss') };
}

// -- identities --------------------------------------------------------------------------------

export type IdentityInfo = IdentityFieldsFragment;

/**
 * The users of other systems with whom the viewer can sign in; null if nobody is signed in.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function identitiesOf(client: Client): Promise<IdentitiesQuery['viewer']> {
  return (await client.request(IdentitiesDocument, {})).viewer;
}

/**
 * Removes an identity. The last way to sign in stays.
 * @throws ParleyError `CONFLICT` for the last one, another refusal, or `NETWORK`
 */
export async function unlinkIdentity(
  client: Client,
  { issuer, subject }: Pick<IdentityInfo, 'issuer' | 'subject'>,
): Promise<void> {
  const input = { issuer, subject };
  successOf((await client.request(EndIdentityDocument, { input })).unlinkIdentity);
}
