import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Services } from '../../context.ts';
import type { OnePerTurn } from '../../platform/one-per-turn.ts';
import { identifyNow } from '../authenticate.ts';
import { type Charges, prices } from '../operations/charges.ts';
import type { ConnectionQuota } from './connection-quota.ts';
import { isAllowedOrigin } from './origins.ts';
import type { RefusalDelay } from './refusal-delay.ts';

interface UpgradesOptions {
  readonly node: Services;
  readonly charges: Charges;
  readonly quota: ConnectionQuota;
  readonly refusals: RefusalDelay;
  /** Anonymous requests wait for it before they are processed. */
  readonly anonymous: OnePerTurn;
}

/** Decides which requests may become WebSockets. */
export class Upgrades {
  private readonly options: UpgradesOptions;
  private isShut = false;

  constructor(options: UpgradesOptions) {
    this.options = options;
  }

  /** From now on none may. */
  shut(): void {
    this.isShut = true;
  }

  /** The status and headers of a refusal; null if the request may upgrade. */
  async refusalOf(request: IncomingMessage, ip: string): Promise<string | null> {
    return this.refusal(request) ?? (await this.refusalByRate(request, ip)) ?? this.refusalByRoom();
  }

  private refusal(request: IncomingMessage): string | null {
    const { settings } = this.options.node;
    const { origin, host } = request.headers;
    if (request.url?.split('?')[0] !== '/graphql') return '404 Not Found';
    if (origin !== undefined && !isAllowedOrigin(settings, origin, host)) return '403 Forbidden';
    return this.isShut ? '503 Service Unavailable' : null;
  }

  /**
   * A client may send its token with the upgrade. Then its user is charged, and the load of its address does not
   * matter.
   */
  private async refusalByRate(request: IncomingMessage, ip: string): Promise<string | null> {
    const { charges, node } = this.options;
    const viewer = await identifyNow(node, request.headers.authorization);
    const payer = charges.payerOf(typeof viewer === 'string' ? null : viewer, ip);
    if (payer && 'network' in payer) await this.options.anonymous.next();
    const retryAfterMs = charges.pay(payer, prices.upgrade, 'sockets');
    if (retryAfterMs === 0) return null;
    await this.options.refusals.pass(request.socket);
    return `429 Too Many Requests\r\nRetry-After: ${Math.ceil(retryAfterMs / 1_000)}`;
  }

  private refusalByRoom(): string | null {
    return this.options.quota.makeRoom() ? null : '503 Service Unavailable';
  }
}

/** Answers with a status and headers, and ends the socket. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
