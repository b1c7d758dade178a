import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { TestNode } from './harness/node.ts';
import type { Person } from './harness/people.ts';
import { setStage } from './harness/stage.ts';

// What browsers and proxies may do with answers: keep none of them, and run nothing in GraphiQL's page but its own.

let node: TestNode;
let ada: Person;
setStage((stage) => {
  ({ node, ada } = stage);
});

const LOGIN =
  'mutation ($input: LoginInput!) { login(input: $input) { ... on LoginSuccess { tokens { accessToken refreshToken } } } }';
const json = { 'content-type': 'application/json' };
const post = (query: string, variables: object = {}, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { ...json, ...headers },
  body: JSON.stringify({ query, variables }),
});

test('no answer is stored by anybody', async () => {
  const input = { usernameOrEmail: ada.username, password: 'correct horse battery' };
  const graphql = (init: RequestInit, search = '') => fetch(`${node.url}${search}`, init);
  const authorization = `Bearer ${ada.token}`;
  const answers: Record<string, Promise<Response>> = {
    'tokens of a sign-in': graphql(post(LOGIN, { input })),
    'a query': graphql(post('{ viewer { user { id } } }', {}, { authorization })),
    'a query by GET': graphql({ headers: { authorization } }, '?query={viewer{user{id}}}'),
    'another media type': graphql(
      post('{ viewer { user { id } } }', {}, { accept: 'application/graphql-response+json' }),
    ),
    'a document that is none': graphql(post('{')),
    'a body that is none': graphql({ method: 'POST', headers: json, body: '{' }),
    'a token that is none': graphql(post('{ viewer { user { id } } }', {}, { authorization: 'Bearer x' })),
    'an event stream': graphql(
      post('subscription { inbox { __typename } }', {}, { authorization, accept: 'text/event-stream' }),
    ),
    'nothing there': fetch(new URL('/', node.url)),
    health: fetch(new URL('/health/ready', node.url)),
    metrics: fetch(`${node.opsUrl}/metrics`),
    'nothing among the operations': fetch(node.opsUrl),
  };
  for (const [what, answer] of Object.entries(answers)) {
    const { headers, body } = await answer;
    expect(headers.get('cache-control'), what).toMatch(/^no-store\b/);
    await body?.cancel();
  }
});

test('the page of GraphiQL runs its own scripts, talks to this server, and is shown in no frame', async () => {
  const response = await fetch(node.url, { headers: { accept: 'text/html' } });
  const html = await response.text();
  const policy = Object.fromEntries(
    (response.headers.get('content-security-policy') ?? '').split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ');
      return [name, sources];
    }),
  );
  const scripts = [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text = '']) => text);
  expect(scripts.length).toBeGreaterThan(1);
  const hashes = scripts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  expect(policy).toEqual({
    'default-src': ["'none'"],
    'script-src': hashes,
    'style-src': ["'unsafe-inline'"],
    'img-src': ['data:'],
    'font-src': ['data:'],
    'worker-src': ['blob:'],
    'connect-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  });
});
