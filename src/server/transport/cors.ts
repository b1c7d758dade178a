import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Settings } from '../../config.ts';
import { isAllowedOrigin } from './origins.ts';

const PREFLIGHT_SECONDS = 600;

/** Allows listed origins to read the response. Returns true if the request was a preflight, which is then answered. */
export function answerCors(settings: Settings, req: IncomingMessage, res: ServerResponse): boolean {
  const { origin, host } = req.headers;
  res.setHeader('vary', 'Origin');
  if (origin !== undefined && isAllowedOrigin(settings, origin, host)) allow(origin, req, res);
  if (req.method !== 'OPTIONS') return false;
  res.writeHead(204, { allow: 'GET, POST, OPTIONS' }).end();
  return true;
}

function allow(origin: string, { method }: IncomingMessage, res: ServerResponse): void {
  res.setHeader('access-control-allow-origin', origin);
  res.setHeader('access-control-expose-headers', 'x-correlation-id');
  if (method !== 'OPTIONS') return;
  res.setHeader('access-control-allow-methods', 'GET, POST');
  res.setHeader('access-control-allow-headers', 'authorization, content-type, accept, x-request-id');
  res.setHeader('access-control-max-age', String(PREFLIGHT_SECONDS));
}
