import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import type { Services } from '../context.ts';
import { refuse, unauthenticated } from '../platform/errors.ts';
import { newCorrelationId } from '../platform/ids.ts';
import { clientAddress, identify } from './authenticate.ts';
import type { Connections } from './connections.ts';
import { graphiqlPage } from './graphiql.ts';
import { type Health, sendJson } from './health.ts';
import { mask, statusOf } from './masking.ts';
import { type Answer, createContext, isStream, type Operation, type Operations } from './operations.ts';
import { isAllowedOrigin } from './origins.ts';
import { answerTypeOf, readPlainPost } from './plain-post.ts';
import { eventStream } from './sse.ts';
import { Payloads } from './subscribe.ts';
import type { Ticker } from './ticker.ts';

export interface HttpDoorOptions {
  readonly node: Services;
  readonly operations: Operations;
  readonly connections: Connections;
  readonly health: Health;
  readonly ticker: Ticker;
}

/** What belongs to one request, beside what Yoga knows of it. */
interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly correlationId: string;
  readonly ip: string;
  /** What was answered before Yoga was asked how to say it. */
  readonly answer?: Answer;
}

// A whole request has to arrive in time; what is asked for may take as long as it takes (event streams live for hours).
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
// Longer than the 60 s that load balancers keep idle connections: they should be the ones to close them.
const KEEP_ALIVE_MS = 65_000;
const TIMEOUT_CHECK_MS = 2_000;
// Nothing moves on the connection: who does not take an answer need not have it. (Event streams are watched below.)
const SILENCE_MS = 120_000;
const STUCK_AFTER_MS = 15_000;
const IN_USE_MS = 5_000;

/** The HTTP door: queries and mutations, subscriptions as server-sent events, GraphiQL and health. */
export class HttpDoor {
  readonly server: Server;
  private readonly options: HttpDoorOptions;
  private readonly yoga: ReturnType<typeof createYoga<Exchange>>;
  private lastRequestAt = Number.NEGATIVE_INFINITY;
  /** Open event streams, and how far each had got when last looked at. */
  private readonly eventStreams = new Map<ServerResponse, { bytes: number; at: number }>();

  constructor(options: HttpDoorOptions) {
    this.options = options;
    this.yoga = createYoga<Exchange>({
      graphqlEndpoint: '/graphql',
      plugins: [this.plugin()],
      maxRequestBodySize: options.node.settings.MAX_BODY_BYTES,
      // Each is done here, equally for all doors, or not wanted.
      maskedErrors: false,
      cors: false,
      graphiql: false,
      landingPage: false,
      multipart: false,
      batching: false,
      parserAndValidationCache: false,
      logging: false,
    });
    this.server = createServer(
      {
        requestTimeout: REQUEST_TIMEOUT_MS,
        headersTimeout: HEADERS_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      },
      (req, res) => this.handle(req, res),
    );
    this.server.setTimeout(SILENCE_MS);
    options.ticker.onTick(() => this.watch());
  }

  /** Whether somebody asked something just now. */
  get isInUse(): boolean {
    return performance.now() - this.lastRequestAt < IN_USE_MS;
  }

  // -- routes -----------------------------------------------------------------------------------

  private handle(req: IncomingMessage, res: ServerResponse): void {
    const { node } = this.options;
    this.lastRequestAt = performance.now();
    const exchange = {
      req,
      res,
      correlationId: correlationIdOf(req),
      ip: clientAddress(req, node.settings.TRUST_PROXY),
    };
    res.on('error', (error) =>
      node.log.debug({ err: error.message, correlationId: exchange.correlationId }, 'HTTP error'),
    );
    res.setHeader('x-correlation-id', exchange.correlationId);
    res.setHeader('x-content-type-options', 'nosniff');
    res.setHeader('referrer-policy', 'no-referrer');
    this.mayClose(res);
    this.route(exchange).catch((err: unknown) => {
      const { correlationId } = exchange;
      // Whoever asked has gone, in the midst of it.
      if (req.destroyed && !req.complete) return void res.destroy();
      node.log.error({ err, correlationId }, 'a request could not be handled');
      if (res.headersSent) res.destroy();
      else
        sendJson(res, 500, {
          errors: [{ message: 'Internal error.', extensions: { code: 'INTERNAL', correlationId } }],
        });
    });
  }

