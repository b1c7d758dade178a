import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** A call that was refused, or got no answer. */
export class CallError extends Error {
  readonly code: string;
  readonly retryAfterMs: number;

  constructor(code: string, message: string, retryAfterMs = 0) {
    super(`${code}: ${message}`);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The owner of the token of a call. A node may find it expired before we do. */
export interface Caller {
  token(): Promise<string>;
  /** Called when that token is no longer accepted. */
  reject(token: string): void;
}

const MAX_CONNECTIONS = 64;
const TIMEOUT_MS = 30_000;
const RETRY_FOR_MS = 120_000;
const RETRYABLE = new Set(['RATE_LIMITED', 'UNAVAILABLE', 'NETWORK']);

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; extensions?: { code?: string; retryAfterMs?: number } }[];
}

/** GraphQL over HTTP, to several nodes in turn. Calls that are safe to repeat are repeated with the same input. */
export class Api {
  retries = 0;
  private readonly nodes: readonly Endpoint[];
  private turn = 0;

  constructor(urls: readonly string[]) {
    this.nodes = urls.map((url) => new Endpoint(url));
  }

  /** @throws CallError if it is refused permanently, or was tried for too long */
  async query<Data>(caller: Caller | null, query: string, variables: object = {}): Promise<Data> {
    return (await this.untilTaken(() => this.once(caller, query, variables))) as Data;
  }

  /** Runs a mutation by its name, and returns its success. @throws CallError with the code of the refusal */
  async mutate<Success>(
    caller: Caller | null,
    name: string,
    selection: string,
    input: object,
  ): Promise<Success> {
    const query = mutationOf(name, selection);
    return this.untilTaken(async () => {
      const data = await this.once(caller, query, { input });
      const result = data[name] as Success & Partial<Refused>;
      if (result.code) throw new CallError(result.code, result.detail ?? '', result.retryAfterMs);
      return result;
    });
  }

  close(): void {
    for (const node of this.nodes) node.close();
  }

  private async untilTaken<Result>(attempt: () => Promise<Result>): Promise<Result> {
    const giveUpAt = performance.now() + RETRY_FOR_MS;
    for (let pause = 50; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        return await attempt();
      } catch (error) {
        const { code, retryAfterMs } = error as CallError;
        if (!RETRYABLE.has(code) || performance.now() > giveUpAt) throw error;
        this.retries++;
        await delay(Math.max(pause, retryAfterMs) * (0.75 + Math.random() / 2));
      }
    }
  }

  private async once(
    caller: Caller | null,
    query: string,
    variables: object,
  ): Promise<Record<string, unknown>> {
    const node = this.nodes[this.turn++ % this.nodes.length] as Endpoint;
    const token = await caller?.token();
    const { data, errors } = await node.post(JSON.stringify({ query, variables }), token);
    const [error] = errors ?? [];
    if (!error && data) return data;
    const code = error?.extensions?.code ?? 'NETWORK';
    if (code === 'UNAUTHENTICATED' && caller && token) {
      // A new token is not refused twice, and an ended session cannot be refreshed.
      caller.reject(token);
      throw new CallError('UNAVAILABLE', 'the access token has expired');
    }
    throw new CallError(code, error?.message ?? 'an empty answer', error?.extensions?.retryAfterMs);
  }
}

interface Refused {
  readonly code: string;
  readonly detail: string;
  readonly retryAfterMs?: number;
}

const documents = new Map<string, string>();

function mutationOf(name: string, selection: string): string {
  const known = documents.get(name);
  if (known) return known;
  const Name = name.charAt(0).toUpperCase() + name.slice(1);
  const document =
    `mutation ${Name}($input: ${Name}Input!) { ${name}(input: $input) { ... on ${Name}Success { ${selection} } ` +
    '... on UserError { code detail } ... on RateLimitedError { retryAfterMs } ... on UnavailableError { retryAfterMs } } }';
  documents.set(name, document);
  return document;
}

/** One node's HTTP endpoint, over persistent connections. */
class Endpoint {
  private readonly url: URL;
  private readonly agent: HttpAgent;

  constructor(url: string) {
    this.url = new URL(url);
    const options = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
    this.agent = this.url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  async post(body: string, token: string | undefined): Promise<Answer> {
    const response = await this.send(body, token).catch((error: Error) => {
      throw new CallError('NETWORK', error.message);
    });
    try {
      return JSON.parse(response.body) as Answer;
    } catch {
      throw new CallError(response.status >= 500 ? 'NETWORK' : 'BAD_REQUEST', `HTTP ${response.status}`);
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private send(body: string, token: string | undefined): Promise<{ status: number; body: string }> {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      accept: 'application/graphql-response+json',
      ...(token && { authorization: `Bearer ${token}` }),
    };
    return new Promise((resolve, reject) => {
      const request: ClientRequest = (this.url.protocol === 'https:' ? httpsRequest : httpRequest)(
        this.url,
        { method: 'POST', agent: this.agent, headers, timeout: TIMEOUT_MS },
        (response: IncomingMessage) => {
          text(response).then(
            (answer) => resolve({ status: response.statusCode ?? 0, body: answer }),
            reject,
          );
        },
      );
      request.once('timeout', () => request.destroy(new Error('no answer in time')));
      request.once('error', reject);
      request.end(body);
    });
  }
}
