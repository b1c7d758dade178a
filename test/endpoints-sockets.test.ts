import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EventStream, RawSocket } from './harness/client.ts';
import { createDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { ask, type Person, signUp } from './harness/people.ts';
import { setStage } from './harness/stage.ts';

let node: TestNode;
let ada: Person;
setStage((stage) => {
  ({ node, ada } = stage);
});

const INFO = '{ serverInfo { version } }';
const WATCH = `subscription { inbox { __typename
  ... on StreamReady { cursor } ... on AuthExpiring { expiresAt } ... on StreamClosed { closeReason retryable retryAfterMs } } }`;
const LOGOUT = 'mutation { logout { __typename } }';

/** A node with its own database, for one test. */
async function ownNode(env: Record<string, string> = {}): Promise<TestNode> {
  const own = await createDatabase();
  const started = await startNode({ databaseUrl: own.url, env });
  onTestFinished(async () => {
    await started.stop();
    await own.drop();
  });
  return started;
}

async function watching(url: string, token: string): Promise<RawSocket> {
  const socket = await RawSocket.connect(url, token);
  socket.subscribe('watch', WATCH);
  await socket.item('watch', 'StreamReady');
  return socket;
}

describe('the protocol', () => {
  const init = { type: 'connection_init' };
  const subscribe = { type: 'subscribe', id: '1', payload: { query: WATCH } };

  // The messages after the socket is open, and the expected close.
  const violations: [what: string, said: (object | string)[], code: number, reason: string][] = [
    ['nothing at all', [], 4408, 'Connection initialisation timeout'],
    ['an operation before the beginning', [subscribe], 4401, 'Unauthorized'],
    ['the beginning twice', [init, init], 4429, 'Too many initialisation requests'],
    ['no JSON', ['{'], 4400, 'Invalid message received'],
    ['no object', ['7'], 4400, 'Invalid message received'],
    ['an unknown type', [{ type: 'hello' }], 4400, 'Invalid message received'],
    [
      'what only servers say',
      [init, { type: 'next', id: '1', payload: {} }],
      4400,
      'Invalid message received',
    ],
    ['an empty id', [init, { ...subscribe, id: '' }], 4400, 'Invalid message received'],
    ['an id that is no text', [init, { ...subscribe, id: 7 }], 4400, 'Invalid message received'],
    [
      'an id of 65 characters',
      [init, { ...subscribe, id: 'x'.repeat(65) }],
      4400,
      'Invalid message received',
    ],
    [
      'an operation without a document',
      [init, { ...subscribe, payload: {} }],
      4400,
      'Invalid message received',
    ],
    [
      'a beginning whose payload is no object',
      [{ ...init, payload: 'token' }],
      4400,
      'Invalid message received',
    ],
    ['a token that is none', [{ ...init, payload: { authorization: 'Bearer nonsense' } }], 4403, 'Forbidden'],
    ['another scheme', [{ ...init, payload: { authorization: 'Basic YWRhOmFkYQ==' } }], 4403, 'Forbidden'],
    ['a frame beyond the limit', ['x'.repeat(65_537)], 1009, ''],
  ];

  test.each(violations)('%s', async (_what, said, code, reason) => {
    const socket = await RawSocket.open(node.wsUrl);
    for (const message of said) socket.send(message);
    expect(await socket.closing()).toEqual({ code, reason });
  });

  test('the same id twice', async () => {
    const socket = await watching(node.wsUrl, ada.token);
    socket.subscribe('watch', INFO);
    expect(await socket.closing()).toEqual({ code: 4409, reason: 'Subscriber for watch already exists' });
  });

  test('what is nested too deeply', async () => {
    const before = node.log().length;
    const socket = await RawSocket.open(node.wsUrl);
    socket.ws.send(`{"type":"ping","payload":${'{"a":'.repeat(8_000)}1${'}'.repeat(8_000)}}`);
    expect(await socket.closing()).toEqual({ code: 4400, reason: 'Invalid message received' });
    expect(
      node
        .log()
        .slice(before)
        .filter(({ level }) => level >= 50),
    ).toEqual([]);
  });

  test('binary, unmasked and broken frames', async () => {
    const binary = await RawSocket.open(node.wsUrl);
    binary.ws.send(Buffer.from(JSON.stringify(init)), { binary: true });
    expect(await binary.closing()).toEqual({ code: 4400, reason: 'Invalid message received' });
    expect(await closeCodeOf(Buffer.from([0x81, 0x02, 0x7b, 0x7d]))).toBe(1002);
    expect(await closeCodeOf(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]))).toBe(1007);
  });

  test('another protocol, or none', async () => {
    const none = await RawSocket.open(node.wsUrl, { protocol: '' });
    expect(await none.closing()).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' });
  });

  test('a rate that the operator has set', async () => {
    const strict = await ownNode({ MESSAGES_PER_SECOND: '1', MESSAGES_BURST: '3' });
    const socket = await RawSocket.connect(strict.wsUrl);
    for (let i = 0; i < 2; i++) socket.send({ type: 'ping' });
    for (let i = 0; i < 2; i++) await socket.next('pong');
    for (let i = 0; i < 100; i++) socket.send({ type: 'ping' });
    expect(await socket.closing()).toEqual({ code: 4400, reason: 'Too many messages' });
  });

  test('a flood of pings is answered, until it is too much', async () => {
    const socket = await RawSocket.connect(node.wsUrl);
    for (let i = 0; i < 500; i++) socket.send({ type: 'ping' });
    for (let i = 0; i < 500; i++) await socket.next('pong');
    for (let i = 0; i < 10_000; i++) socket.send({ type: 'ping' });
    expect(await socket.closing()).toEqual({ code: 4400, reason: 'Too many messages' });
  });

  test('completing what does not run, before the beginning and after, is no violation', async () => {
    const socket = await RawSocket.open(node.wsUrl);
    socket.complete('1');
    socket.send(init);
    await socket.next('connection_ack');
    socket.complete('1');
    expect(await socket.run('1', INFO)).toMatchObject({ data: { serverInfo: {} } });
    socket.close();
  });

  test('an id may be used again once it is completed, however soon', async () => {
    const socket = await RawSocket.connect(node.wsUrl, ada.token);
    for (let i = 0; i < 200; i++) {
      socket.subscribe('again', WATCH);
      socket.complete('again');
    }
    socket.subscribe('again', WATCH);
    await socket.item('again', 'StreamReady');
    socket.send({ type: 'ping' });
    await socket.next('pong');
    expect(socket.received.filter(({ type }) => type === 'complete')).toEqual([]);
    // The received item may be from one of the other subscriptions, just before its completion.
    await expect.poll(async () => (await node.metrics())['parley_streams']).toBe(1);
    socket.close();
    await expect.poll(async () => (await node.metrics())['parley_streams']).toBe(0);
  });

  test('nothing is left of operations that were completed while they began', async () => {
    const socket = await RawSocket.connect(node.wsUrl, ada.token);
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 90; i++) {
        socket.subscribe(`${round}-${i}`, WATCH);
        socket.complete(`${round}-${i}`);
      }
      expect(await socket.run(`info-${round}`, INFO)).toMatchObject({ data: {} });
    }
    await expect.poll(async () => (await node.metrics())['parley_streams']).toBe(0);
    socket.cut();
    await expect.poll(async () => (await node.metrics())['parley_sockets']).toBe(0);
  });

  test('a socket that is cut takes its streams along', async () => {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => watching(node.wsUrl, ada.token)));
    expect((await node.metrics())['parley_streams']).toBe(10);
    for (const socket of sockets) socket.cut();
    await expect.poll(async () => (await node.metrics())['parley_streams']).toBe(0);
  });

  test('a bad operation is answered, and the socket goes on', async () => {
    const socket = await watching(node.wsUrl, ada.token);
    const bad: [string, object, string][] = [
      ['subscription {', {}, 'GRAPHQL_PARSE_FAILED'],
      ['{ nothing }', {}, 'GRAPHQL_VALIDATION_FAILED'],
      ['query ($id: ID!) { node(id: $id) { id } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
      [
        'query ($id: ID!) { node(id: $id) { id } }',
        JSON.parse('{"__proto__": {"id": "x"}}'),
        'GRAPHQL_VALIDATION_FAILED',
      ],
      ['subscription ($id: ID!) { room(id: $id) { __typename } }', { id: {} }, 'GRAPHQL_VALIDATION_FAILED'],
      [
        'query A { serverInfo { version } } query B { serverInfo { version } }',
        {},
        'GRAPHQL_VALIDATION_FAILED',
      ],
    ];
    for (const [i, [query, variables, code]] of bad.entries()) {
      const { errors } = await socket.run(`bad-${i}`, query, variables);
      expect(errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code)).toEqual([
        code,
      ]);
    }
    expect(await socket.run('good', '{ viewer { user { id } } }')).toEqual({
      data: { viewer: { user: { id: ada.userId } } },
    });
    expect(socket.closed).toBeNull();
    socket.close();
  });

  test('nobody may come in, but nobody cannot watch', async () => {
    const socket = await RawSocket.connect(node.wsUrl);
    expect(await socket.run('1', '{ viewer { user { id } } }')).toEqual({ data: { viewer: null } });
    const { errors } = await socket.run('2', WATCH);
    expect(errors).toEqual([expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED' } })]);
    socket.close();
  });
});