  /** Asked when a request begins and when it is answered: the drain may have begun in between. */
  private mayClose(res: ServerResponse): void {
    if (this.options.health.isDraining) res.setHeader('connection', 'close');
  }

  private async route(exchange: Exchange): Promise<void> {
    const { req, res } = exchange;
    const path = req.url?.split('?')[0] ?? '/';
    if (await this.options.health.handle(path, req, res)) return;
    if (path !== '/graphql')
      return sendJson(res, 404, { error: 'There is nothing here. The API is at /graphql.' });
    if (this.answerCors(req, res)) return;
    if (wantsPage(req) && this.options.node.settings.GRAPHIQL) return (await graphiqlPage()).send(req, res);
    const type = answerTypeOf(req, this.options.node.settings.MAX_BODY_BYTES);
    if (type) await this.answerPlainly(type, exchange);
    else await this.handOver(exchange);
  }

  private async handOver(exchange: Exchange): Promise<void> {
    // Whatever the client calls us: a name that is no name must not become an error.
    exchange.req.headers.host = 'localhost';
    await this.yoga(exchange.req, exchange.res, exchange);
  }

  /** Past Yoga, unless something turns out not to be plain: then Yoga gets what was read, and what was answered. */
  private async answerPlainly(type: string, exchange: Exchange): Promise<void> {
    const { text, params } = await readPlainPost(exchange.req);
    const answer = params ? await this.answer(params, exchange) : null;
    if (answer && 'data' in answer) {
      this.mayClose(exchange.res);
      return sendJson(exchange.res, 200, answer, { 'content-type': `${type}; charset=utf-8` });
    }
    Object.assign(exchange.req, { body: text });
    await this.handOver(answer ? { ...exchange, answer } : exchange);
  }

  /** Foreign origins get no permission to read; a preflight ends here. */
  private answerCors(req: IncomingMessage, res: ServerResponse): boolean {
    const { origin, host } = req.headers;
    res.setHeader('vary', 'Origin');
    if (origin !== undefined && isAllowedOrigin(this.options.node.settings, origin, host)) {
      res.setHeader('access-control-allow-origin', origin);
      res.setHeader('access-control-expose-headers', 'x-correlation-id');
      if (req.method === 'OPTIONS') {
        res.setHeader('access-control-allow-methods', 'GET, POST');
        res.setHeader('access-control-allow-headers', 'authorization, content-type, accept, x-request-id');
        res.setHeader('access-control-max-age', '600');
      }
    }
    if (req.method !== 'OPTIONS') return false;
    res.writeHead(204, { allow: 'GET, POST, OPTIONS' }).end();
    return true;
  }

  // -- GraphQL ----------------------------------------------------------------------------------

  private plugin(): Plugin<object, Exchange> {
    return {
      onRequestParse: ({ request }) => requireJson(request),
      onParams: (event) => {
        event.setParamsHandler(({ params, context }) => {
          const exchange = exchangeOf(context);
          return (exchange.answer ?? this.answer(params, exchange)) as never;
        });
      },
      // Yoga keeps the connections of event streams whatever the client asked for; Node knows better.
      onResponse: ({ response }) => response.headers.delete('connection'),
      onResultProcess: (event) => {
        const answer = event.result as Answer;
        const exchange = exchangeOf(event.serverContext);
        this.mayClose(exchange.res);
        if (!isStream(answer)) return event.setResult(this.withStatus(answer, exchange));
        const payloads = new Payloads(this.options.node, answer);
        event.setResultProcessor((_, fetchApi) => eventStream(payloads, fetchApi), 'text/event-stream');
      },
    };
  }

  private async answer(params: GraphQLParams, exchange: Exchange): Promise<Answer> {
    const { node, operations, connections } = this.options;
    const { req, res, ip, correlationId } = exchange;
    const viewer = await identify(node, req.headers.authorization);
    if (typeof viewer === 'string')
      return { errors: [unauthenticated('The access token is not valid, or has expired.')] };
    const operation = operations.prepare({ ...params, query: params.query ?? '' });
    if (!('document' in operation)) return { errors: operation };
    const isSubscription = operation.node.operation === 'subscription';
    const refused =
      refusedByMethod(req, operation) ?? (isSubscription ? this.refusedStream(req, viewer?.userId) : null);
    if (refused) return { errors: [refused] };
    const isGone = () => req.socket.destroyed || req.socket.readableEnded;
    const connection = connections.open({ viewer, isSocket: false, maxStreams: 1, isGone });
    if (isSubscription) this.follow(res, () => connection.close());
    const ctx = createContext({ node, operation, connection, ip, correlationId });
    return operations.run(operation, ctx, isSubscription ? 'sse' : 'http');
  }

