import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EventStream, RawSocket } from './harness/client.ts';
import { createDatabase, execute } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { ask, type Person, signUp } from './harness/people.ts';
import { setStage } from './harness/stage.ts';

let node: TestNode;
let ada: Person;
// Ada sends many documents that are as large as they can be.
const COST = { COST_PER_SECOND: '10000000', COST_BURST: '10000000' };
setStage(
  (stage) => {
    ({ node, ada } = stage);
  },
  'stop',
  COST,
);

const INFO = '{ serverInfo { version } }';
const WATCH = 'subscription { inbox { __typename ... on StreamReady { cursor } } }';
const GRAPHQL_TYPES = {
  'content-type': 'application/json',
  accept: 'application/graphql-response+json',
};
const JSON_TYPE = { 'content-type': 'application/json' };

function post(
  body: string | object,
  headers: Record<string, string> = JSON_TYPE,
  url = node.url,
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function codesOf(response: Response): Promise<string[]> {
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return (errors ?? []).map(({ extensions }) => extensions.code);
}

/** A node with its own database, for one test. */
async function ownNode(env: Record<string, string> = {}): Promise<TestNode & { databaseUrl: string }> {
  const own = await createDatabase();
  const started = await startNode({ databaseUrl: own.url, env });
  onTestFinished(async () => {
    await started.stop();
    await own.drop();
  });
  return { ...started, databaseUrl: own.url };
}

/** One raw request, for what no HTTP client would send. */
async function raw(text: string): Promise<string> {
  const socket = connect(Number(new URL(node.url).port), '127.0.0.1');
  socket.write(text);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString();
  });
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return answer;
}

