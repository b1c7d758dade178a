import { isTemporary, ParleyError, toParleyError } from './errors.ts';
import {
  type NewTokensFragment,
  type RegisterInput,
  RenewSessionDocument,
  SignInDocument,
  SignOutDocument,
  SignUpDocument,
  type TypedText,
} from './generated/documents.ts';
import { dataOf, type Endpoint, type GraphQLResponse, post, respond, successOf } from './http.ts';
import { emptyModel, type Model, type Session } from './model.ts';
import { Pauses } from './pause.ts';
import type { Store } from './store.ts';

/** An access token is renewed this long before it expires, and a short-lived one after two thirds of its lifetime. */
const MARGIN_MS = 90_000;
/** A new token counts as valid for this long, whatever the clock of this device shows. */
const LEAST_MS = 10_000;
/** A renewal is aborted after this time and repeated at once: docs/protocol.md, "Tokens". */
const RENEWAL_TIMEOUT_MS = 3_000;
const RENEWAL_ATTEMPTS = 3;
/** A request is sent at most this often, if the server refuses it before it runs it. */
const ATTEMPTS = 3;

interface SessionsOptions {
  readonly store: Store;
  readonly endpoint: Endpoint;
}

/** What a sign-in has returned. */
interface Entered {
  readonly tokens: NewTokensFragment;
  readonly viewer: { readonly user: { readonly id: string } };
}

/** The session of the viewer, and its tokens. */
export class Sessions {
  private readonly store: Store;
  readonly endpoint: Endpoint;
  private readonly pauses = new Pauses();
  /** Aborted when the client is closed. */
  readonly closing = new AbortController();
  private renewal: Promise<string> | null = null;
  /** How long the access token counts as valid, in milliseconds of `performance.now()`. */
  private freshUntil = 0;
  /** The server refuses the access token. */
  private isSpoiled = false;

  constructor({ store, endpoint }: SessionsOptions) {
    this.store = store;
    this.endpoint = endpoint;
    const { session } = store.getSnapshot();
    if (session) this.freshUntil = performance.now() + remainingMs(session) - MARGIN_MS;
  }

  /** Aborts requests; not a renewal, because the server may have replaced the tokens. */
  close(): void {
    this.closing.abort();
    this.pauses.end();
  }

  get current(): Session | null {
    return this.store.getSnapshot().session;
  }

  async register(input: RegisterInput): Promise<void> {
    await this.enter(successOf((await post(this.endpoint, SignUpDocument, { input })).register));
  }

  async login(usernameOrEmail: string, password: string): Promise<void> {
    const input = { usernameOrEmail, password };
    await this.enter(successOf((await post(this.endpoint, SignInDocument, { input })).login));
  }

  /** Ends the session on the server, if it can be reached, and removes all data here. */
  async logout(): Promise<void> {
    try {
      if (this.current) successOf((await this.authorized(SignOutDocument, {})).logout);
    } catch (error) {
      // Without an answer the session ends by itself, because its tokens are no longer stored.
      if (this.current && !isTemporary(toParleyError(error))) throw error;
    } finally {
      this.store.update(() => emptyModel);
      await this.store.flush();
    }
  }

  /**
   * Returns an access token that is valid for some time. Concurrent callers share one renewal.
   * @throws ParleyError `SIGNED_OUT`, or a temporary error
   */
  async token(): Promise<string> {
    const session = this.current;
    if (!session) throw new ParleyError('SIGNED_OUT', 'Not signed in.');
    if (performance.now() < this.freshUntil) return session.accessToken;
    this.renewal ??= this.renew(session).finally(() => {
      this.renewal = null;
    });
    return this.renewal;
  }

  /** How long the access token still counts as valid, in milliseconds. */
  get freshMs(): number {
    return Math.max(0, this.freshUntil - performance.now());
  }

  /** Makes the next `token` return a different one, although this one is still valid. */
  age(token: string): void {
    if (this.current?.accessToken === token) this.freshUntil = 0;
  }

  /** The same, because the server refused this one. */
  spoil(token: string): void {
    if (this.current?.accessToken !== token) return;
    this.freshUntil = 0;
    this.isSpoiled = true;
  }

  /** Gets new tokens now: those from before an upgrade still have the limits of a guest. */
  async renewNow(): Promise<void> {
    await this.renewal?.catch(() => undefined); // it may have begun before the upgrade
    this.freshUntil = 0;
    await this.token();
  }

