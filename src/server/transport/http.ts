import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { newCorrelationId } from '../../platform/correlation-id.ts';
import type { TrustedProxies } from '../../platform/network-address.ts';
import { clientAddress } from '../authenticate.ts';
import { sendJson } from '../health.ts';
import { sendDemo, sendDemoFile } from '../pages/demo.ts';
import { graphiqlPage } from '../pages/graphiql.ts';
import { sendLanding, takesHtml } from '../pages/landing.ts';
import { answerCors } from './cors.ts';
import { EventStreams } from './event-streams.ts';
import { closeWhileDraining, cutImpatient } from './http-connection.ts';
import type { Arrival } from './http-exchange.ts';
import { HttpOperations, type HttpOperationsOptions } from './http-operations.ts';
import type { Ticker } from './ticker.ts';
import { limitUnread } from './unread-responses.ts';

export interface HttpEndpointOptions extends HttpOperationsOptions {
  readonly proxies: TrustedProxies;
  readonly ticker: Ticker;
}

// The whole request must arrive in this time. The response has no limit, because event streams live for hours.
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
// Longer than the 60 s for which load balancers keep idle connections, because they should close them.
const KEEP_ALIVE_MS = 65_000;
const TIMEOUT_CHECK_MS = 2_000;
// No data moves on the connection. (Event streams have their own limit.)
const SILENCE_MS = 120_000;
// An unread response stays in memory, and no quota of sockets counts it.
export const UNREAD_MS = 15_000;
const IN_USE_MS = 5_000;

/** The HTTP endpoint: the pages, health, and GraphQL. */
export class HttpEndpoint {
  readonly server: Server;
  private readonly options: HttpEndpointOptions;
  private readonly operations: HttpOperations;
  private lastRequestAt = Number.NEGATIVE_INFINITY;

  constructor(options: HttpEndpointOptions) {
    this.options = options;
    const eventStreams = new EventStreams();
    this.operations = new HttpOperations(options, eventStreams);
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
    options.ticker.onTick(() => eventStreams.cutStuck());
  }

  /** Whether there was a request just now. */
  get isInUse(): boolean {
    return performance.now() - this.lastRequestAt < IN_USE_MS;
  }

  // -- routes -----------------------------------------------------------------------------------

  private handle(req: IncomingMessage, res: ServerResponse): void {
    const { node } = this.options;
    this.lastRequestAt = performance.now();
    if (this.options.refusals.isHolding(req.socket)) return cutImpatient(req);
    const correlationId = correlationIdOf(req);
    const arrival = { req, res, correlationId, ip: clientAddress(req, this.options.proxies) };
    res.on('error', (error) => node.log.debug({ err: error.message, correlationId }, 'HTTP error'));
    res.setHeader('x-correlation-id', correlationId);
    res.setHeader('x-content-type-options', 'nosniff');
    res.setHeader('referrer-policy', 'no-referrer');
    // Responses depend on the viewer and the time, and some contain tokens.
    res.setHeader('cache-control', 'no-store');
    closeWhileDraining(this.options.health, res);
    limitUnread(req, res, { usual: SILENCE_MS, unread: UNREAD_MS });
    this.route(arrival).catch((err: unknown) => {
      // The client closed the connection: during its request, or before its body was read.
      if (req.destroyed && (!req.complete || req.errored)) return void res.destroy();
      node.log.error({ err, correlationId }, 'a request could not be handled');
      if (res.headersSent) res.destroy();
      else
        sendJson(res, 500, {
          errors: [{ message: 'Internal error.', extensions: { code: 'INTERNAL', correlationId } }],
        });
    });
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
    if (path !== '/graphql') return sendJson(res, 404, { error: 'Not found. The API is at /graphql.' });
    if (answerCors(settings, req, res)) return;
    if (takesHtml(req) && hasGraphiql) return (await graphiqlPage()).send(req, res);
    if (takesHtml(req) && !req.url?.includes('?')) return sendLanding(req, res, hasGraphiql);
    await this.operations.handle(arrival);
  }
}

function correlationIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'] ?? headers['x-correlation-id'];
  return typeof given === 'string' && /^[\w.:-]{8,64}$/.test(given) ? given : newCorrelationId();
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}
