import { once } from 'node:events';
import { connect } from 'node:net';
import { createClient } from 'graphql-ws';
import { describe, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { loadSettings } from '../src/config.ts';
import { ConnectionQuota } from '../src/server/transport/connection-quota.ts';
import { EventStream, RawSocket } from './harness/client.ts';
import { createDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp } from './harness/people.ts';

const INFO = '{ serverInfo { version } }';
const WATCH = 'subscription { inbox { __typename ... on StreamReady { cursor } } }';
const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { __typename } }';
/** Buckets that do not refill while a test runs. */
const NO_REFILL = { ADDRESS_COST_PER_SECOND: '1', ANONYMOUS_COST_PER_SECOND: '1' };
const ATTACKER = '198.51.100.1';
const from = (address: string) => ({ 'x-forwarded-for': address });

/** A node behind a proxy, which sends it the addresses of its clients. */
async function nodeBehindProxy(env: Record<string, string>): Promise<TestNode> {
  const database = await createDatabase();
  const node = await startNode({ databaseUrl: database.url, env: { TRUST_PROXY: 'true', ...env } });
  onTestFinished(async () => {
    await node.stop();
    await database.drop();
  });
  return node;
}

async function post(node: TestNode, query: string, headers: Record<string, string>, variables: object = {}) {
  const response = await fetch(node.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

/** The statuses of requests, the first of them alone, so that the document is known. */
async function statusesOf(count: number, request: (i: number) => Promise<{ status: number }>) {
  const first = await request(0);
  const others = await Promise.all(Array.from({ length: count - 1 }, (_, i) => request(i + 1)));
  return [first, ...others].map(({ status }) => status);
}

const served = (statuses: readonly number[]) => statuses.filter((status) => status !== 429).length;

describe('requests without a token', () => {
  test('are limited by address, and everybody else goes on', async () => {
    const node = await nodeBehindProxy({ ...NO_REFILL, ADDRESS_COST_BURST: '5000' });
    const ada = await signUp(node, 'ada');
    const login = (address: string) =>
      post(node, LOGIN, from(address), {
        input: { usernameOrEmail: ada.username, password: 'correct horse battery' },
      });
    const statuses = await statusesOf(200, () => post(node, INFO, from(ATTACKER)));
    expect(served(statuses)).toBeGreaterThan(20);
    expect(served(statuses)).toBeLessThan(60);

    const refused = await post(node, INFO, from(ATTACKER));
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(refused.body.errors).toEqual([
      { message: expect.any(String), extensions: { code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) } },
    ]);
    expect((await post(node, INFO, from('198.51.100.2'))).status).toBe(200);
    // At the same address: a user with a token, and a user who signs in.
    const asAda = { ...from(ATTACKER), authorization: `Bearer ${ada.token}` };
    expect((await post(node, '{ viewer { user { id } } }', asAda)).body).toEqual({
      data: { viewer: { user: { id: ada.userId } } },
    });
    expect((await login(ATTACKER)).body.data.login.__typename).toBe('LoginSuccess');
    const socket = await RawSocket.connect(node.wsUrl, ada.token, { headers: from(ATTACKER) });
    socket.subscribe('1', WATCH);
    await socket.item('1', 'StreamReady');
    socket.close();
  });

  test.each([
    ['an address that the client invents', (i: number) => `10.1.${i >> 8}.${i & 255}, ${ATTACKER}`],
    ['another address of the same IPv6 network', (i: number) => `2001:db8:0:7::${i.toString(16)}`],
    ['another spelling', (i: number) => (i % 2 ? ATTACKER : `::ffff:${ATTACKER}`)],
  ])('%s makes no difference', async (_what, address) => {
    const node = await nodeBehindProxy({ ...NO_REFILL, ADDRESS_COST_BURST: '3000' });
    const statuses = await statusesOf(150, (i) => post(node, INFO, from(address(i))));
    expect(served(statuses)).toBeLessThan(40);
  });

  test('pay for documents that the node does not know, before they are parsed', async () => {
    const node = await nodeBehindProxy({ ...NO_REFILL, ADDRESS_COST_BURST: '20000' });
    const known = served(await statusesOf(300, () => post(node, INFO, from('203.0.113.1'))));
    const unknown = served(
      await statusesOf(60, (i) => post(node, `query Q${i} ${INFO}`, from('203.0.113.2'))),
    );
    const broken = served(await statusesOf(60, (i) => post(node, `{ ${i}`, from('203.0.113.3'))));
    expect(unknown).toBeLessThan(known / 4);
    expect(broken).toBeLessThan(known / 4);
  });

  test('have a limit together, and those who did little come first', async () => {
    const node = await nodeBehindProxy({
      ...NO_REFILL,
      ADDRESS_COST_BURST: '3000',
      ANONYMOUS_COST_BURST: '20000',
    });
    const addresses = Array.from({ length: 10 }, (_, i) => `203.0.113.${i}`);
    let count = 0;
    for (const address of addresses)
      count += served(await statusesOf(40, () => post(node, INFO, from(address))));
    // Each takes some 100 of 20,000 points; alone, the ten addresses would have 30,000.
    expect(count).toBeLessThan(190);
    expect((await post(node, INFO, from(ATTACKER))).status).toBe(200);
  });

  test('are limited over every transport alike', async () => {
    const node = await nodeBehindProxy({ ...NO_REFILL, ADDRESS_COST_BURST: '3000' });
    await statusesOf(100, () => post(node, INFO, from(ATTACKER)));
    const get = await fetch(`${node.url}?query=${encodeURIComponent(INFO)}`, { headers: from(ATTACKER) });
    expect(get.status).toBe(429);
    const events = await fetch(node.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...from(ATTACKER) },
      body: JSON.stringify({ query: WATCH }),
    });
    expect([events.status, events.headers.get('retry-after')]).toEqual([429, expect.any(String)]);
    expect(await events.text()).toMatch(
      /^event: next\ndata: {"errors":\[.*RATE_LIMITED.*\n\nevent: complete\n/,
    );
    const badToken = await post(node, INFO, { ...from(ATTACKER), authorization: 'Bearer nonsense' });
    expect(badToken.status).toBe(429);
    // Requests of load balancers and for pages are not charged.
    const health = await fetch(new URL('/health/live', node.url), { headers: from(ATTACKER) });
    expect(health.status).toBe(200);
    const page = await fetch(node.url, { headers: { accept: 'text/html', ...from(ATTACKER) } });
    expect(page.status).toBe(200);
  });
});

test('a refusal is held back, and a connection that does not wait for it is cut', async () => {
  const node = await nodeBehindProxy({ ...NO_REFILL, ADDRESS_COST_BURST: '3000' });
  await statusesOf(60, () => post(node, INFO, from(ATTACKER)));
  const { hostname, port } = new URL(node.url);
  const socket = connect(Number(port), hostname);
  const body = JSON.stringify({ query: INFO });
  const asked = [
    'POST /graphql HTTP/1.1',
    `Host: ${hostname}`,
    `X-Forwarded-For: ${ATTACKER}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
  socket.write(asked.repeat(5));
  const heard: Buffer[] = [];
  socket.on('data', (data: Buffer) => heard.push(data));
  await once(socket, 'close');
  expect(Buffer.concat(heard).toString()).toBe('');
});

describe('anonymous sockets', () => {
  test('pay for their operations: a client that does not wait is closed', async () => {
    const node = await nodeBehindProxy({ ...NO_REFILL, ADDRESS_COST_BURST: '5000' });
    const socket = await RawSocket.connect(node.wsUrl, undefined, { headers: from(ATTACKER) });
    const answers: any[] = [];
    for (let i = 0; i < 200 && !answers.at(-1)?.errors; i++) answers.push(await socket.run(`${i}`, INFO));
    expect(answers.length).toBeGreaterThan(10);
    expect(answers.at(-1).errors).toEqual([
      { message: expect.any(String), extensions: { code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) } },
    ]);
    socket.subscribe('more', INFO);
    expect(await socket.closing()).toEqual({ code: 1013, reason: 'Rate limited' });
    const other = await RawSocket.connect(node.wsUrl, undefined, { headers: from('198.51.100.2') });
    expect(await other.run('1', INFO)).toMatchObject({ data: {} });
    other.close();
  });

  test('pay for each message, and for being opened', async () => {
    const node = await nodeBehindProxy({ ...NO_REFILL, ADDRESS_COST_BURST: '5000' });
    const ada = await signUp(node, 'ada');
    const socket = await RawSocket.connect(node.wsUrl, undefined, { headers: from(ATTACKER) });
    for (let i = 0; i < 500; i++) socket.send({ type: 'ping' });
    expect(await socket.closing()).toEqual({ code: 1013, reason: 'Rate limited' });
    const headers = { ...from(ATTACKER), authorization: 'Bearer nonsense' };
    await expect(RawSocket.open(node.wsUrl, { headers })).rejects.toMatchObject({ status: 429 });
    // A client with a token in its upgrade does not depend on the address.
    const signedIn = { ...from(ATTACKER), authorization: `Bearer ${ada.token}` };
    const own = await RawSocket.connect(node.wsUrl, ada.token, { headers: signedIn });
    for (let i = 0; i < 500; i++) own.send({ type: 'ping' });
    for (let i = 0; i < 500; i++) await own.next('pong');
    own.close();
  });

  test('have a share of all sockets, of one address and together; people always get in', async () => {
    const node = await nodeBehindProxy({
      MAX_SOCKETS: '20',
      ANONYMOUS_SOCKETS_PERCENT: '40',
      MAX_SOCKETS_PER_ADDRESS: '5',
    });
    const ada = await signUp(node, 'ada');
    const enter = async (address: string) => {
      const socket = await RawSocket.open(node.wsUrl, { headers: from(address) });
      socket.send({ type: 'connection_init' });
      const isIn = await socket.next('connection_ack').then(
        () => true,
        () => false,
      );
      return isIn ? socket : socket.closed;
    };
    const refusal = { code: 1013, reason: 'Too many connections' };
    const mine: RawSocket[] = [];
    for (let i = 0; i < 5; i++) mine.push((await enter(ATTACKER)) as RawSocket);
    expect(await enter(ATTACKER)).toEqual(refusal);
    for (let i = 0; i < 3; i++) expect(await enter(`203.0.113.${i}`)).toBeInstanceOf(RawSocket);
    expect(await enter('203.0.113.9')).toEqual(refusal);
    // The rest is full of pending sockets, which give way.
    const silent = await Promise.all(
      Array.from({ length: 12 }, (_, i) => RawSocket.open(node.wsUrl, { headers: from(`192.0.2.${i}`) })),
    );
    const people: RawSocket[] = [];
    for (let i = 0; i < 12; i++)
      people.push(await RawSocket.connect(node.wsUrl, ada.token, { headers: from(ATTACKER) }));
    expect(people.every(({ closed }) => closed === null)).toBe(true);
    for (const socket of silent) expect((await socket.closing()).code).toBe(4408);
    await expect(RawSocket.open(node.wsUrl)).rejects.toMatchObject({ status: 503 });
    // A place that was given back is free.
    mine[0]?.close();
    await mine[0]?.closing();
    expect(await enter(ATTACKER)).toBeInstanceOf(RawSocket);
  });

  test('are closed when they do nothing; those of people stay longer, and with a stream as long as they like', async () => {
    const node = await nodeBehindProxy({
      ANONYMOUS_IDLE_SECONDS: '1',
      IDLE_SECONDS: '8',
      HEARTBEAT_SECONDS: '1',
    });
    const ada = await signUp(node, 'ada');
    const [anonymous, idle, watching] = await Promise.all([
      RawSocket.connect(node.wsUrl),
      RawSocket.connect(node.wsUrl, ada.token),
      RawSocket.connect(node.wsUrl, ada.token),
    ]);
    watching.subscribe('1', WATCH);
    expect(await anonymous.closing()).toEqual({ code: 1000, reason: 'Idle' });
    expect(idle.closed).toBeNull();
    expect(await idle.closing()).toEqual({ code: 1000, reason: 'Idle' });
    for (let i = 0; i < 4; i++) await watching.item('1', 'Heartbeat');
    expect(watching.closed).toBeNull();
    watching.close();
  });

  test('that a client wants to keep open without operations are opened again', async () => {
    const node = await nodeBehindProxy({ ANONYMOUS_IDLE_SECONDS: '1' });
    const closed: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      const client = createClient({
        url: node.wsUrl,
        webSocketImpl: WebSocket,
        lazy: false,
        onNonLazyError: reject,
        on: {
          closed: (event) => closed.push((event as CloseEvent).code),
          connected: () => closed.length > 0 && resolve(),
        },
      });
      onTestFinished(() => client.dispose());
    });
    expect(closed).toEqual([1000]);
  });
});

test('of many sockets that do not say who they are, the oldest of an address yields to the newest', () => {
  const closed: string[] = [];
  const quota = new ConnectionQuota(loadSettings({}), () => 0);
  const pending = (network: string | null, name: string) => ({ network, close: () => closed.push(name) });
  for (let i = 0; i < 205; i++) {
    quota.addPending(pending(ATTACKER, `attacker ${i}`));
    quota.addPending(pending(null, 'own machine'));
  }
  quota.addPending(pending('198.51.100.2', 'somebody else'));
  expect(closed).toEqual(['attacker 0', 'attacker 1', 'attacker 2', 'attacker 3', 'attacker 4']);
});

test('one person has a bounded number of streams', async () => {
  const node = await nodeBehindProxy({ MAX_STREAMS_PER_USER: '3' });
  const ada: Person = await signUp(node, 'ada');
  const sockets = await Promise.all([1, 2].map(() => RawSocket.connect(node.wsUrl, ada.token)));
  const [first, second] = sockets as [RawSocket, RawSocket];
  for (const [socket, id] of [
    [first, '1'],
    [first, '2'],
    [second, '3'],
  ] as const) {
    socket.subscribe(id, WATCH);
    await socket.item(id, 'StreamReady');
  }
  const refused = { closeReason: 'LIMIT_REACHED', retryable: false };
  const watch = 'subscription { inbox { __typename ... on StreamClosed { closeReason retryable } } }';
  second.subscribe('4', watch);
  expect(await second.item('4', 'StreamClosed')).toMatchObject(refused);
  const events = await EventStream.open(node.url, watch, {}, ada.token);
  expect(await events.item('StreamClosed')).toMatchObject(refused);
  first.complete('1');
  second.subscribe('5', WATCH);
  await second.item('5', 'StreamReady');
  for (const socket of sockets) socket.close();
});