  /** Signs out. Data and outbox stay for the next sign-in of the same user. */
  end(): void {
    const connection = { status: 'signed-out', reason: 'SESSION_ENDED' } as const;
    this.store.update((model) => ({ ...model, session: null, connection }));
  }

  /**
   * Runs an operation as the viewer. Repeats it with a new token if the server refuses the old one, and after the time
   * that the server names if it refuses the request because there were too many.
   * @throws ParleyError
   */
  async authorized<Data, Variables>(
    document: TypedText<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    return dataOf(await this.respond(document, variables));
  }

  /**
   * The same, with the errors of the response.
   * @throws ParleyError `NETWORK`, `SIGNED_OUT`
   */
  async respond<Data, Variables>(
    document: TypedText<Data, Variables>,
    variables: Variables,
  ): Promise<GraphQLResponse<Data>> {
    for (let attempt = 1; ; attempt++) {
      const token = await this.token();
      const response = await respond(this.endpoint, document, variables, token, this.closing.signal);
      const problem = response.errors?.[0]?.extensions;
      if (response.data || attempt === ATTEMPTS) return response;
      if (isRefusedToken(problem)) this.spoil(token);
      else if (problem?.code === 'RATE_LIMITED') await this.pauses.wait(problem.retryAfterMs);
      else return response;
    }
  }

  /** Continues as that user, with the tokens of a session that has just begun. */
  async begin(userId: string, tokens: NewTokensFragment): Promise<void> {
    this.keep(userId, tokens, (model) => (ownerOf(model) === userId ? model : emptyModel));
    await this.store.flush();
  }

  private enter({ tokens, viewer }: Entered): Promise<void> {
    return this.begin(viewer.user.id, tokens);
  }

  private keep(userId: string, tokens: NewTokensFragment, base: (model: Model) => Model): void {
    this.isSpoiled = false;
    const session = { userId, ...tokens };
    const livesMs = remainingMs(session);
    this.freshUntil = performance.now() + Math.max(livesMs - Math.min(MARGIN_MS, livesMs / 3), LEAST_MS);
    const connection = { status: 'connecting' } as const;
    this.store.update((model) => ({ ...base(model), session, ...(!model.session && { connection }) }));
  }

  private async renew(session: Session): Promise<string> {
    try {
      const tokens = await this.askForTokens(session);
      if (this.current?.refreshToken !== session.refreshToken)
        throw new ParleyError('SIGNED_OUT', 'The session ended.');
      this.keep(session.userId, tokens, (model) => model);
      // Stores the refresh token before its first use, because a lost token ends the session.
      await this.store.flush();
      return tokens.accessToken;
    } catch (error) {
      if (toParleyError(error).code !== 'INVALID_CREDENTIALS') throw error;
      this.end();
      throw new ParleyError('SIGNED_OUT', 'The session ended.', { cause: error });
    }
  }

  /** Repeats at once if there is no answer: for ten seconds the same token returns the same pair. */
  private async askForTokens(session: Session): Promise<NewTokensFragment> {
    const { refreshToken, accessToken } = session;
    const bearer = this.isSpoiled || remainingMs(session) < LEAST_MS ? undefined : accessToken;
    const endpoint = { ...this.endpoint, timeoutMs: Math.min(RENEWAL_TIMEOUT_MS, this.endpoint.timeoutMs) };
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.askOnce(endpoint, refreshToken, bearer);
      } catch (error) {
        if (attempt === RENEWAL_ATTEMPTS || toParleyError(error).code !== 'NETWORK') throw error;
      }
    }
  }

  /** Sends the access token while it is valid: other clients at the same address do not delay such a request. */
  private async askOnce(
    endpoint: Endpoint,
    refreshToken: string,
    bearer?: string,
  ): Promise<NewTokensFragment> {
    try {
      const { refreshSession } = await post(
        endpoint,
        RenewSessionDocument,
        { input: { refreshToken } },
        bearer,
      );
      return successOf(refreshSession).tokens;
    } catch (error) {
      if (bearer === undefined || !isRefusedToken(error)) throw error;
      return this.askOnce(endpoint, refreshToken);
    }
  }
}

const isRefusedToken = (problem: unknown) =>
  (problem as { code?: string } | undefined)?.code === 'UNAUTHENTICATED';

const remainingMs = ({ accessTokenExpiresAt }: Session) => Date.parse(accessTokenExpiresAt) - Date.now();

/** The user who owns the data. */
const ownerOf = ({ session, state }: Model) => session?.userId ?? state?.viewerId;
