import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import {
  handleProtocols,
  makeServer,
  type Server,
  type SubscribePayload,
  type Context as WsContext,
} from 'graphql-ws';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { ViewerProblem } from '../../accounts/sessions.ts';
import type { Connection, Services, Viewer } from '../../context.ts';
import { BroadcastGroups } from '../../delivery/broadcast-group.ts';
import type { Delivery } from '../../delivery/delivery.ts';
import { FlushScheduler } from '../../delivery/flush-scheduler.ts';
import { newCorrelationId } from '../../platform/correlation-id.ts';
import { refuse, unauthenticated } from '../../platform/errors.ts';
import type { TrustedProxies } from '../../platform/network-address.ts';
import type { OnePerTurn } from '../../platform/one-per-turn.ts';
import { authorizationIn, clientAddress, identifyNow } from '../authenticate.ts';
import { bucketOf, type Charges, priceOfBytes, priceOfDocument, prices } from '../operations/charges.ts';
import { mask } from '../operations/masking.ts';
import { createContext, isStream, type Operations } from '../operations/operations.ts';
import { type Close, closes } from './close-codes.ts';
import type { ConnectionQuota } from './connection-quota.ts';
import type { Connections } from './connections.ts';
import type { EndCause } from './live-connection.ts';
import type { RefusalDelay } from './refusal-delay.ts';
import { GraphqlSocket, type SocketFacts } from './socket.ts';
import { type Ticker, Wheel } from './ticker.ts';
import { refuseUpgrade, Upgrades } from './upgrades.ts';

export interface SocketEndpointOptions {
  readonly node: Services;
  readonly operations: Operations;
  readonly charges: Charges;
  readonly proxies: TrustedProxies;
  readonly connections: Connections;
  readonly quota: ConnectionQuota;
  readonly refusals: RefusalDelay;
  /** Anonymous requests wait for it before they are processed. */
  readonly anonymous: OnePerTurn;
  readonly ticker: Ticker;
}

const INIT_WAIT_MS = 3_000;
const CLOSE_TIMEOUT_MS = 5_000;
// Running operations may be answered before a draining socket closes; after the end of access, only last items are
// sent.
const DRAIN_PATIENCE_MS = 3_000;
const LAST_WORDS_MS = 500;
const PING_EVERY_SECONDS = 25;
// Maximum of running queries and mutations on a socket, besides its streams.
const MAX_SINGLE_OPERATIONS = 100;
// Time for last answers and for the closing handshake.
const STRAGGLERS_MS = 6_000;

const closesOf: Record<EndCause, Close> = {
  AUTH_EXPIRED: closes.EXPIRED,
  SESSION_ENDED: closes.REVOKED,
  SERVER_DRAINING: closes.DRAINING,
};

const closesOfTokens: Record<ViewerProblem, Close> = {
  INVALID: closes.FORBIDDEN,
  EXPIRED: closes.EXPIRED,
  REVOKED: closes.REVOKED,
};

type Extra = GraphqlSocket;
type Run = () => Promise<ExecutionResult | Delivery>;
type Ws = WsContext<Record<string, unknown>, Extra>;

/** The WebSocket endpoint: graphql-transport-ws, with the contract of close codes and limits of docs/protocol.md. */
export class SocketEndpoint {
  private readonly options: SocketEndpointOptions;
  private readonly server: WebSocketServer;
  private readonly protocol: Server<Extra>;
  private readonly upgrades: Upgrades;
  private readonly sockets = new Set<GraphqlSocket>();
  private readonly broadcastGroups: BroadcastGroups;
  private readonly pings = new Wheel<GraphqlSocket>(PING_EVERY_SECONDS);
  private isShut = false;

  constructor(options: SocketEndpointOptions) {
    this.options = options;
    this.upgrades = new Upgrades(options);
    this.broadcastGroups = new BroadcastGroups(
      new FlushScheduler(options.node),
      options.node.logFollower.registry,
    );
    const settings: ServerOptions & { closeTimeout: number } = {
      noServer: true,
      maxPayload: options.node.settings.MAX_FRAME_BYTES,
      perMessageDeflate: options.node.settings.WS_COMPRESSION,
      closeTimeout: CLOSE_TIMEOUT_MS,
      clientTracking: false,
      handleProtocols,
    };
    this.server = new WebSocketServer(settings);
    this.protocol = makeServer<Record<string, unknown>, Extra>({
      connectionInitWaitTimeout: INIT_WAIT_MS,
      onConnect: (ctx) => this.connect(ctx),
      onSubscribe: (ctx, id, payload) => this.subscribe(ctx, id, payload),
      // `rootValue` is the prepared operation: all transports use one pipeline.
      execute: ({ rootValue }) => (rootValue as Run)(),
      subscribe: ({ rootValue }) => (rootValue as Run)(),
    });
    options.ticker.onTick((tick) => this.tick(tick));
  }

