// Renders GraphiQL into one self-contained page, so that a node needs no package for it. Writes the page and its HTTP
// headers to src/generated/graphiql/.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { examples } from '../src/server/pages/examples.ts';
import { sessionScript, tabStyle } from '../src/server/pages/graphiql-session.ts';

const OPTIONS = {
  title: 'Parley',
  defaultTabs: examples,
  defaultHeaders: JSON.stringify({ authorization: '' }, null, 2),
  subscriptionsProtocol: 'WS' as const,
  isHeadersEditorEnabled: true,
  // Headers contain tokens, which must not outlive the window.
  shouldPersistHeaders: false,
  defaultEditorToolsVisibility: 'variables' as const,
};

/**
 * Allows only the page's own scripts, by hash, and connections only to this server. The editors insert inline styles and
 * start workers from blobs.
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

const folder = fileURLToPath(new URL('../src/generated/graphiql/', import.meta.url));
const head = `<head><style>${tabStyle}</style><script>${sessionScript}</script>`;
const html = renderGraphiQL(OPTIONS).replace('<head>', () => head);
const headers = {
  'content-security-policy': contentSecurityPolicy(html),
  etag: `"${createHash('sha256').update(html).digest('base64url').slice(0, 20)}"`,
};
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}page.html.gz`, gzipSync(html, { level: constants.Z_BEST_COMPRESSION }));
writeFileSync(`${folder}headers.json`, `${JSON.stringify(headers, null, 2)}\n`);
