import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

export interface Page {
  send(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

const FOLDER = new URL('../../generated/graphiql/', import.meta.url);

let loaded: Promise<Page> | undefined;

/** The GraphiQL page from scripts/render-graphiql.ts. It is self-contained, and read at the first request. */
export function graphiqlPage(): Promise<Page> {
  loaded ??= loadPage();
  return loaded;
}

async function loadPage(): Promise<Page> {
  const zipped = await readFile(new URL('page.html.gz', FOLDER));
  const made = JSON.parse(await readFile(new URL('headers.json', FOLDER), 'utf8')) as Record<string, string>;
  const headers = {
    ...made,
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache', // the browser revalidates each time, and gets 304
    vary: 'Accept, Accept-Encoding, Origin',
    'x-frame-options': 'DENY',
  };
  return {
    async send(request, response) {
      if (request.headers['if-none-match'] === made['etag'])
        return void response.writeHead(304, headers).end();
      const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
      const body = takesGzip ? zipped : await promisify(gunzip)(zipped);
      response.writeHead(200, { ...headers, ...(takesGzip && { 'content-encoding': 'gzip' }) });
      response.end(body);
    },
  };
}
