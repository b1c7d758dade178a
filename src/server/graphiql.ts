import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { examples } from './examples.ts';
import { sessionScript } from './graphiql-session.ts';

export interface Page {
  send(request: IncomingMessage, response: ServerResponse): void;
}

const OPTIONS = {
  title: 'Parley',
  defaultTabs: examples,
  defaultHeaders: JSON.stringify({ authorization: '' }, null, 2),
  subscriptionsProtocol: 'WS' as const,
  isHeadersEditorEnabled: true,
  shouldPersistHeaders: true,
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
  const script = `<head><script>${sessionScript}</script>`;
  const html = Buffer.from(renderGraphiQL(OPTIONS).replace('<head>', () => script));
  const zipped = await promisify(gzip)(html, { level: constants.Z_BEST_SPEED });
  const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 20)}"`;
  return {
    send(request, response) {
      const headers = {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache', // asks each time, and is told that it has it
        vary: 'Accept, Accept-Encoding, Origin',
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