  // -- opening ----------------------------------------------------------------------------------

  /** Takes over an upgrade request. Objects that live as long as the socket must not refer to the request. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    destroyOnError(socket);
    const ip = clientAddress(request, this.options.proxies);
    const refusal = await this.upgrades.refusalOf(request, ip);
    if (refusal) return refuseUpgrade(socket, refusal);
    const userAgent = request.headers['user-agent'] ?? null;
    this.server.handleUpgrade(request, socket, head, (ws) =>
      this.open(ws, socket as Socket, { ip, userAgent }),
    );
  }

  private open(ws: WebSocket, raw: Socket, { ip, userAgent }: Pick<SocketFacts, 'ip' | 'userAgent'>): void {
    const { charges, node } = this.options;
    const { settings, log } = node;
    const correlationId = newCorrelationId();
    const payer = charges.payerOf(null, ip);
    const socket = new GraphqlSocket(ws, raw, {
      ip,
      userAgent,
      network: payer && 'network' in payer ? payer.network : null,
      correlationId,
      broadcastGroups: this.broadcastGroups,
      rate: { perSecond: settings.MESSAGES_PER_SECOND, burst: settings.MESSAGES_BURST },
      idleMs: { signedIn: settings.IDLE_SECONDS * 1_000, anonymous: settings.ANONYMOUS_IDLE_SECONDS * 1_000 },
      pay: (bytes) => charges.pay(payer, prices.message + priceOfBytes(bytes), 'sockets'),
      onFailure: (err) => {
        log.error({ err, correlationId }, 'a WebSocket message could not be handled');
        socket.close(...closes.OVERLOADED);
      },
    });
    ws.on('error', (error) => log.debug({ err: error.message, correlationId }, 'WebSocket error'));
    this.add(socket);
    const closed = this.protocol.opened(socket, socket);
    ws.once('close', (code, reason) => {
      this.remove(socket);
      closed(code, String(reason)).catch((err: unknown) =>
        log.error({ err, correlationId }, 'a WebSocket did not end well'),
      );
    });
  }

  private add(socket: GraphqlSocket): void {
    this.sockets.add(socket);
    this.pings.add(socket);
    this.options.quota.addPending(socket);
    this.options.node.metrics.sockets.set(this.sockets.size);
  }

  private remove(socket: GraphqlSocket): void {
    this.sockets.delete(socket);
    this.pings.delete(socket);
    this.options.quota.deletePending(socket);
    if (socket.connection && !socket.connection.viewer) this.options.quota.deleteAnonymous(socket.network);
    socket.connection?.close();
    this.options.node.metrics.sockets.set(this.sockets.size);
  }

  /** Accepts a client without a token, or with a valid one. */
  private async connect(ctx: Ws): Promise<boolean> {
    const { node, connections } = this.options;
    const { connectionParams, extra: socket } = ctx;
    // graphql-ws would keep the token as long as the socket.
    Object.assign(ctx, { connectionParams: undefined });
    const viewer = await identifyNow(node, authorizationIn(connectionParams));
    if (!socket.isOpen) return false;
    const refused = typeof viewer === 'string' ? closesOfTokens[viewer] : this.noRoomFor(viewer, socket);
    if (refused) {
      socket.close(...refused);
      return false;
    }
    this.options.quota.deletePending(socket);
    socket.connection = connections.open({
      viewer: viewer as Viewer | null,
      isSocket: true,
      userAgent: socket.userAgent,
      maxStreams: node.settings.MAX_STREAMS_PER_SOCKET,
      isGone: () => !socket.isOpen,
      onEnd: (cause) =>
        socket.closeSoon(closesOf[cause], cause === 'SERVER_DRAINING' ? DRAIN_PATIENCE_MS : LAST_WORDS_MS),
    });
    return true;
  }

