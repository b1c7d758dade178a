import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import type { ViewerProblem } from '../../accounts/sessions.ts';
import type { Services, Viewer } from '../../context.ts';
import { newCorrelationId } from '../../platform/correlation-id.ts';
import { refuse, unauthenticated } from '../../platform/errors.ts';
import type { TrustedProxies } from '../../platform/network-address.ts';
import type { OnePerTurn } from '../../platform/one-per-turn.ts';
import { clientAddress, identify } from '../authenticate.ts';
import { type Health, sendJson } from '../health.ts';
import {
  type Charges,
  laneOf,
  type Payer,
  priceOfBytes,
  priceOfDocument,
  prices,
} from '../operations/charges.ts';
import {
  type Answer,
  createContext,
  isStream,
  type Operation,
  type Operations,
} from '../operations/operations.ts';
import { Payloads } from '../operations/subscribe.ts';
import { sendDemo, sendDemoFile } from '../pages/demo.ts';
import { graphiqlPage } from '../pages/graphiql.ts';
import { sendLanding, takesHtml } from '../pages/landing.ts';
import type { ConnectionQuota } from './connection-quota.ts';
import type { Connections } from './connections.ts';
import {
  badRequest,
  located,
  rateLimited,
  rateLimitIn,
  requireJson,
  sendRateLimited,
  withHttp,
} from './http-errors.ts';
import { isAllowedOrigin } from './origins.ts';
import { answerTypeOf, readPlainPost } from './plain-post.ts';
import type { RefusalDelay } from './refusal-delay.ts';
import { eventStream } from './sse.ts';
import type { Ticker } from './ticker.ts';

export interface HttpEndpointOptions {
  readonly node: Services;
  readonly operations: Operations;
  readonly charges: Charges;
  readonly proxies: TrustedProxies;
  readonly connections: Connections;
  readonly quota: ConnectionQuota;
  readonly health: Health;
  readonly refusals: RefusalDelay;
  /** What anonymous requests wait for before they are worked on. */
  readonly anonymous: OnePerTurn;
  readonly ticker: Ticker;
}

/** A request as it arrives. */
interface Arrival {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly correlationId: string;
  readonly ip: string;
}

/** What belongs to one request for an operation, beside what Yoga knows of it. */
interface Exchange extends Arrival {
  /** Null for an anonymous request; a problem where its token is not good. */
  readonly viewer: Viewer | null | ViewerProblem;
  readonly payer: Payer;
  /** Points for the request itself that are not paid yet. */
  readonly due: number;
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
// A body of this size is read before it is paid for: only its document says whether it signs somebody in.
const SMALL_BODY_BYTES = 8_192;

/** The HTTP endpoint: queries and mutations, subscriptions as server-sent events, GraphiQL and health. */
export class HttpEndpoint {
  readonly server: Server;
  private readonly options: HttpEndpointOptions;
  private readonly yoga: ReturnType<typeof createYoga<Exchange>>;
  private readonly refusals: RefusalDelay;
  private lastRequestAt = Number.NEGATIVE_INFINITY;
  /** Open event streams, and how far each had got when last looked at. */
  private readonly eventStreams = new Map<ServerResponse, { bytes: number; at: number }>();

