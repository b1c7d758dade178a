import { type Client, createClient } from 'graphql-ws';
import type { Ending } from './ending.ts';
import { ParleyError } from './errors.ts';
import type { TypedText } from './generated/documents.ts';
import { type GraphQLResponse, requestError } from './http.ts';

export interface SocketOptions {
  readonly url: string;
  /** A WebSocket class, where there is no global one. */
  readonly webSocketImpl?: unknown;
  /** How long `connection_ack` may take once the connection is open; to open it may take as long again. */
  readonly ackTimeoutMs: number;
  readonly pingMs: number;
  /** How long a pong may take. */
  readonly pongTimeoutMs: number;
}

/** The code with which the client gives up a connection whose other end does not answer. */
const DEAD = 4499;

interface CloseLike {
  readonly code?: number;
  readonly reason?: string;
}

type Failure = { readonly message: string; readonly extensions?: { readonly code?: string } };

/**
 * One connection, from its opening to its end; it never reconnects. Calls `onEnd` once, with the reason.
 */
export class Socket {
  private readonly client: Client;
  private readonly onEnd: (ending: Ending) => void;
  private readonly opening: ReturnType<typeof setTimeout>;
  private overdue: ReturnType<typeof setTimeout> | undefined;
  private raw: { onmessage: unknown } | null = null;
  private isOver = false;

  constructor(options: SocketOptions, token: string, onEnd: (ending: Ending) => void) {
    this.onEnd = onEnd;
    this.opening = setTimeout(() => this.giveUp(), 2 * options.ackTimeoutMs);
    this.client = createClient({
      url: options.url,
      webSocketImpl: quietly(options.webSocketImpl ?? globalThis.WebSocket),
      lazy: false,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${token}` },
      connectionAckWaitTimeout: options.ackTimeoutMs,
      keepAlive: options.pingMs,
      onNonLazyError: (problem) => this.end(endingOf(problem)),
      on: {
        opened: (raw) => {
          this.raw = raw as { onmessage: unknown };
        },
        connected: () => clearTimeout(this.opening),
        ping: (isReceived) => {
          if (!isReceived) this.overdue = setTimeout(() => this.giveUp(), options.pongTimeoutMs);
        },
        pong: (isReceived) => {
          if (isReceived) clearTimeout(this.overdue);
        },
        closed: (event) => this.end(endingOf(event)),
        error: (problem) => this.end(endingOf(problem)),
      },
    });
  }

  /** Subscribes. The stream's own end, without a last item, is an end of the socket. */
  follow<Data, Variables>(
    query: TypedText<Data, Variables>,
    variables: Variables,
    onData: (data: Data) => void,
  ): void {
    const ended = new ParleyError('STREAM', 'Stream ended.');
    this.subscribe(
      query,
      variables,
      (problem) => this.end(problem ? endingOf(problem) : { kind: 'failed', error: ended }),
      onData,
    );
  }

  /**
   * Runs one operation over this connection.
   * @throws ParleyError
   */
  run<Data, Variables>(query: TypedText<Data, Variables>, variables: Variables): Promise<Data> {
    return new Promise((resolve, reject) => {
      this.subscribe(query, variables, (problem) => reject(errorOf(problem)), resolve);
    });
  }

  /** Returns what ends the operation. `onEnd` is told the failure, and nothing where the operation is just over. */
  subscribe<Data, Variables>(
    query: TypedText<Data, Variables>,
    variables: Variables,
    onEnd: (problem?: unknown) => void,
    onData: (data: Data) => void,
  ): () => void {
    return this.observe(query, variables, onEnd, ({ data, errors }) => {
      if (errors) onEnd(errors);
      else if (data) onData(data);
    });
  }

  /** The same, with the errors of each response. */
  observe<Data, Variables>(
    query: TypedText<Data, Variables>,
    variables: Variables,
    onEnd: (problem?: unknown) => void,
    onResponse: (response: GraphQLResponse<Data>) => void,
  ): () => void {
    return this.client.subscribe<Data>(
      { query, variables: variables as Record<string, unknown> },
      {
        next: (response) => this.isOver || onResponse(response as GraphQLResponse<Data>),
        error: onEnd,
        complete: () => onEnd(),
      },
    );
  }

  /** The other end does not answer: ends now, without waiting for it. */
  giveUp(): void {
    this.end({ kind: 'closed', code: DEAD, reason: 'Silent' });
    this.close();
  }

  /** Ends without telling anybody. What is still on its way is dropped. */
  close(): void {
    this.isOver = true;
    this.stopTimers();
    if (this.raw) this.raw.onmessage = null;
    this.client.terminate();
    void this.client.dispose();
  }

  private end(ending: Ending): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stopTimers();
    this.onEnd(ending);
  }

  private stopTimers(): void {
    clearTimeout(this.opening);
    clearTimeout(this.overdue);
  }
}

type SocketClass = new (url: string, protocols?: string) => EventTarget;

/**
 * The class with a listener for errors of its own. A socket of `ws` that is closed while it connects reports an error after
 * graphql-ws has removed its listener, and that would end a Node.js process.
 */
function quietly(impl: unknown): unknown {
  if (typeof impl !== 'function') return impl;
  return class extends (impl as SocketClass) {
    constructor(url: string, protocols?: string) {
      super(url, protocols);
      this.addEventListener('error', () => undefined);
    }
  };
}

export function endingOf(problem: unknown): Ending {
  const { code, reason } = (problem ?? {}) as CloseLike;
  if (typeof code === 'number') return { kind: 'closed', code, reason: reason ?? '' };
  return { kind: 'failed', error: errorOf(problem) };
}

/** Of an `error` message, which has errors of GraphQL, or of a connection that failed. */
export function errorOf(problem: unknown): ParleyError {
  const [first] = Array.isArray(problem) ? (problem as Failure[]) : [];
  if (first) return requestError(first);
  const { message = 'No answer.' } = (problem ?? {}) as { message?: string };
  return new ParleyError('NETWORK', message, { cause: problem });
}
