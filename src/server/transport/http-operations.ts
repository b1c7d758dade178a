import type { IncomingMessage } from 'node:http';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import type { Services, Viewer } from '../../context.ts';
import { refuse, unauthenticated } from '../../platform/errors.ts';
import type { OnePerTurn } from '../../platform/one-per-turn.ts';
import { identify } from '../authenticate.ts';
import { type Health, sendJson } from '../health.ts';
import { bucketOf, type Charges, priceOfBytes, priceOfDocument, prices } from '../operations/charges.ts';
import {
  type Answer,
  createContext,
  isStream,
  type Operation,
  type Operations,
} from '../operations/operations.ts';
import { Payloads } from '../operations/subscribe.ts';
import type { ConnectionQuota } from './connection-quota.ts';
import type { Connections } from './connections.ts';
import type { EventStreams } from './event-streams.ts';
import { closeWhileDraining, cutImpatient } from './http-connection.ts';
import {
  badRequest,
  located,
  rateLimited,
  rateLimitIn,
  requireJson,
  sendRateLimited,
  withHttp,
} from './http-errors.ts';
import { type Arrival, acceptsEventStream, bodyLength, type Exchange, exchangeOf } from './http-exchange.ts';
import { answerTypeOf, readPlainPost } from './plain-post.ts';
import type { RefusalDelay } from './refusal-delay.ts';
import { eventStream } from './sse.ts';

export interface HttpOperationsOptions {
  readonly node: Services;
  readonly operations: Operations;
  readonly charges: Charges;
  readonly connections: Connections;
  readonly quota: ConnectionQuota;
  readonly health: Health;
  readonly refusals: RefusalDelay;
  /** Anonymous requests wait for it before they are processed. */
  readonly anonymous: OnePerTurn;
}

// A body of this size is read before it is charged, because only its document shows whether it is a sign-in.
const SMALL_BODY_BYTES = 8_192;

/** GraphQL over HTTP: charges a request, runs its operation, and answers; a subscription as server-sent events. */
export class HttpOperations {
  private readonly options: HttpOperationsOptions;
  private readonly eventStreams: EventStreams;
  private readonly yoga: ReturnType<typeof createYoga<Exchange>>;

  constructor(options: HttpOperationsOptions, eventStreams: EventStreams) {
    this.options = options;
    this.eventStreams = eventStreams;
    this.yoga = createYoga<Exchange>({
      graphqlEndpoint: '/graphql',
      plugins: [this.plugin()],
      maxRequestBodySize: options.node.settings.MAX_BODY_BYTES,
      // All transports handle these in the same way, or they are not wanted.
      maskedErrors: false,
      cors: false,
      graphiql: false,
      landingPage: false,
      multipart: false,
      batching: false,
      parserAndValidationCache: false,
      logging: false,
    });
  }

  /** Charges the request before its body is read; a small one together with its document. */
  async handle(arrival: Arrival): Promise<void> {
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
    // An invalid host name of the client must not cause an error.
    exchange.req.headers.host = 'localhost';
    await this.yoga(exchange.req, exchange.res, exchange);
  }

  /** Bypasses Yoga. If the request is not plain, Yoga gets the body that was read, or the result. */
  private async answerPlainly(type: string, exchange: Exchange): Promise<void> {
    const { text, params } = await readPlainPost(exchange.req);
    if (exchange.payer && 'network' in exchange.payer) await this.options.anonymous.next();
    const answer = params ? await this.answer(params, exchange) : this.chargeUnread(exchange);
    if (answer && 'data' in answer) {
      closeWhileDraining(this.options.health, exchange.res);
      return sendJson(exchange.res, 200, answer, { 'content-type': `${type}; charset=utf-8` });
    }
    const limited = answer && rateLimitIn(answer);
    if (limited) return this.refuse(exchange, limited);
    this.options.charges.owe(exchange.payer, prices.request - prices.plainRequest);
    Object.assign(exchange.req, { body: text });
    await this.handOver({ ...exchange, due: 0, ...(answer && { answer }) });
  }

  private async refuse(arrival: Arrival, error: GraphQLError): Promise<void> {
    // Pipelined requests arrive here one after the other.
    if (this.options.refusals.isHolding(arrival.req.socket)) return cutImpatient(arrival.req);
    await this.options.refusals.pass(arrival.req.socket);
    closeWhileDraining(this.options.health, arrival.res);
    sendRateLimited(arrival, error);
  }

  /** Charges a body that is not a plain operation. Returns null if it may be passed on. */
  private chargeUnread({ payer, due }: Exchange): Answer | null {
    const retryAfterMs = this.options.charges.pay(payer, due);
    return retryAfterMs > 0 ? { errors: [rateLimited(retryAfterMs)] } : null;
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
      // Yoga keeps the connections of event streams open against the request of the client; Node.js handles this
      // correctly.
      onResponse: ({ response }) => response.headers.delete('connection'),
      onResultProcess: (event) => {
        const answer = event.result as Answer;
        const exchange = exchangeOf(event.serverContext);
        closeWhileDraining(this.options.health, exchange.res);
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
      return { errors: [unauthenticated('The access token is not valid or has expired.')] };
    const operation = operations.prepare({ ...params, query });
    if (!('document' in operation)) return { errors: operation };
    const isSubscription = operation.node.operation === 'subscription';
    const refused =
      refusedByMethod(req, operation) ?? (isSubscription ? this.refusedStream(exchange, viewer) : null);
    if (refused) return { errors: [refused] };
    const isGone = () => req.socket.destroyed || req.socket.readableEnded;
    const userAgent = req.headers['user-agent'] ?? null;
    const connection = connections.open({ viewer, isSocket: false, userAgent, maxStreams: 1, isGone });
    if (isSubscription) this.eventStreams.add(res, () => connection.close());
    const ctx = createContext({ node, operation, connection, ip, correlationId });
    return operations.run(operation, ctx, isSubscription ? 'sse' : 'http');
  }

  private chargeDocument(query: string, { viewer, payer, due }: Exchange): number {
    const { operations, charges } = this.options;
    const isRead = typeof viewer !== 'string';
    const price = due + (isRead ? priceOfDocument(query, operations.knows(query)) : 0);
    return charges.pay(payer, price, bucketOf(query));
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

  /** Statuses as in "GraphQL over HTTP": a result with `data` gets 200. */
  private withStatus(result: ExecutionResult, { correlationId }: Exchange): ExecutionResult {
    if (!result.errors) return result;
    if ('data' in result) return located(result);
    return located({
      errors: result.errors.map((error) => withHttp(this.options.node, error, correlationId)),
    });
  }
}

function refusedByMethod({ method }: IncomingMessage, { node }: Operation): GraphQLError | null {
  const mayGet = node.operation !== 'mutation';
  return method === 'GET' && !mayGet ? badRequest(405, 'A mutation needs POST.', { allow: 'POST' }) : null;
}
