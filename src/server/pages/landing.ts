import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from '../health.ts';

const STYLE = `body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem;
  color-scheme: light dark } code { font-size: 0.95em }`;

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  vary: 'Accept',
  'x-frame-options': 'DENY',
  'content-security-policy':
    `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; ` +
    `base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
};

/** Sends a description of this server and the address of its API: HTML to browsers, JSON to programs. */
export function sendLanding(request: IncomingMessage, response: ServerResponse, hasGraphiql: boolean): void {
  if (!takesHtml(request)) return sendJson(response, 200, facts(hasGraphiql), { vary: 'Accept' });
  response.writeHead(200, HEADERS).end(page(hasGraphiql));
}

export function takesHtml({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html');
}

function facts(hasGraphiql: boolean): Record<string, unknown> {
  return {
    name: 'Parley',
    api: '/graphql',
    graphiql: hasGraphiql,
    health: '/health/ready',
  };
}

function page(hasGraphiql: boolean): string {
  const graphiql = hasGraphiql
    ? '<p><a href="/graphql">Open GraphiQL</a> to try the API and to read its documentation.</p>'
    : '<p>GraphiQL is switched off. Set <code>GRAPHIQL=true</code> to serve it at <code>/graphql</code>.</p>';
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Parley</title><style>${STYLE}</style></head>
<body>
<h1>Parley</h1>
<p>This is a chat server with a GraphQL API.</p>
<p>The API is at <code>/graphql</code>, over HTTP, server-sent events and WebSocket.</p>
${graphiql}
<p><a href="/health/ready">Health of this server</a></p>
</body>
</html>
`;
}