/** How the server closes a socket on which these bytes arrive. */
async function closeCodeOf(bytes: Buffer): Promise<number> {
  const { hostname, port } = new URL(node.wsUrl);
  const socket = connect(Number(port), hostname);
  const head =
    'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
  socket.write(
    `GET /graphql HTTP/1.1\r\nHost: ${hostname}\r\n${head}\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`,
  );
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    const isFirst = received.length === 0;
    received = Buffer.concat([received, chunk]);
    if (isFirst) socket.write(bytes);
  });
  await once(socket, 'close');
  return received.readUInt16BE(received.indexOf('\r\n\r\n') + 6);
}

describe('who may open a socket', () => {
  const refusedFrom = (origin: string) =>
    expect(RawSocket.open(node.wsUrl, { headers: { origin } })).rejects.toMatchObject({ status: 403 });

  test('native clients and pages of this machine, but no foreign page', async () => {
    (await RawSocket.connect(node.wsUrl)).close();
    (
      await RawSocket.connect(node.wsUrl, undefined, { headers: { origin: 'http://localhost:3000' } })
    ).close();
    await refusedFrom('https://evil.example');
    await refusedFrom('null');
  });

  test('only at its path', async () => {
    await expect(RawSocket.open(`${node.wsUrl}/more`)).rejects.toMatchObject({ status: 404 });
  });

  test('as many as there is room for', async () => {
    const small = await ownNode({
      MAX_SOCKETS: '4',
      MAX_SOCKETS_PER_USER: '2',
      ANONYMOUS_SOCKETS_PERCENT: '100',
    });
    const eve = await signUp(small, 'eve');
    const first = await RawSocket.connect(small.wsUrl, eve.token);
    const events = await EventStream.open(small.url, WATCH, {}, eve.token);
    await events.item('StreamReady');
    const third = await RawSocket.open(small.wsUrl);
    third.send({ type: 'connection_init', payload: { authorization: `Bearer ${eve.token}` } });
    expect(await third.closing()).toEqual({ code: 1013, reason: 'Too many connections' });
    const fourth = await EventStream.open(small.url, WATCH, {}, eve.token);
    expect((await fourth.next()).errors).toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'RATE_LIMITED' }) }),
    ]);
    await Promise.all([RawSocket.connect(small.wsUrl), RawSocket.connect(small.wsUrl)]);
    await expect(RawSocket.open(small.wsUrl)).rejects.toMatchObject({ status: 503 });
    first.close();
    await first.closing();
    (await RawSocket.connect(small.wsUrl, eve.token)).close();
  });

  test('and nobody for long without saying who they are', async () => {
    const strict = await ownNode({ NODE_ENV: 'production' });
    const silent = await Promise.all(Array.from({ length: 50 }, () => RawSocket.open(strict.wsUrl)));
    for (const socket of silent) expect((await socket.closing()).code).toBe(4408);
    (await RawSocket.connect(strict.wsUrl)).close();
  });

  test('a stream too many is told so', async () => {
    const small = await ownNode({ MAX_STREAMS_PER_SOCKET: '2' });
    const eve = await signUp(small, 'eve');
    const socket = await RawSocket.connect(small.wsUrl, eve.token);
    for (const id of ['1', '2']) {
      socket.subscribe(id, WATCH);
      await socket.item(id, 'StreamReady');
    }
    socket.subscribe('3', WATCH);
    expect(await socket.item('3')).toMatchObject({
      __typename: 'StreamClosed',
      closeReason: 'LIMIT_REACHED',
      retryable: false,
    });
    await socket.next('complete', '3');
    socket.complete('1');
    socket.subscribe('4', WATCH);
    await socket.item('4', 'StreamReady');
  });
});