describe('what a request may look like', () => {
  test('queries by POST and GET, mutations by POST only', async () => {
    expect(await (await post({ query: INFO })).json()).toEqual({
      data: { serverInfo: { version: expect.any(String) } },
    });
    const byGet = await fetch(`${node.url}?query=${encodeURIComponent(INFO)}`);
    expect(byGet.status).toBe(200);
    const changed = await fetch(
      `${node.url}?query=${encodeURIComponent('mutation { logout { __typename } }')}`,
    );
    expect(changed.status).toBe(405);
    expect(changed.headers.get('allow')).toBe('POST');
    expect(await codesOf(changed)).toEqual(['BAD_REQUEST']);
  });

  test.each([
    [
      'a form',
      'application/x-www-form-urlencoded',
      `query=${encodeURIComponent('mutation { logout { __typename } }')}`,
    ],
    ['plain text', 'text/plain', JSON.stringify({ query: INFO })],
    ['bare GraphQL', 'application/graphql', INFO],
    [
      'a multipart form',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{serverInfo{version}}"}\r\n--x--\r\n',
    ],
  ])('%s is refused with 415', async (_what, type, body) => {
    const response = await post(body, { 'content-type': type });
    expect(response.status).toBe(415);
    expect(await codesOf(response)).toEqual(['BAD_REQUEST']);
  });

  test.each([
    ['no JSON', '{"query":', 400],
    ['null', 'null', 400],
    ['a string', '"{ serverInfo { version } }"', 400],
    ['a batch', '[{"query":"{ serverInfo { version } }"}]', 400],
    ['no query', '{}', 400],
    ['a query that is no string', '{"query":{}}', 400],
    ['variables that are a list', '{"query":"{ serverInfo { version } }","variables":[1]}', 400],
    ['an unknown parameter', '{"query":"{ serverInfo { version } }","surprise":1}', 400],
  ])('%s is a bad request', async (_what, body, status) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(await codesOf(response)).toEqual(['BAD_REQUEST']);
  });

  test('parameters of a URL that are not JSON are a bad request', async () => {
    const response = await fetch(`${node.url}?query=${encodeURIComponent(INFO)}&variables=%7B`);
    expect(response.status).toBe(400);
    expect(await codesOf(response)).toEqual(['BAD_REQUEST']);
  });

  test('a body beyond the limit is refused, with and without its length', async () => {
    const body = JSON.stringify({ query: INFO, variables: { x: 'x'.repeat(100_001) } });
    expect((await post(body)).status).toBe(413);
    const chunks = new Blob([body]).stream();
    const chunked = await fetch(node.url, {
      method: 'POST',
      headers: JSON_TYPE,
      body: chunks,
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
    expect(await codesOf(chunked)).toEqual(['BAD_REQUEST']);
  });

  test('a compressed body is not unpacked', async () => {
    const response = await post('\u001f\u008b\u0008', { ...JSON_TYPE, 'content-encoding': 'gzip' });
    expect(response.status).toBe(400);
  });

  test.each(['PUT', 'DELETE', 'PATCH'])('%s is not a method of it', async (method) => {
    const response = await fetch(node.url, {
      method,
      ...(method !== 'DELETE' && { headers: JSON_TYPE, body: '{}' }),
    });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain('POST');
  });

  test('whatever the client calls the host is no error', async () => {
    const body = JSON.stringify({ query: INFO });
    const head = `Host: no host !\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
    expect(await raw(`POST /graphql HTTP/1.1\r\n${head}\r\n\r\n${body}`)).toMatch(
      /^HTTP\/1.1 200 [^]*"serverInfo"/,
    );
  });

  test('a request that does not get on is cut off', async () => {
    expect(await raw('POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Ty')).toMatch(/^(HTTP\/1.1 408 |$)/);
  });

  test('elsewhere there is nothing', async () => {
    const { origin } = new URL(node.url);
    expect((await fetch(`${origin}/more`)).status).toBe(404);
    expect((await fetch(`${origin}/graphql/more`)).status).toBe(404);
  });

  test('no answer is sniffed or tells where it was asked from', async () => {
    const { headers } = await post({ query: INFO });
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });
});

describe('statuses', () => {
  const spec = { ...JSON_TYPE, accept: 'application/graphql-response+json' };
  const legacy = { ...JSON_TYPE, accept: 'application/json' };

  test.each([
    ['a document that is no GraphQL', { query: '{' }, 'GRAPHQL_PARSE_FAILED'],
    ['a field that does not exist', { query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'variables that do not fit',
      { query: 'query ($id: ID!) { node(id: $id) { id } }', variables: { id: {} } },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'an operation that is not there',
      { query: 'query A { serverInfo { version } }', operationName: 'B' },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'too large an operation',
      { query: `{ ${'serverInfo { version } '.repeat(11)} }` },
      'OPERATION_TOO_LARGE',
    ],
  ])('%s: 400, and 200 for those who accept only application/json', async (_what, body, code) => {
    const strict = await post(body, spec);
    expect(strict.status).toBe(400);
    expect(strict.headers.get('content-type')).toMatch(/^application\/graphql-response\+json/);
    expect(await codesOf(strict)).toEqual([code]);
    const lenient = await post(body, legacy);
    expect(lenient.status).toBe(200);
    expect(await codesOf(lenient)).toEqual([code]);
  });

  test('whoever was answered something gets 200', async () => {
    const response = await post({ query: '{ serverInfo { version } rooms { nodes { id } } }' }, spec);
    const { data } = (await response.clone().json()) as { data: unknown };
    expect(response.status).toBe(data === undefined ? 401 : 200);
    const refused = await post({ query: 'mutation { logout { __typename } }' }, spec);
    expect(refused.status).toBe(200);
    expect(await refused.json()).toMatchObject({
      data: { logout: null },
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  test.each([
    ['no token at all', 'Bearer nonsense'],
    ['another scheme', 'Basic YWRhOmFkYQ=='],
    ['a token with its end changed', 'changed'],
  ])('%s: 401', async (_what, given) => {
    const authorization = given === 'changed' ? `Bearer ${ada.token.slice(0, -6)}abcdef` : given;
    const response = await post({ query: INFO }, { ...spec, authorization });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await response.json()).toEqual({
      errors: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  test('no token is nobody', async () => {
    const { status, data } = await ask(node.url, '{ viewer { user { id } } }');
    expect({ status, data }).toEqual({ status: 200, data: { viewer: null } });
  });

  test('complaints about variables name the variable and the place', async () => {
    const query = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }';
    const { errors } = await ask(
      node.url,
      query,
      { input: { roomId: 'x', text: 7, idempotencyKey: 'k' } },
      ada.token,
    );
    expect(errors[0]?.message).toMatch(/\$input.*input\.text/);
    expect(errors[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});

describe('limits are the same on every transport', () => {
  const nested = (levels: number) =>
    `{ node(id: "x") { ${'... on Message { replyTo { '.repeat(levels - 2)}id${' } }'.repeat(levels - 2)} } }`;
  const inFragments = (levels: number) => {
    const fragment = (i: number) =>
      `fragment F${i} on Message { replyTo { ${i < levels - 3 ? `...F${i + 1}` : 'id'} } }`;
    return `{ node(id: "x") { ...F0 } } ${Array.from({ length: levels - 2 }, (_, i) => fragment(i)).join(' ')}`;
  };
  const aliases = (count: number) =>
    `{ node(id: "x") { ${Array.from({ length: count }, (_, i) => `a${i}: id`).join(' ')} } }`;
  const roots = (count: number) =>
    `{ ${Array.from({ length: count }, () => 'serverInfo { version }').join(' ')} }`;
  const tokens = (count: number) =>
    `{ serverInfo { version } ${'#\n'.repeat(10)} ${', '.repeat(10)} } ${'fragment F on Room { id } '.repeat(count / 7)}`;
  const pages = (size: number) =>
    `{ viewer { rooms(first: ${size}) { nodes { members(first: ${size}) { nodes { user { id } } } messages(first: ${size}) { nodes { id } } } } } }`;
  const kinds = (fields: number) =>
    `{ inboxEvents(first: 100) { nodes { ${['MessageCreated', 'MessageEdited', 'MessageDeleted']
      .map((kind) => `... on ${kind} { ${'roomSeq cursor occurredAt '.repeat(fields / 3)} }`)
      .join(' ')} } } }`;
  const logins = `mutation { ${Array.from({ length: 100 }, (_, i) => `l${i}: login(input: { usernameOrEmail: "a", password: "b" }) { __typename }`).join(' ')} }`;

  const refused: [string, string][] = [
    ['13 levels', nested(13)],
    ['13 levels through fragments', inFragments(13)],
    ['31 aliases', aliases(31)],
    ['11 root fields', roots(11)],
    ['too many tokens', tokens(5_000)],
    ['too high a cost', pages(100)],
    ['too high a cost in one of many fragments', kinds(102)],
    ['100 logins at once', logins],
    ['fields repeated without end', `{ node(id: "x") { ${'id '.repeat(1_000)} } }`],
    [
      'fragments that double and double',
      `{ node(id: "x") { ...F0 } } ${Array.from({ length: 30 }, (_, i) => `fragment F${i} on Room { id ...F${i + 1} ...F${i + 1} }`).join(' ')} fragment F30 on Room { id }`,
    ],
    [
      'many operations that share them',
      `${Array.from({ length: 20 }, (_, i) => `query A${i} { ...F0 }`).join(' ')} ${Array.from({ length: 8 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`).join(' ')} fragment F8 on Query { __typename }`,
    ],
    [
      'too many operations',
      Array.from({ length: 21 }, (_, i) => `query A${i} { serverInfo { version } }`).join(' '),
    ],
    [
      'introspection of lists in lists',
      `{ __schema { types { ${Array.from({ length: 9 }, (_, i) => `a${i}: fields { type { fields { name type { name } args { name } } } }`).join(' ')} } } }`,
    ],
    [
      '200 fragments',
      `{ node(id: "x") { ...F0 } } ${Array.from({ length: 200 }, (_, i) => `fragment F${i} on Room { id }`).join(' ')}`,
    ],
  ];

  test.each(refused)('%s', async (_what, query) => {
    const before = await node.metrics();
    const [http, socket] = [
      await ask(node.url, query, {}, ada.token),
      await RawSocket.connect(node.wsUrl, ada.token),
    ];
    expect(http.status).toBe(400);
    socket.subscribe('1', query);
    const { type, payload } = await socket.next();
    expect(type).toBe('error');
    const events = await EventStream.open(node.url, query, {}, ada.token);
    const overEvents = (await events.next()).errors;
    for (const errors of [http.errors, payload, overEvents]) {
      expect(errors).toEqual([expect.objectContaining({ extensions: { code: 'OPERATION_TOO_LARGE' } })]);
    }
    expect(payload).toEqual(http.errors);
    expect(overEvents).toEqual(http.errors);
    // The socket lives on, and nothing was run.
    expect(await socket.run('2', INFO)).toMatchObject({ data: { serverInfo: {} } });
    socket.close();
    const after = await node.metrics();
    expect(after['parley_sql_statements_total{pool="read"}']).toBe(
      before['parley_sql_statements_total{pool="read"}'],
    );
  });

  test.each([
    ['12 levels', nested(12)],
    ['12 levels through fragments', inFragments(12)],
    ['30 aliases', aliases(30)],
    ['10 root fields', roots(10)],
    ['pages of ordinary size', pages(10)],
    ['fragments on many types, of which a thing has one', kinds(60)],
  ])('%s pass', async (_what, query) => {
    const { errors } = await ask(node.url, query, {}, ada.token);
    expect(errors).toEqual([]);
  });

  test('page sizes in variables count as given', async () => {
    const query =
      'query ($n: Int = 1) { viewer { rooms(first: $n) { nodes { members(first: $n) { nodes { user { id } } } messages(first: $n) { nodes { id } } } } } }';
    for (const [n, codes] of [
      [undefined, []],
      [100, ['OPERATION_TOO_LARGE']],
      [5, []],
      [null, []],
      [100, ['OPERATION_TOO_LARGE']],
    ] as const) {
      const { errors } = await ask(node.url, query, { n }, ada.token);
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(codes);
    }
  });

  test('a refused document is not looked at again, whatever way it comes in', async () => {
    const query = `{ ${'serverInfo { version } '.repeat(11)} again: __typename }`;
    const refusedAgain = async () =>
      (await node.metrics())['parley_documents_total{outcome="refused again"}'] ?? 0;
    const before = await refusedAgain();
    await ask(node.url, query);
    const socket = await RawSocket.connect(node.wsUrl, ada.token);
    socket.subscribe('1', query);
    expect((await socket.next()).type).toBe('error');
    socket.close();
    const response = await fetch(`${node.url}?query=${encodeURIComponent(query)}`, {
      headers: GRAPHQL_TYPES,
    });
    expect(await codesOf(response)).toEqual(['OPERATION_TOO_LARGE']);
    await (await EventStream.open(node.url, query, {}, ada.token)).next();
    expect(await refusedAgain()).toBe(before + 3);
  });

  test('large variables get one complaint, and too many none but that', async () => {
    const query = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }';
    const unknown = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`idempotencyKe${i}`, 1]));
    for (const [count, code] of [
      [1_000, 'GRAPHQL_VALIDATION_FAILED'],
      [3_000, 'OPERATION_TOO_LARGE'],
    ] as const) {
      const response = await post({ query, variables: { input: unknown(count) } }, GRAPHQL_TYPES);
      const text = await response.clone().text();
      expect(await codesOf(response)).toEqual([code]);
      expect(text.length).toBeLessThan(1_000);
    }
  });

  test('introspection passes whatever its depth', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    const { data, errors } = await ask<{ __schema: object }>(node.url, getIntrospectionQuery());
    expect(errors).toEqual([]);
    expect(data?.__schema).toBeDefined();
  });

  test('lists cannot be selected in an event', async () => {
    const query =
      'subscription { inbox { ... on RoomEvent { room { ...R } } } } fragment R on Room { members { nodes { id } } }';
    const socket = await RawSocket.connect(node.wsUrl, ada.token);
    socket.subscribe('1', query);
    const { type, payload } = await socket.next();
    expect(type).toBe('error');
    expect(payload).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/connections cannot be selected in an event/),
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      }),
    ]);
    socket.close();
  });
});

