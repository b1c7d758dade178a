import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Settings } from '../../config.ts';

const FOLDER = new URL('../../generated/demo/', import.meta.url);
const PATH = '/demo/';

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** Allows only files of this server, no inline code, and no conversion of text to HTML. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

type Needed = Pick<Settings, 'GRAPHIQL' | 'REGISTRATION_MODE' | 'HEARTBEAT_SECONDS'>;

interface File {
  readonly zipped: Buffer;
  readonly headers: Record<string, string>;
}

let loaded: Promise<ReadonlyMap<string, Buffer>> | undefined;

/** The files from scripts/bundle-demo.mjs, compressed, by name. They are read at the first request. */
function files(): Promise<ReadonlyMap<string, Buffer>> {
  loaded ??= loadFiles();
  return loaded;
}

async function loadFiles(): Promise<ReadonlyMap<string, Buffer>> {
  const names = await readdir(FOLDER);
  const entries = names.map(
    async (name) => [name.replace(/\.gz$/, ''), await readFile(new URL(name, FOLDER))] as const,
  );
  return new Map(await Promise.all(entries));
}

/** Sends the page of the demo. */
export async function sendDemo(
  request: IncomingMessage,
  response: ServerResponse,
  settings: Needed,
): Promise<void> {
  const page = await pageFor(settings);
  if (request.headers['if-none-match'] === page.headers['etag'])
    return void response.writeHead(304, page.headers).end();
  await send(request, response, page);
}

/** Sends a script or the styles of the demo. Returns false for any other path. */
export async function sendDemoFile(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const name = path.startsWith(PATH) ? path.slice(PATH.length) : '';
  const zipped = name.endsWith('.html') ? undefined : (await files()).get(name);
  if (!zipped) return false;
  await send(request, response, {
    zipped,
    headers: {
      'content-type': typeOf(name),
      'cache-control': 'public, max-age=31536000, immutable', // its name contains a hash
      vary: 'Accept-Encoding',
    },
  });
  return true;
}

async function pageFor(settings: Needed): Promise<File> {
  const name = 'index.html';
  const made = (await promisify(gunzip)((await files()).get(name) ?? Buffer.alloc(0))).toString();
  const html = made
    .replace('{graphiql}', String(settings.GRAPHIQL))
    .replace('{registration}', settings.REGISTRATION_MODE)
    .replace('{heartbeat}', String(settings.HEARTBEAT_SECONDS));
  return {
    zipped: await promisify(gzip)(html),
    headers: {
      'content-type': typeOf(name),
      'cache-control': 'no-cache', // the browser revalidates each time, and gets 304
      etag: `"${createHash('sha256').update(html).digest('base64url').slice(0, 20)}"`,
      vary: 'Accept, Accept-Encoding',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'content-security-policy': POLICY,
    },
  };
}

async function send(request: IncomingMessage, response: ServerResponse, file: File): Promise<void> {
  const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const body = takesGzip ? file.zipped : await promisify(gunzip)(file.zipped);
  response.writeHead(200, {
    ...file.headers,
    ...(takesGzip && { 'content-encoding': 'gzip' }),
    'content-length': body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

const typeOf = (name: string) => TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
