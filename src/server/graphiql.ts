import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { examples } from './examples.ts';
import { sessionScript, tabStyle } from './graphiql-session.ts';

export interface Page {
  send(request: IncomingMessage, response: ServerResponse): void;
}

const OPTIONS = {
  title: 'Parley',
  defaultTabs: examples,
  defaultHeaders: JSON.stringify({ authorization: '' }, null, 2),
  subscriptionsProtocol: 'WS' as const,
  isHeadersEditorEnabled: true,
  // They have tokens, and would be kept after the window is closed.
  shouldPersistHeaders: false,
  defaultEditorToolsVisibility: 'headers' as const,
};

let made: Promise<Page> | undefined;

/** GraphiQL with everything it needs inside: nothing is fetched from elsewhere. Nine megabytes, so made when first asked for. */
export function graphiqlPage(): Promise<Page> {
  made ??= makePage();
  return made;
}

async function makePage(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const head = `<head><style>${tabStyle}</style><script>${sessionScript}</script>`;
  const text = renderGraphiQL(OPTIONS).replace('<head>', () => head);
  const html = Buffer.from(text);
  const policy = contentSecurityPolicy(text);
  const zipped = await promisify(gzip)(html, { level: constants.Z_BEST_SPEED });
  const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 20)}"`;
  return {
    send(request, response) {
      const headers = {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache', // asks each time, and is told that it has it
        vary: 'Accept, Accept-Encoding, Origin',
        'content-security-policy': policy,
        'x-frame-options': 'DENY',
        etag,
      };
      if (request.headers['if-none-match'] === etag) return void response.writeHead(304, headers).end();
      const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
      response.writeHead(200, { ...headers, ...(takesGzip && { 'content-encoding': 'gzip' }) });
      response.end(takesGzip ? zipped : html);
    },
  };
}

/**
 * Runs the scripts of the page and no others, and lets them talk to this server only. The editors bring styles of their
 * own and start workers from their own text.
 */
function contentSecurityPolicy(html: string): string {
  const scripts = [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text = '']) => text);
  const hashes = scripts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  return [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    'worker-src blob:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