// Documents that are used are compiled after a while.
describe('the thirtieth answer is the first', () => {
  const SEND = `mutation ($input: SendMessageInput!) {
    sendMessage(input: $input) { __typename ... on UserError { code path } }
  }`;
  const nowhere = { input: { roomId: 'nowhere', text: 'x', idempotencyKey: 'thirty' } };

  test.each<[string, string, object, 'ada' | 'nobody']>([
    ['of what is there', '{ viewer { user { displayName } } serverInfo { version } }', {}, 'ada'],
    ['to nobody', '{\n  serverInfo { version }\n\n  rooms(first: 1) { nodes { id } }\n}', {}, 'nobody'],
    [
      'to nobody who changes',
      `mutation {\r\n leaveRoom(input: { roomId: "x" }) { __typename } }`,
      {},
      'nobody',
    ],
    ['of a refusal', SEND, nowhere, 'ada'],
    ['to variables that do not fit', SEND, { input: { roomId: 1.5, nonsense: true } }, 'ada'],
    ['to a wrong page', '{ rooms(first: 0) { nodes { id } } serverInfo { version } }', {}, 'ada'],
    ['in a list', 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['x', 'y'] }, 'ada'],
  ])('%s', async (_what, query, variables, who) => {
    const answers = new Set<string>();
    for (let i = 0; i < 30; i++) {
      const { data, errors } = await ask(node.url, query, variables, who === 'ada' ? ada.token : undefined);
      answers.add(JSON.stringify({ data, errors }));
    }
    expect([...answers]).toHaveLength(1);
  });
});