describe('access lasts as long as the token', () => {
  test('streams are warned, then end with it, and the socket closes so that clients come back', async () => {
    const brief = await ownNode({ ACCESS_TOKEN_TTL_SECONDS: '8' });
    const eve = await signUp(brief, 'eve');
    const socket = await watching(brief.wsUrl, eve.token);
    const events = await EventStream.open(brief.url, WATCH, {}, eve.token);
    const warning = await socket.item('watch', 'AuthExpiring');
    const expiresAt = Date.parse(String(warning['expiresAt']));
    await events.item('AuthExpiring');
    expect(await socket.item('watch', 'StreamClosed')).toMatchObject({
      closeReason: 'AUTH_EXPIRED',
      retryable: true,
    });
    expect(await events.item('StreamClosed')).toMatchObject({ closeReason: 'AUTH_EXPIRED', retryable: true });
    await events.complete();
    await socket.next('complete', 'watch');
    expect(await socket.closing()).toEqual({ code: 4403, reason: 'Token expired' });
    expect(Date.now(), 'not before the token').toBeGreaterThan(expiresAt - 1_000);
    const late = await RawSocket.open(brief.wsUrl);
    late.send({ type: 'connection_init', payload: { authorization: `Bearer ${eve.token}` } });
    expect(await late.closing()).toEqual({ code: 4403, reason: 'Token expired' });
  });

  test('a swapped token keeps the socket and its streams', async () => {
    const brief = await ownNode({ ACCESS_TOKEN_TTL_SECONDS: '20' });
    const eve = await signUp(brief, 'eve');
    const socket = await watching(brief.wsUrl, eve.token);
    for (let i = 0, refreshToken = eve.refreshToken; i < 2; i++) {
      const { expiresAt } = await socket.item('watch', 'AuthExpiring');
      const { data } = await ask<any>(
        brief.url,
        'mutation ($t: String!) { refreshSession(input: { refreshToken: $t }) { ... on RefreshSessionSuccess { tokens { accessToken refreshToken } } } }',
        { t: refreshToken },
      );
      refreshToken = data.refreshSession.tokens.refreshToken;
      const swapped = await socket.run(
        `swap-${i}`,
        'mutation ($t: String!) { refreshStreamAuth(input: { accessToken: $t }) { ... on RefreshStreamAuthSuccess { accessTokenExpiresAt } } }',
        { t: data.refreshSession.tokens.accessToken },
      );
      expect(Date.parse(swapped.data.refreshStreamAuth.accessTokenExpiresAt)).toBeGreaterThanOrEqual(
        Date.parse(String(expiresAt)),
      );
    }
    await socket.item('watch', 'AuthExpiring');
    expect(await socket.item('watch', 'StreamClosed')).toMatchObject({ closeReason: 'AUTH_EXPIRED' });
  });

  test('a session that ends takes its streams along, on every transport', async () => {
    const eve = await signUp(node, 'eve');
    const [socket, idle] = [
      await watching(node.wsUrl, eve.token),
      await RawSocket.connect(node.wsUrl, eve.token),
    ];
    const events = await EventStream.open(node.url, WATCH, {}, eve.token);
    await events.item('StreamReady');
    expect((await ask(node.url, LOGOUT, {}, eve.token)).errors).toEqual([]);
    expect(await socket.item('watch', 'StreamClosed')).toMatchObject({
      closeReason: 'SESSION_ENDED',
      retryable: false,
    });
    expect(await events.item('StreamClosed')).toMatchObject({ closeReason: 'SESSION_ENDED' });
    await events.complete();
    for (const closing of [socket.closing(), idle.closing()])
      expect(await closing).toEqual({ code: 4401, reason: 'Unauthorized' });
    const late = await RawSocket.open(node.wsUrl);
    late.send({ type: 'connection_init', payload: { authorization: `Bearer ${eve.token}` } });
    expect(await late.closing()).toEqual({ code: 4401, reason: 'Unauthorized' });
    expect((await ask(node.url, INFO, {}, eve.token)).status).toBe(401);
  });
});

