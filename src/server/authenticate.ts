import type { IncomingMessage } from 'node:http';
import { findViewer, type ViewerProblem } from '../accounts/sessions.ts';
import type { Services, Viewer } from '../context.ts';
import type { TrustedProxies } from '../platform/network-address.ts';

/** Returns the viewer of a request; null without a token. */
export async function identify(
  node: Services,
  authorization: unknown,
): Promise<Viewer | null | ViewerProblem> {
  if (authorization === undefined || authorization === null || authorization === '') return null;
  const token =
    typeof authorization === 'string' ? /^Bearer +([^\s]+)$/i.exec(authorization)?.[1] : undefined;
  return token ? findViewer(node, token) : 'INVALID';
}

/** Refuses a token that would end the socket at the next tick. */
export async function identifyNow(
  node: Services,
  authorization: unknown,
): Promise<Viewer | null | ViewerProblem> {
  const viewer = await identify(node, authorization);
  return viewer !== null && typeof viewer === 'object' && viewer.expiresAt <= Date.now() ? 'EXPIRED' : viewer;
}

/** Accepts header names in any case, because people type them into editors and connection parameters. */
export function authorizationIn(headers: unknown): unknown {
  if (headers === null || typeof headers !== 'object') return undefined;
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization');
  return found?.[1];
}

/** The client's address, for limits. */
export function clientAddress({ headers, socket }: IncomingMessage, proxies: TrustedProxies): string {
  return proxies.clientOf(socket.remoteAddress ?? '', String(headers['x-forwarded-for'] ?? ''));
}