describe('one person alone', () => {
  const HISTORY = 'query ($id: ID!) { room(id: $id) { messages(last: 100) { nodes { text } } } }';

  test('cannot have everything, however many sockets and requests they use', async () => {
    const own = await ownNode({ COST_PER_SECOND: '1', COST_BURST: '2000' });
    const [eve, bob] = [await signUp(own, 'eve'), await signUp(own, 'bob')];
    const roomId = await eve.createRoom('loud');
    const answers = await Promise.all(Array.from({ length: 10 }, () => eve.ask(HISTORY, { id: roomId })));
    const refused = answers.flatMap(({ errors }) => errors);
    expect(refused.length).toBeGreaterThan(5);
    for (const { extensions } of refused)
      expect(extensions).toEqual({ code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) });
    expect((await bob.ask('{ viewer { user { id } } }')).errors).toEqual([]);
  });

  test('cannot use up the stack, nor fill the log by going away', async () => {
    const logged = () => node.log().filter(({ level }) => level >= 50).length;
    const before = logged();
    for (const text of ['[', '{a', '{a:', '[{a:'])
      for (const prefix of ['{node(id:', '']) {
        const response = await post({ query: `${prefix}${text.repeat(3_900)}` }, GRAPHQL_TYPES);
        expect(response.status).toBe(400);
        expect(['GRAPHQL_PARSE_FAILED', 'OPERATION_TOO_LARGE']).toContain((await codesOf(response))[0]);
      }
    const socket = connect(Number(new URL(node.url).port), '127.0.0.1');
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"query":`,
    );
    await once(socket, 'connect');
    await codesOf(await post({ query: INFO })); // by now it was read
    socket.destroy();
    await codesOf(await post({ query: INFO }));
    expect(logged()).toBe(before);
  });

  test('leaves no error in the log by closing right behind a whole request', async () => {
    const body = JSON.stringify({ query: INFO });
    const headers = `host: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
    const errors = () => node.log().filter(({ level }) => level >= 50);
    for (let i = 0; i < 20; i++) {
      const socket = connect(Number(new URL(node.url).port), '127.0.0.1');
      // No signature is remembered, so this one takes a while to judge.
      const token = `${ada.token.slice(0, -6)}${String(i).padStart(6, '0')}`;
      socket.end(`POST /graphql HTTP/1.1\r\n${headers}\r\nauthorization: Bearer ${token}\r\n\r\n${body}`);
      socket.resume();
      await once(socket, 'close');
    }
    await codesOf(await post({ query: INFO }));
    expect(errors()).toEqual([]);
  });

  test('gets an event stream closed where they asked for it', async () => {
    const answer = await raw(
      `POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: ${JSON.stringify({ query: INFO }).length}\r\n\r\n${JSON.stringify({ query: INFO })}`,
    );
    expect(answer).toMatch(/connection: close/i);
  });
});