describe('GraphiQL', () => {
  test('sends its headers with each operation', async () => {
    const socket = await RawSocket.connect(node.wsUrl);
    const grace = await signUp(node, 'grace');
    const who = async (id: string, token?: string) => {
      const extensions = token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } };
      socket.subscribe(id, '{ viewer { user { id } } }', {}, { extensions });
      return (await socket.next(undefined, id)).payload;
    };
    expect(await who('1')).toEqual({ data: { viewer: null } });
    expect(await who('2', ada.token)).toEqual({ data: { viewer: { user: { id: ada.userId } } } });
    expect(await who('3', grace.token)).toEqual({ data: { viewer: { user: { id: grace.userId } } } });
    expect(await who('4', 'nonsense')).toEqual([
      expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED' } }),
    ]);
    socket.subscribe('5', WATCH, {}, { extensions: { headers: { authorization: `Bearer ${grace.token}` } } });
    await socket.item('5', 'StreamReady');
    await ask(node.url, LOGOUT, {}, grace.token);
    expect(await socket.item('5', 'StreamClosed')).toMatchObject({ closeReason: 'SESSION_ENDED' });
    expect(await socket.run('6', INFO)).toMatchObject({ data: {} });
    socket.close();
  });

  test('which counts for nothing where there is none', async () => {
    const plain = await ownNode({ GRAPHIQL: 'false' });
    const eve = await signUp(plain, 'eve');
    const socket = await RawSocket.connect(plain.wsUrl);
    socket.subscribe(
      '1',
      '{ viewer { user { id } } }',
      {},
      { extensions: { headers: { authorization: `Bearer ${eve.token}` } } },
    );
    expect((await socket.next('next')).payload).toEqual({ data: { viewer: null } });
    socket.close();
  });
});

