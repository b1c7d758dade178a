import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientError,
  ClientSecretBasic,
  type Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  ResponseBodyError,
} from 'openid-client';
import type { Services } from '../context.ts';
import { refuse } from '../platform/errors.ts';
import { memo } from '../platform/memo.ts';
import { boundedFetch } from './bounded-fetch.ts';

type Issuer = Services['settings']['ISSUERS'][number];
type Claims = Readonly<Record<string, unknown>>;

const TIMEOUT_SECONDS = 5;
/** A provider changes its configuration seldom; its keys are read again when a token names an unknown one. */
const KEPT_MS = 60 * 60_000;

/** What binds the answer of a provider to its request. */
export interface Binding {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** What the provider has added to the address of the page. */
export interface Callback {
  readonly code: string;
  readonly state: string;
  readonly iss?: string | null | undefined;
}

/** An OpenID provider, with this server as its client. */
export class Provider {
  readonly settings: Issuer;
  private readonly node: Pick<Services, 'log'>;
  private readonly fetch = boundedFetch();
  private known: { readonly until: number; readonly configuration: Configuration } | null = null;

  constructor(node: Pick<Services, 'log'>, settings: Issuer) {
    this.node = node;
    this.settings = settings;
  }

  /** The address at which the user signs in. @throws UnavailableError if the provider cannot be reached */
  async addressFor(redirectUri: string, { state, nonce, verifier }: Binding): Promise<string> {
    const configuration = await this.configuration();
    const address = buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: this.settings.scope,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return address.href;
  }

  /**
   * What the provider claims of the user who has signed in.
   * @throws InvalidCredentialsError for an answer that does not fit, UnavailableError if the provider cannot be reached
   */
  async claimsOf(redirectUri: string, callback: Callback, binding: Binding): Promise<Claims> {
    const configuration = await this.configuration();
    const { state, nonce, verifier } = binding;
    const address = new URL(redirectUri);
    address.searchParams.set('code', callback.code);
    address.searchParams.set('state', callback.state);
    if (callback.iss) address.searchParams.set('iss', callback.iss);
    const checks = {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    };
    try {
      const tokens = await authorizationCodeGrant(configuration, address, checks);
      const claims = tokens.claims();
      if (!claims) throw new ClientError('there is no id_token');
      const hasMore = configuration.serverMetadata().userinfo_endpoint !== undefined;
      const more = hasMore ? await fetchUserInfo(configuration, tokens.access_token, claims.sub) : {};
      return { ...more, ...claims };
    } catch (error) {
      throw this.refusalOf(error as Error);
    }
  }

  private async configuration(): Promise<Configuration> {
    if (this.known && performance.now() < this.known.until) return this.known.configuration;
    try {
      const configuration = await this.discover();
      this.known = { configuration, until: performance.now() + KEPT_MS };
      return configuration;
    } catch (error) {
      this.warn(error as Error);
      throw unavailable();
    }
  }

  private discover(): Promise<Configuration> {
    const { issuer, clientId = '', clientSecret } = this.settings;
    const authentication = clientSecret === undefined ? None() : ClientSecretBasic(clientSecret);
    const url = new URL(issuer);
    return discovery(url, clientId, {}, authentication, {
      timeout: TIMEOUT_SECONDS,
      // The signature is checked, too, not only the TLS connection.
      execute: [enableNonRepudiationChecks, ...(url.protocol === 'http:' ? [allowInsecureRequests] : [])],
      [customFetch]: this.fetch as never,
    });
  }

  private refusalOf(error: Error): Error {
    this.warn(error);
    if (!isWrongAnswer(error)) return unavailable();
    return refuse('INVALID_CREDENTIALS', 'The provider did not confirm the sign-in. Begin again.', {
      path: ['input', 'state'],
    });
  }

  private warn(error: Error): void {
    const { message, cause } = error;
    const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
    this.node.log.warn({ err: why, issuer: this.settings.name }, 'a sign-in with a provider failed');
  }
}

const unavailable = () => refuse('UNAVAILABLE', 'The provider cannot be reached. Try again.');

/** Any other failure is one of the connection, or of the provider. */
const WRONG = new Set([
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_INVALID_RESPONSE',
]);

const isWrongAnswer = (error: Error) =>
  error instanceof ResponseBodyError ||
  error instanceof AuthorizationResponseError ||
  (error instanceof ClientError && WRONG.has(error.code ?? ''));

/** The providers of the settings, by name. */
export const providersOf = memo(
  (node: Services) =>
    new Map(
      node.settings.ISSUERS.filter(({ clientId }) => clientId !== undefined).map((issuer) => [
        issuer.name,
        new Provider(node, issuer),
      ]),
    ),
);