  private refusedStream(req: IncomingMessage, userId: number | undefined): GraphQLError | null {
    const { node, connections, health } = this.options;
    const { MAX_SOCKETS, MAX_SOCKETS_PER_USER } = node.settings;
    if (!acceptsEventStream(req)) {
      return badRequest(
        406,
        'A subscription over HTTP needs "Accept: text/event-stream"; or use a WebSocket.',
      );
    }
    if (health.isDraining || connections.count >= MAX_SOCKETS) return refuse('UNAVAILABLE');
    const isCrowded = userId !== undefined && connections.countOf(userId) >= MAX_SOCKETS_PER_USER;
    return isCrowded ? refuse('RATE_LIMITED', 'Too many connections.') : null;
  }

  /** Statuses as "GraphQL over HTTP" has them: whoever was answered something gets 200. */
  private withStatus(result: ExecutionResult, { correlationId }: Exchange): ExecutionResult {
    if ('data' in result || !result.errors) return result;
    return { errors: result.errors.map((error) => withHttp(this.options.node, error, correlationId)) };
  }

  // -- event streams ----------------------------------------------------------------------------

  private follow(res: ServerResponse, onClose: () => void): void {
    this.eventStreams.set(res, { bytes: 0, at: performance.now() });
    res.once('close', () => {
      this.eventStreams.delete(res);
      onClose();
    });
    if (res.closed) res.emit('close');
  }

  /** Cuts clients that have stopped reading: they resume by cursor. */
  private watch(): void {
    const now = performance.now();
    for (const [res, progress] of this.eventStreams) {
      const bytes = res.socket?.bytesWritten ?? 0;
      const isWaiting = (res.socket?.writableLength ?? 0) > 0;
      if (!isWaiting || bytes !== progress.bytes) Object.assign(progress, { bytes, at: now });
      else if (now - progress.at > STUCK_AFTER_MS) res.destroy();
    }
  }
}

/** Yoga hands on what it was given, among what it knows itself. */
function exchangeOf(context: object): Exchange {
  return context as Exchange;
}

function correlationIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'] ?? headers['x-correlation-id'];
  return typeof given === 'string' && /^[\w.:-]{8,64}$/.test(given) ? given : newCorrelationId();
}

function wantsPage({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html');
}

function acceptsEventStream({ headers }: IncomingMessage): boolean {
  return /text\/event-stream|text\/\*|\*\/\*/.test(headers.accept ?? '*/*');
}

/** Forms and plain text are what a foreign page may send without asking first. */
function requireJson(request: Request): void {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (request.method !== 'POST' || type === 'application/json' || type === 'application/graphql+json') return;
  throw badRequest(415, 'Send the operation as JSON: Content-Type: application/json.');
}

function refusedByMethod({ method }: IncomingMessage, { node }: Operation): GraphQLError | null {
  const mayGet = node.operation !== 'mutation';
  return method === 'GET' && !mayGet ? badRequest(405, 'A mutation needs POST.', { allow: 'POST' }) : null;
}

function badRequest(status: number, message: string, headers: Record<string, string> = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status, headers } } });
}

/** What is no GraphQL request is 400 in any case; `spec` marks what `application/json` answers with 200: a bad document. */
function withHttp(node: Services, error: GraphQLError, correlationId: string): GraphQLError {
  const http = error.extensions['http'] as { status: number; headers?: Record<string, string> } | undefined;
  // Yoga has codes of its own for what is no GraphQL request.
  if (http && error.extensions['code'] !== 'UNAUTHENTICATED')
    return badRequest(http.status, error.message, http.headers);
  // Variables or extensions in the URL that are no JSON.
  if ((error.originalError ?? error) instanceof SyntaxError) {
    return badRequest(400, 'The request has parameters that are not JSON.');
  }
  const masked = mask(node, error, { correlationId });
  const status = statusOf(masked);
  const headers = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  Object.assign(masked.extensions, { http: { status, headers, spec: status === 400 } });
  return masked;
}
