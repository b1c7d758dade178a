import type { IncomingMessage } from 'node:http';
import { findViewer, type ViewerProblem } from '../accounts/sessions.ts';
import type { Services, Viewer } from '../context.ts';

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

/** Header names in any case, as people type them into editors and connection parameters. */
export function authorizationIn(headers: unknown): unknown {
  if (headers === null || typeof headers !== 'object') return undefined;
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization');
  return found?.[1];
}

/** The address that limits go by. Behind a trusted proxy, the one that the proxy itself saw: the last of its header. */
export function clientAddress(request: IncomingMessage, trustsProxy: boolean): string {
  const forwarded = trustsProxy ? String(request.headers['x-forwarded-for'] ?? '') : '';
  const last = forwarded.slice(forwarded.lastIndexOf(',') + 1).trim();
  return last || (request.socket.remoteAddress ?? '');
}

export function isLoopback(address: string): boolean {
  return /^(::1|(::ffff:)?127\.[\d.]+)$/i.test(address);
}
