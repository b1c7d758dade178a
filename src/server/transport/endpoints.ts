import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { GraphQLSchema } from 'graphql';
import { revocationsOf } from '../../accounts/revocations.ts';
import type { Services } from '../../context.ts';
import { TrustedProxies } from '../../platform/network-address.ts';
import { OnePerTurn } from '../../platform/one-per-turn.ts';
import { Health } from '../health.ts';
import { Charges } from '../operations/charges.ts';
import { Operations } from '../operations/operations.ts';
import { createOpsServer } from '../ops.ts';
import { ConnectionQuota } from './connection-quota.ts';
import { Connections } from './connections.ts';
import { HttpEndpoint } from './http.ts';
import { RefusalDelay } from './refusal-delay.ts';
import { Ticker } from './ticker.ts';
import { SocketEndpoint } from './ws.ts';

/** The open endpoints of one node. */
export interface Endpoints {
  readonly port: number;
  readonly opsPort: number;
  /** Drains clients, lets running requests finish, and closes. A second call waits for the same end. */
  close(): Promise<void>;
}

// Meanwhile busy clients get `Connection: close` with each answer, because a request on a closing connection would
// fail.
const LATECOMERS_MS = 500;
// For running requests after the sockets have closed: each waits for one statement at most.
const FINISH_MS = 6_000;

/**
 * Opens HTTP, SSE and WebSocket on one port and operations on another.
 * @throws Error of Node.js if a port cannot be opened (`code`, `port`)
 */
export async function openEndpoints(node: Services, schema: GraphQLSchema): Promise<Endpoints> {
  const { settings } = node;
  const ticker = new Ticker(node.log);
  const connections = new Connections(node, ticker);
  const health = new Health(node);
  const charges = new Charges(node);
  const operations = new Operations(schema, node, charges);
  const proxies = new TrustedProxies(settings.TRUST_PROXY);
  const quota = new ConnectionQuota(settings, () => connections.count);
  const refusals = new RefusalDelay();
  // Many simultaneous anonymous requests must not delay other work of the node.
  const anonymous = new OnePerTurn();
  const common = {
    node,
    operations,
    charges,
    proxies,
    connections,
    quota,
    refusals,
    anonymous,
    health,
    ticker,
  };
  const http = new HttpEndpoint(common);
  const sockets = new SocketEndpoint(common);
  const ops = createOpsServer(node, health);
  const forget = revocationsOf(node).onRevoked((sessionId) => connections.endSession(sessionId));
  http.server.on('upgrade', (request, socket, head) => void sockets.upgrade(request, socket, head));

  const drain = async () => {
    health.isDraining = true;
    sockets.shut();
    await Promise.all([connections.drain(), delay(http.isInUse ? LATECOMERS_MS : 0)]);
    await Promise.all([sockets.ended(), finish(http.server)]);
    await finish(ops);
    forget();
    ticker.stop();
  };
  try {
    const opsPort = await listen(ops, settings.OPS_PORT, settings.OPS_HOST);
    const port = await listen(http.server, settings.PORT, settings.HOST);
    let closed: Promise<void> | undefined;
    return { port, opsPort, close: () => (closed ??= drain()) };
  } catch (error) {
    await drain();
    throw error;
  }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Accepts no more connections, and waits for active ones. */
async function finish(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), FINISH_MS);
  await closed;
  clearTimeout(cut);
}