  private noRoomFor(viewer: Viewer | null, { network }: GraphqlSocket): Close | null {
    if (this.isShut) return closes.DRAINING;
    const { connections, node, quota } = this.options;
    const hasRoom = viewer
      ? connections.countOf(viewer.userId) < node.settings.MAX_SOCKETS_PER_USER
      : quota.addAnonymous(network);
    return hasRoom ? null : closes.TOO_MANY_CONNECTIONS;
  }

  // -- operations -------------------------------------------------------------------------------

  /** Never throws, because that would close the socket and end its other operations. */
  private async subscribe(
    { extra: socket }: Ws,
    id: string,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { node, operations } = this.options;
    const correlationId = newCorrelationId();
    try {
      const limited = this.charge(socket, payload.query);
      if (limited) return [limited];
      const operation = operations.prepare(payload);
      if (!('document' in operation)) return operation;
      if (socket.operations > node.settings.MAX_STREAMS_PER_SOCKET + MAX_SINGLE_OPERATIONS) {
        return [refuse('RATE_LIMITED', 'Too many operations are running on this socket.')];
      }
      const connection = await this.connectionFor(socket, payload);
      const ctx = createContext({ node, operation, connection, ip: socket.ip, correlationId });
      const { document, name } = operation;
      // graphql-ws keeps the message as long as the operation lasts: with the shared text, it keeps no copy.
      Object.assign(payload, { query: document.loc?.source.body });
      const run = async () => {
        const answer = await operations.run(operation, ctx, 'ws');
        return isStream(answer) ? socket.deliver(id, answer) : answer;
      };
      return {
        schema: operations.schema,
        document,
        operationName: name ?? null,
        contextValue: ctx,
        rootValue: run,
      };
    } catch (error) {
      return [mask(node, error, { correlationId })];
    }
  }

  /** Charges an operation before its document is parsed. */
  private charge(socket: GraphqlSocket, document: string): GraphQLError | null {
    const { operations, charges } = this.options;
    const viewer = socket.connection?.viewer ?? null;
    const price = prices.operation + priceOfDocument(document, operations.knows(document));
    const retryAfterMs = charges.pay(charges.payerOf(viewer, socket.ip), price, bucketOf(document));
    if (retryAfterMs === 0) return null;
    if (!viewer) socket.limit(retryAfterMs);
    return refuse('RATE_LIMITED', undefined, { retryAfterMs });
  }

  /** GraphiQL sends the contents of its header editor with each operation, not when it connects. */
  private async connectionFor(socket: GraphqlSocket, payload: SubscribePayload): Promise<Connection> {
    const { node, connections } = this.options;
    if (!socket.connection || socket.connection.isEnded)
      throw unauthenticated('The access token has expired.');
    if (!node.settings.GRAPHIQL) return socket.connection;
    const authorization = authorizationIn(payload.extensions?.['headers']);
    const viewer = await identifyNow(node, authorization);
    if (typeof viewer === 'string')
      throw unauthenticated('The access token in the headers is not valid or has expired.');
    if (!viewer || viewer.sessionId === socket.connection.viewer?.sessionId) return socket.connection;
    const { userAgent } = socket;
    const isGone = () => !socket.isOpen;
    return connections.open({ viewer, isSocket: false, userAgent, maxStreams: 1, isGone });
  }

  // -- watching ---------------------------------------------------------------------------------

  private tick(tick: number): void {
    const now = performance.now();
    for (const socket of [...this.sockets]) socket.watch(now);
    for (const socket of this.pings.due(tick)) socket.ping();
  }

  // -- draining ---------------------------------------------------------------------------------

  /** Admits no more sockets, and closes those that have not sent `connection_init`. */
  shut(): void {
    this.isShut = true;
    this.upgrades.shut();
    for (const socket of this.sockets) if (!socket.connection) socket.close(...closes.DRAINING);
  }

  /** Resolves when every socket is closed. Sockets that stay too long are cut. */
  async ended(): Promise<void> {
    const deadline = performance.now() + STRAGGLERS_MS;
    while (this.sockets.size > 0 && performance.now() < deadline) await delay(10);
    for (const socket of this.sockets) socket.terminate();
  }
}

function destroyOnError(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
}