  constructor(options: HttpEndpointOptions) {
    this.options = options;
    this.refusals = options.refusals;
    this.yoga = createYoga<Exchange>({
      graphqlEndpoint: '/graphql',
      plugins: [this.plugin()],
      maxRequestBodySize: options.node.settings.MAX_BODY_BYTES,
      // Each is done here, equally for all transports, or not wanted.
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
    if (this.refusals.isHolding(req.socket)) return cutImpatient(req);
    const correlationId = correlationIdOf(req);
    const arrival = { req, res, correlationId, ip: clientAddress(req, this.options.proxies) };
    res.on('error', (error) => node.log.debug({ err: error.message, correlationId }, 'HTTP error'));
    res.setHeader('x-correlation-id', correlationId);
    res.setHeader('x-content-type-options', 'nosniff');
    res.setHeader('referrer-policy', 'no-referrer');
    // Answers depend on the viewer and the moment, and some contain tokens.
    res.setHeader('cache-control', 'no-store');
    this.mayClose(res);
    this.route(arrival).catch((err: unknown) => {
      // The client has gone: in the midst of its request, or before its body was read.
      if (req.destroyed && (!req.complete || req.errored)) return void res.destroy();
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

  private async route(arrival: Arrival): Promise<void> {
    const { req, res } = arrival;
    const path = req.url?.split('?')[0] ?? '/';
    if (await this.options.health.handle(path, req, res)) return;
    const { settings } = this.options.node;
    const hasGraphiql = settings.GRAPHIQL;
    if (path === '/' && settings.DEMO && takesHtml(req)) return sendDemo(req, res, settings);
    if (path === '/' && isRead(req)) return sendLanding(req, res, hasGraphiql);
    if (settings.DEMO && isRead(req) && (await sendDemoFile(path, req, res))) return;
    if (path !== '/graphql')
      return sendJson(res, 404, { error: 'There is nothing here. The API is at /graphql.' });
    if (this.answerCors(req, res)) return;
    if (takesHtml(req) && hasGraphiql) return (await graphiqlPage()).send(req, res);
    if (takesHtml(req) && !req.url?.includes('?')) return sendLanding(req, res, hasGraphiql);
    await this.charge(arrival);
  }

  /** Charges the request before its body is read; a small one together with its document. */
  private async charge(arrival: Arrival): Promise<void> {
    const { node, charges } = this.options;
    const { req, ip } = arrival;
    const viewer = await identify(node, req.headers.authorization);
    const payer = charges.payerOf(typeof viewer === 'string' ? null : viewer, ip);
    if (payer && 'network' in payer) await this.options.anonymous.next();
    const type = answerTypeOf(req, node.settings.MAX_BODY_BYTES);
    const bytes = bodyLength(req, node.settings.MAX_BODY_BYTES);
    const price = priceOfBytes(bytes) + (type ? prices.plainRequest : prices.request);
    if (type && bytes <= SMALL_BODY_BYTES)
      return this.answerPlainly(type, { ...arrival, viewer, payer, due: price });
    const retryAfterMs = charges.pay(payer, price);
    if (retryAfterMs > 0) return this.refuse(arrival, rateLimited(retryAfterMs));
    const exchange = { ...arrival, viewer, payer, due: 0 };
    await (type ? this.answerPlainly(type, exchange) : this.handOver(exchange));
  }

  private async handOver(exchange: Exchange): Promise<void> {
    // Whatever the client calls us: a name that is no name must not become an error.
    exchange.req.headers.host = 'localhost';
    await this.yoga(exchange.req, exchange.res, exchange);
  }

  /** Past Yoga, unless something turns out not to be plain: then Yoga gets what was read, and what was answered. */
  private async answerPlainly(type: string, exchange: Exchange): Promise<void> {
    const { text, params } = await readPlainPost(exchange.req);
    if (exchange.payer && 'network' in exchange.payer) await this.options.anonymous.next();
    const answer = params ? await this.answer(params, exchange) : this.chargeUnread(exchange);
    if (answer && 'data' in answer) {
      this.mayClose(exchange.res);
      return sendJson(exchange.res, 200, answer, { 'content-type': `${type}; charset=utf-8` });
    }
    const limited = answer && rateLimitIn(answer);
    if (limited) return this.refuse(exchange, limited);
    this.options.charges.owe(exchange.payer, prices.request - prices.plainRequest);
    Object.assign(exchange.req, { body: text });
    await this.handOver({ ...exchange, due: 0, ...(answer && { answer }) });
  }

  private async refuse(arrival: Arrival, error: GraphQLError): Promise<void> {
    // Pipelined requests get here one after the other.
    if (this.refusals.isHolding(arrival.req.socket)) return cutImpatient(arrival.req);
    await this.refusals.pass(arrival.req.socket);
    this.mayClose(arrival.res);
    sendRateLimited(arrival, error);
  }

  /** Charges a body that is no plain operation. Null where it may be handed over. */
  private chargeUnread({ payer, due }: Exchange): Answer | null {
    const retryAfterMs = this.options.charges.pay(payer, due);
    return retryAfterMs > 0 ? { errors: [rateLimited(retryAfterMs)] } : null;
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
    const { req, res, ip, correlationId, viewer } = exchange;
    const query = params.query ?? '';
    const retryAfterMs = this.chargeDocument(query, exchange);
    if (retryAfterMs > 0) return { errors: [rateLimited(retryAfterMs)] };
    if (typeof viewer === 'string')
      return { errors: [unauthenticated('The access token is not valid, or has expired.')] };
    const operation = operations.prepare({ ...params, query });
    if (!('document' in operation)) return { errors: operation };
    const isSubscription = operation.node.operation === 'subscription';
    const refused =
      refusedByMethod(req, operation) ?? (isSubscription ? this.refusedStream(exchange, viewer) : null);
    if (refused) return { errors: [refused] };
    const isGone = () => req.socket.destroyed || req.socket.readableEnded;
    const connection = connections.open({ viewer, isSocket: false, maxStreams: 1, isGone });
    if (isSubscription) this.follow(res, () => connection.close());
    const ctx = createContext({ node, operation, connection, ip, correlationId });
    return operations.run(operation, ctx, isSubscription ? 'sse' : 'http');
  }

  private chargeDocument(query: string, { viewer, payer, due }: Exchange): number {
    const { operations, charges } = this.options;
    const isRead = typeof viewer !== 'string';
    const price = due + (isRead ? priceOfDocument(query, operations.knows(query)) : 0);
    return charges.pay(payer, price, laneOf(query));
  }

  private refusedStream({ req, res, payer }: Exchange, viewer: Viewer | null): GraphQLError | null {
    const { node, connections, quota, health } = this.options;
    if (!acceptsEventStream(req)) {
      return badRequest(
        406,
        'A subscription over HTTP needs "Accept: text/event-stream"; or use a WebSocket.',
      );
    }
    if (health.isDraining || !quota.makeRoom()) return refuse('UNAVAILABLE');
    const network = payer && 'network' in payer ? payer.network : null;
    const hasRoom = viewer
      ? connections.countOf(viewer.userId) < node.settings.MAX_SOCKETS_PER_USER
      : quota.addAnonymous(network);
    if (!hasRoom) return refuse('RATE_LIMITED', 'Too many connections.');
    if (!viewer) res.once('close', () => quota.deleteAnonymous(network));
    return null;
  }

  /** Statuses as in "GraphQL over HTTP": an answer with `data` gets 200. */
  private withStatus(result: ExecutionResult, { correlationId }: Exchange): ExecutionResult {
    if (!result.errors) return result;
    if ('data' in result) return located(result);
    return located({
      errors: result.errors.map((error) => withHttp(this.options.node, error, correlationId)),
    });
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

/** Cuts a client that sends another request while its refusal is held back. */
function cutImpatient({ socket }: IncomingMessage): void {
  socket.destroy();
}

/** Yoga's context has the fields that it was given, besides its own. */
function exchangeOf(context: object): Exchange {
  return context as Exchange;
}

function correlationIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'] ?? headers['x-correlation-id'];
  return typeof given === 'string' && /^[\w.:-]{8,64}$/.test(given) ? given : newCorrelationId();
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

function acceptsEventStream({ headers }: IncomingMessage): boolean {
  return /text\/event-stream|text\/\*|\*\/\*/.test(headers.accept ?? '*/*');
}

function refusedByMethod({ method }: IncomingMessage, { node }: Operation): GraphQLError | null {
  const mayGet = node.operation !== 'mutation';
  return method === 'GET' && !mayGet ? badRequest(405, 'A mutation needs POST.', { allow: 'POST' }) : null;
}

/** What a body has to be paid for as: one that does not say its length as the longest. */
function bodyLength({ headers }: IncomingMessage, maxBytes: number): number {
  const length =
    headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : maxBytes;
  return Math.min(Number.isFinite(length) ? length : maxBytes, maxBytes);
}
