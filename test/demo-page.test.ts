import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';

// The files of the demo, as a browser gets them. test/browser/demo.browser.ts uses it.

const MAX_BYTES = 150_000;
const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

const databases: TestDatabase[] = [];
const nodes: TestNode[] = [];
let home: string;

beforeAll(async () => {
  home = await open({ DEMO: 'true', REGISTRATION_MODE: 'closed' });
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await Promise.all(databases.map((database) => database.drop()));
});

async function open(env: Record<string, string>): Promise<string> {
  const database = await createDatabase();
  databases.push(database);
  const node = await startNode({ databaseUrl: database.url, env });
  nodes.push(node);
  return new URL('/', node.url).href;
}

async function page(): Promise<{ html: string; headers: Headers; files: string[] }> {
  const response = await fetch(home, { headers: BROWSER });
  const html = await response.text();
  const files = [...html.matchAll(/(?:src|href)="(\/demo\/[^"]+)"/g)].map(([, path = '']) => path);
  return { html, headers: response.headers, files };
}

test('a browser gets the page, with a policy that allows only files of this server', async () => {
  const { html, headers, files } = await page();
  expect(html).toContain('<title>Parley</title>');
  expect(html).toContain('data-registration="closed"');
  expect(html).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|\sstyle=/);
  expect(files.map((name) => name.split('.').at(-1))).toEqual(['css', 'js']);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(headers.get('x-frame-options')).toBe('DENY');
});

test('all of it has at most 150 kB, compressed', async () => {
  const { files } = await page();
  let bytes = 0;
  for (const path of ['/', ...files]) {
    const response = await fetch(new URL(path, home), { headers: { ...BROWSER, 'accept-encoding': 'gzip' } });
    expect(response.status, path).toBe(200);
    expect(response.headers.get('content-encoding'), path).toBe('gzip');
    bytes += Number(response.headers.get('content-length') ?? Number.NaN);
  }
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(MAX_BYTES);
});

test('browsers keep its files for ever and ask for the page each time', async () => {
  const { headers, files } = await page();
  const etag = headers.get('etag') ?? '';
  const again = await fetch(home, { headers: { ...BROWSER, 'if-none-match': etag } });
  expect([headers.get('cache-control'), again.status]).toEqual(['no-cache', 304]);
  for (const path of files) {
    const file = await fetch(new URL(path, home), { headers: { 'accept-encoding': 'identity' } });
    expect(file.headers.get('cache-control')).toContain('immutable');
    expect(file.headers.get('content-encoding')).toBeNull();
    expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(1_000);
  }
});

test('its folder has nothing else', async () => {
  for (const path of [
    'demo/',
    'demo/index.html',
    'demo/../main.js',
    'demo/..%2f..%2fmain.js',
    'demo/app.js',
  ]) {
    expect((await fetch(home + path)).status, path).toBe(404);
  }
});

test('programs that ask for JSON get what they got without it', async () => {
  const response = await fetch(home, { headers: { accept: 'application/json' } });
  expect(await response.json()).toMatchObject({ name: 'Parley', api: '/graphql' });
});

test('DEMO=false: the landing page, and no files', async () => {
  const { files } = await page();
  const plain = await open({ DEMO: 'false' });
  const html = await (await fetch(plain, { headers: BROWSER })).text();
  expect(html).toContain('This is a chat server with a GraphQL API.');
  expect(html).toContain('<a href="/graphql">Open GraphiQL</a>');
  for (const path of files) expect((await fetch(new URL(path, plain))).status).toBe(404);
});
