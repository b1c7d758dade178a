import type { IncomingMessage } from 'node:http';
import { findViewer, type ViewerProblem } from '../accounts/sessions.ts';
import type { Services, Viewer } from '../context.ts';
import type { TrustedProxies } from '../platform/network-address.ts';

/** Who asks: nobody (null) without a token. */
export async function identify(
  node: Services,
  authorization: unknown,
): Promise<Viewer | null | ViewerProblem> {
  if (authorization === undefined || authorization === null || authorization === '') return null;
  const token =
    typeof authorization === 'string' ? /^Bearer +([^\s]+)$/i.exec(authorization)?.[1] : undefined;
  return token ? findViewer(node, token) : 'INVALID';
}

/** Nobody is let in with a token that would be thrown out at the next tick. */
export async function identifyNow(
  node: Services,
  authorization: unknown,
): Promise<Viewer | null | ViewerProblem> {
  const viewer = await identify(node, authorization);
  return viewer !== null && typeof viewer === 'object' && viewer.expiresAt <= Date.now() ? 'EXPIRED' : viewer;
}

/** Header names in any case, as people type them into editors and connection parameters. */
export function authorizationIn(headers: unknown): unknown {
  if (headers === null || typeof headers !== 'object') return undefined;
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization');
  return found?.[1];
}

/** The client's address, which limits go by. */
export function clientAddress({ headers, socket }: IncomingMessage, proxies: TrustedProxies): string {
  return proxies.clientOf(socket.remoteAddress ?? '', String(headers['x-forwarded-for'] ?? ''));
}