describe('subscriptions over HTTP', () => {
  test('are server-sent events, and end with their client', async () => {
    const before = (await node.metrics())['parley_streams'] ?? 0;
    const events = await EventStream.open(node.url, WATCH, {}, ada.token);
    expect(events.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    await events.item('StreamReady');
    expect((await node.metrics())['parley_streams']).toBe(before + 1);
    events.cut();
    await expect.poll(async () => (await node.metrics())['parley_streams']).toBe(before);
  });

  test('by GET, too', async () => {
    const abort = new AbortController();
    const response = await fetch(`${node.url}?query=${encodeURIComponent(WATCH)}`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${ada.token}` },
      signal: abort.signal,
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    abort.abort();
  });

  test('need a client that can read them', async () => {
    const response = await post(
      { query: WATCH },
      { ...JSON_TYPE, accept: 'application/json', authorization: `Bearer ${ada.token}` },
    );
    expect(response.status).toBe(406);
    expect(await codesOf(response)).toEqual(['BAD_REQUEST']);
  });

  test('of nobody are refused', async () => {
    const events = await EventStream.open(node.url, WATCH);
    expect((await events.next()).errors).toEqual([
      expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED' } }),
    ]);
    await events.complete();
  });
});

describe('origins', () => {
  const preflight = (origin: string) =>
    fetch(node.url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });

  test('of this machine are allowed outside production, without credentials', async () => {
    for (const origin of ['http://localhost:3000', 'https://127.0.0.1', 'http://[::1]:8080']) {
      const response = await preflight(origin);
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
      expect(response.headers.get('access-control-allow-headers')).toContain('authorization');
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
      const answer = await post({ query: INFO }, { ...JSON_TYPE, origin });
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      expect(answer.headers.get('vary')).toContain('Origin');
    }
  });

  test('that are foreign get no permission', async () => {
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost.evil.example',
      'http://127.0.0.1.evil.example:3000',
      'file://',
    ]) {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
      const answer = await post({ query: INFO }, { ...JSON_TYPE, origin });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('in production are those of the list, and no others', async () => {
    const own = await ownNode({
      NODE_ENV: 'production',
      CORS_ORIGINS: 'https://chat.example, https://other.example',
    });
    const allowed = async (origin: string) =>
      (await post({ query: INFO }, { ...JSON_TYPE, origin }, own.url)).headers.get(
        'access-control-allow-origin',
      );
    expect(await allowed('https://chat.example')).toBe('https://chat.example');
    expect(await allowed('https://other.example')).toBe('https://other.example');
    expect(await allowed('http://localhost:3000')).toBeNull();
    expect(await allowed(new URL(own.url).origin)).toBeNull();
    for (const origin of ['http://localhost:3000', 'https://evil.example']) {
      await expect(RawSocket.open(own.wsUrl, { headers: { origin } })).rejects.toMatchObject({ status: 403 });
    }
    (await RawSocket.connect(own.wsUrl, undefined, { headers: { origin: 'https://chat.example' } })).close();
  });
});

describe('mistakes of ours', () => {
  test('are masked, and found in the log by the correlation id', async () => {
    const other = await ownNode();
    const person = await signUp(other);
    await execute(other.databaseUrl, 'ALTER TABLE users RENAME COLUMN username TO gone');
    const query = '{ viewer { user { displayName } } }';
    const response = await post(
      { query },
      { ...JSON_TYPE, authorization: `Bearer ${person.token}`, 'x-request-id': 'request-4711' },
      other.url,
    );
    const text = await response.text();
    expect(response.headers.get('x-correlation-id')).toBe('request-4711');
    expect(JSON.parse(text).errors).toEqual([
      expect.objectContaining({
        message: 'Internal error.',
        extensions: { code: 'INTERNAL', correlationId: 'request-4711' },
      }),
    ]);
    const line = await other.logged(
      ({ correlationId, level }) => correlationId === 'request-4711' && level >= 50,
    );
    expect(JSON.stringify(line)).toContain('username');

    const socket = await RawSocket.connect(other.wsUrl, person.token);
    const answer = await socket.run('1', query);
    const { correlationId } = answer.errors[0].extensions;
    expect(answer.errors[0]).toMatchObject({ message: 'Internal error.', extensions: { code: 'INTERNAL' } });
    await other.logged((each) => each.correlationId === correlationId && each.level >= 50);
    socket.close();
    for (const seen of [text, JSON.stringify(answer)])
      expect(seen).not.toMatch(/SELECT|username|\brelation\b|node_modules|\.js|\.ts\b|Unexpected error/i);
    expect((await other.metrics())['parley_internal_errors_total']).toBe(2);
  });

  test('a correlation id is made where none, or none that is sane, was given', async () => {
    const uuid = /^[0-9a-f-]{36}$/;
    expect((await post({ query: INFO })).headers.get('x-correlation-id')).toMatch(uuid);
    for (const odd of ['short', 'x'.repeat(65), 'with space and "quotes"']) {
      expect(
        (await post({ query: INFO }, { ...JSON_TYPE, 'x-request-id': odd })).headers.get('x-correlation-id'),
      ).toMatch(uuid);
    }
  });
});

describe('in production', () => {
  test('nothing is told about the schema', async () => {
    const own = await ownNode({ NODE_ENV: 'production' });
    const [introspected, misspelt] = [
      await ask(own.url, '{ __schema { types { name } } }'),
      await ask(own.url, '{ serverInf { version } }'),
    ];
    expect(introspected.errors).toEqual([
      expect.objectContaining({
        message: 'Introspection is turned off.',
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      }),
    ]);
    expect(
      (await ask(own.url, 'query { ...Q } fragment Q on Query { again: __type(name: "User") { name } }'))
        .status,
    ).toBe(400);
    expect((await ask(own.url, '{ __typename }')).data).toEqual({ __typename: 'Query' });
    expect(misspelt.errors[0]?.message).not.toMatch(/did you mean|serverInfo/i);
    const page = await fetch(own.url, { headers: { accept: 'text/html' } });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain('GraphiQL is switched off.');
  });

  test('elsewhere suggestions help', async () => {
    expect((await ask(node.url, '{ serverInf { version } }')).errors[0]?.message).toMatch(
      /Did you mean "serverInfo"/,
    );
  });
});

describe('health and metrics', () => {
  test('live, ready, and on the operations port as well', async () => {
    for (const base of [new URL(node.url).origin, node.opsUrl]) {
      const live = await fetch(`${base}/health/live`);
      expect([live.status, await live.json()]).toEqual([200, { status: 'live' }]);
      const ready = await fetch(`${base}/health/ready`);
      expect([ready.status, await ready.json()]).toEqual([
        200,
        { status: 'ready', checks: { database: 'ok', migrations: 'ok', bus: 'ok', draining: false } },
      ]);
    }
  });

  test('metrics are on the operations port only', async () => {
    expect((await fetch(`${new URL(node.url).origin}/metrics`)).status).toBe(404);
    const metrics = await node.metrics();
    expect(metrics).toHaveProperty('parley_sockets');
    expect(metrics).toHaveProperty('parley_bus_healthy', 1);
  });
});

describe('GraphiQL', () => {
  test('opens in a browser with examples, and fetches nothing from elsewhere', async () => {
    const response = await fetch(node.url, { headers: { accept: 'text/html,application/xhtml+xml' } });
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    const page = await response.text();
    expect(page).toContain('subscription Watch');
    expect(page).not.toMatch(/<(script|link)[^>]+(src|href)="https?:/);
    const etag = response.headers.get('etag') ?? '';
    const again = await fetch(node.url, { headers: { accept: 'text/html', 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  test('its examples fit the schema', async () => {
    const { examples } = await import('../src/server/pages/examples.ts');
    const { buildSchema, parse, validate } = await import('graphql');
    const { readFile } = await import('node:fs/promises');
    const schema = buildSchema(await readFile(new URL('../schema.graphql', import.meta.url), 'utf8'));
    for (const { query } of examples) expect(validate(schema, parse(query))).toEqual([]);
  });
});

describe('what a visitor sees', () => {
  const at = (path: string, accept: string) => fetch(new URL(path, node.url), { headers: { accept } });

  test('is a page in a browser, and JSON for a program', async () => {
    const page = await at('/', 'text/html,application/xhtml+xml');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain('src="/demo/app-');
    expect(page.headers.get('content-security-policy')).toContain(`default-src 'none'`);
    const facts = await at('/', '*/*');
    expect(await facts.json()).toEqual({
      name: 'Parley',
      api: '/graphql',
      graphiql: true,
      health: '/health/ready',
    });
    const response = await fetch(new URL('/', node.url), { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test('elsewhere is nothing', async () => {
    expect((await at('/nowhere', 'text/html')).status).toBe(404);
  });
});
