import type { Settings } from '../../config.ts';

type Needed = Pick<Settings, 'CORS_ORIGINS' | 'isProduction' | 'DEMO' | 'GRAPHIQL'>;

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether a page of that origin may use the server: a listed origin, this machine outside production, or our own demo
 * or GraphiQL. Tokens are never cookies, so this protects servers that only the visitor can reach.
 */
export function isAllowedOrigin(settings: Needed, origin: string, host: string | undefined): boolean {
  if (settings.CORS_ORIGINS.includes(origin)) return true;
  const url = parse(origin);
  if (!url) return false;
  if (!settings.isProduction && LOCAL.has(url.hostname)) return true;
  return (settings.DEMO || settings.GRAPHIQL) && host !== undefined && url.host === host;
}

// The origin of sandboxed frames and local files is the word `null`, which is not a URL.
function parse(origin: string): URL | null {
  try {
    const url = new URL(origin);
    return /^https?:$/.test(url.protocol) && url.origin === origin ? url : null;
  } catch {
    return null;
  }
}