describe('a client that stops reading', () => {
  test('is cut, while all others go on, and resumes whole', async () => {
    const own = await ownNode({
      POSTS_PER_SECOND: '100000',
      POSTS_BURST: '100000',
      COST_PER_SECOND: '100000000',
      COST_BURST: '100000000',
    });
    const [eve, bob] = [await signUp(own, 'eve'), await signUp(own, 'bob')];
    const room = await eve.createRoom('engine room');
    await bob.join(room);
    const query = `subscription ($id: ID!, $after: Cursor) { room(id: $id, after: $after) { __typename
      ... on StreamReady { cursor } ... on MessageCreated { cursor message { seq text } } } }`;
    const stalled = await RawSocket.connect(own.wsUrl, eve.token);
    stalled.subscribe('room', query, { id: room });
    const start = (await stalled.item('room', 'StreamReady'))['cursor'];
    stalled.ws.pause();
    const feed = await bob.watch(room);
    await feed.next('StreamReady');
    const count = 600;
    for (let i = 0; i < count / 10; i++)
      await Promise.all(Array.from({ length: 10 }, () => eve.say(room, '\u{1F600}'.repeat(5_000))));
    expect(await feed.events(count)).toHaveLength(count);
    await expect.poll(async () => (await own.metrics())['parley_streams'], { interval: 500 }).toBe(1);
    stalled.ws.resume();
    await stalled.closing();

    const items = stalled.received
      .filter(({ type }) => type === 'next')
      .map(({ payload }) => payload.data.room as any);
    const before = items.filter(({ message }) => message);
    expect(before.length).toBeLessThan(count);
    const back = await RawSocket.connect(own.wsUrl, eve.token);
    back.subscribe('room', query, { id: room, after: before.at(-1)?.cursor ?? start });
    const seqs: number[] = before.map(({ message }) => message.seq);
    while (seqs.length < count) seqs.push(((await back.item('room', 'MessageCreated')) as any).message.seq);
    expect(seqs).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    back.close();
    feed.close();
  }, 120_000);
});

describe('compression', () => {
  test('is not negotiated unless the operator wants it', async () => {
    const socket = await RawSocket.connect(node.wsUrl);
    expect(socket.ws.extensions).toBe('');
    socket.close();
  });

  test('carries a stream whole, long backlog and live', async () => {
    const compressing = await ownNode({
      WS_COMPRESSION: 'true',
      POSTS_PER_SECOND: '1000',
      POSTS_BURST: '1000',
    });
    const eva = await signUp(compressing, 'eva');
    const roomId = await eva.createRoom('long');
    const { cursor } = (await eva.ask('query ($id: ID!) { room(id: $id) { cursor } }', { id: roomId })).data
      .room;
    const long = Array.from({ length: 400 }, (_, i) => `${i} ${'words '.repeat(800)}`.trimEnd());
    for (const text of long) await eva.say(roomId, text);

    const socket = await RawSocket.connect(compressing.wsUrl, eva.token);
    expect(socket.ws.extensions).toContain('permessage-deflate');
    const query = `subscription ($id: ID!, $after: Cursor) { room(id: $id, after: $after) { __typename
      ... on MessageCreated { message { text } } } }`;
    socket.subscribe('room', query, { id: roomId, after: cursor });
    const textOf = async () =>
      ((await socket.item('room', 'MessageCreated'))['message'] as { text: string }).text;
    for (const text of long) expect(await textOf()).toBe(text);
    await socket.item('room', 'StreamReady');
    await eva.say(roomId, 'live');
    expect(await textOf()).toBe('live');
    socket.close();
  });
});
