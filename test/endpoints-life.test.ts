import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { EventStream, RawSocket } from './harness/client.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { attemptNode, type NodeOptions, startNode, type TestNode } from './harness/node.ts';
import { signUp } from './harness/people.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});

afterAll(() => database?.drop());

const WATCH =
  'subscription { inbox { __typename ... on StreamClosed { closeReason retryable retryAfterMs } } }';

async function start(options: NodeOptions = {}): Promise<TestNode> {
  const node = await startNode({ databaseUrl: database.url, ...options });
  onTestFinished(() => node.kill());
  return node;
}

/** A request of which the server has the first half only. */
function halfARequest(url: string) {
  const { hostname, port } = new URL(url);
  const body = '{"query":"{ serverInfo { version } }"}';
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString();
  });
  socket.write(
    `POST /graphql HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 9)}`,
  );
  const finish = async () => {
    socket.write(body.slice(9));
    await once(socket, 'close');
    return answer;
  };
  return { finish };
}

describe('a node that is told to stop', () => {
  test('sends its clients elsewhere, finishes what is under way, and ends', async () => {
    const node = await start();
    const ada = await signUp(node, 'ada');
    const sockets = await Promise.all(
      Array.from({ length: 20 }, () => RawSocket.connect(node.wsUrl, ada.token)),
    );
    for (const socket of sockets) socket.subscribe('1', WATCH);
    for (const socket of sockets) await socket.item('1', 'StreamReady');
    const [silent, idle] = [await RawSocket.open(node.wsUrl), await RawSocket.connect(node.wsUrl)];
    const events = await EventStream.open(node.url, WATCH, {}, ada.token);
    await events.item('StreamReady');
    const late = halfARequest(node.url);

    node.signal('SIGTERM');
    for (const socket of sockets) {
      expect(await socket.item('1', 'StreamClosed')).toMatchObject({
        closeReason: 'SERVER_DRAINING',
        retryable: true,
        retryAfterMs: expect.any(Number),
      });
      await socket.next('complete', '1');
      expect(await socket.closing()).toEqual({ code: 1012, reason: 'Service Restart' });
    }
    for (const socket of [silent, idle])
      expect(await socket.closing()).toEqual({ code: 1012, reason: 'Service Restart' });
    expect(await events.item('StreamClosed')).toMatchObject({
      closeReason: 'SERVER_DRAINING',
      retryable: true,
    });
    await events.complete();
    expect(await late.finish()).toMatch(/^HTTP\/1.1 200 [^]*connection: close[^]*"serverInfo"/i);
    expect(await node.exited).toEqual({ code: 0, signal: null });
  });

  test('is not ready from then on, and takes no more sockets', async () => {
    const node = await start({ env: { DRAIN_SECONDS: '6' } });
    const ada = await signUp(node, 'ada');
    const sockets = await Promise.all(
      Array.from({ length: 60 }, () => RawSocket.connect(node.wsUrl, ada.token)),
    );
    node.signal('SIGTERM');
    await node.logged(({ msg }) => msg === 'stopping');
    const ready = await fetch(`${new URL(node.url).origin}/health/ready`);
    expect([
      ready.status,
      ready.headers.get('connection'),
      ((await ready.json()) as { status: string }).status,
    ]).toEqual([503, 'close', 'unavailable']);
    expect((await fetch(`${new URL(node.url).origin}/health/live`)).status).toBe(200);
    await expect(RawSocket.open(node.wsUrl)).rejects.toMatchObject({ status: 503 });
    for (const socket of sockets) expect((await socket.closing()).code).toBe(1012);
    expect(await node.stop()).toBe(0);
  });

  test('with nobody there ends at once', async () => {
    const node = await start({ env: { DRAIN_SECONDS: '120' } }); // the test would time out before
    node.signal('SIGINT');
    expect(await node.exited).toEqual({ code: 0, signal: null });
  });

  test('and told again ends without ado', async () => {
    const node = await start({ env: { DRAIN_SECONDS: '20' } });
    const socket = await RawSocket.connect(node.wsUrl);
    socket.ws.pause(); // never answers the closing handshake
    node.signal('SIGTERM');
    await node.logged(({ msg }) => msg === 'stopping');
    node.signal('SIGTERM');
    expect(await node.exited).toEqual({ code: 1, signal: null });
  });
});

/** A way to the database that can be cut. */
async function cable(databaseUrl: string) {
  const { hostname, port, pathname, username, password } = new URL(databaseUrl);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.on('error', () => undefined).on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  const plug = async (at = 0) => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  };
  const own = await plug();
  const unplug = async () => {
    server.close();
    for (const socket of open) socket.destroy();
    await once(server, 'close');
  };
  onTestFinished(() => void (server.listening && unplug()));
  return {
    url: `postgresql://${username}:${password}@127.0.0.1:${own}${pathname}`,
    unplug,
    plug: () => plug(own),
  };
}

test('while the database is away, calls are refused as such, streams wait, and nothing is told of it', async () => {
  const way = await cable(database.url);
  const node = await start({ databaseUrl: way.url });
  const ada = await signUp(node, 'ada');
  const room = await ada.createRoom('engine room');
  const feed = await ada.watch(room);
  await feed.next('StreamReady');
  const socket = await RawSocket.connect(node.wsUrl, ada.token);
  const ready = async () => {
    const response = await fetch(`${new URL(node.url).origin}/health/ready`);
    return [response.status, ((await response.json()) as { checks: { database: string } }).checks.database];
  };
  await way.unplug();
  const said: string[] = [];
  for (const query of [
    '{ viewer { user { username } rooms { nodes { id } } } }',
    '{ viewer { inboxCursor } }',
    `mutation { sendMessage(input: { roomId: "${room}", text: "lost?", idempotencyKey: "k" }) { __typename ... on UserError { code } } }`,
    'mutation { login(input: { usernameOrEmail: "ada", password: "correct horse battery" }) { __typename ... on UserError { code } } }',
  ]) {
    const answers = [
      JSON.stringify(await ada.ask(query)),
      JSON.stringify(await socket.run(String(said.length), query)),
    ];
    for (const answer of answers) expect(answer).toMatch(/"code":"UNAVAILABLE"/);
    said.push(...answers);
  }
  const events = await EventStream.open(node.url, WATCH, {}, ada.token);
  expect(await events.item('StreamClosed')).toMatchObject({ closeReason: 'OVERLOADED', retryable: true });
  expect(said.join()).not.toMatch(/ECONN|terminat|prisma|SELECT|INTERNAL|node_modules|pool/i);
  await expect.poll(ready).toEqual([503, 'away']);
  expect((await fetch(`${new URL(node.url).origin}/health/live`)).status).toBe(200);

  await way.plug();
  await expect.poll(ready).toEqual([200, 'ok']);
  await ada.say(room, 'back');
  expect((await feed.next('MessageCreated'))['message'].text).toBe('back');
  expect((await node.metrics())['parley_internal_errors_total']).toBe(0);
  socket.close();
  feed.close();
  expect(await node.stop()).toBe(0);
});

describe('two nodes', () => {
  test('on one database need Redis', async () => {
    const first = await start();
    const second = await attemptNode({ databaseUrl: database.url });
    expect(second.code).toBe(1);
    expect(second.output).toBe(
      'parley: REDIS_URL: is required, because another node uses this database already',
    );
    const third = await attemptNode({ databaseUrl: database.url, redisUrl: inject('redisUrl') });
    expect(third.output).toBe(
      'parley: REDIS_URL: another node without Redis uses this database; give that one the same REDIS_URL',
    );
    await first.stop();
    await start({ redisUrl: inject('redisUrl') });
    await start({ redisUrl: inject('redisUrl') });
    expect((await attemptNode({ databaseUrl: database.url })).code).toBe(1);
  });

  test('one may take the place of another that was killed', async () => {
    const first = await start();
    await first.kill();
    await start();
  });

  test('the lock comes back with the connection', async () => {
    const first = await start();
    const ofNode = `FROM pg_stat_activity a WHERE a.application_name = 'parley-node' AND a.datname = current_database()`;
    const ended = await queryRows<{ ended: boolean }>(
      database.url,
      `SELECT pg_terminate_backend(a.pid, 60000) AS ended ${ofNode}`,
    );
    expect(new Set(ended.map((row) => row.ended))).toEqual(new Set([true]));
    const locks = `SELECT 1 ${ofNode} AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'advisory' AND l.granted)`;
    await expect.poll(() => queryRows(database.url, locks)).toHaveLength(1);
    expect((await attemptNode({ databaseUrl: database.url })).code).toBe(1);
    expect(await first.stop()).toBe(0);
  });
});

describe('a node that cannot start says why in one line', () => {
  test.each<[string, NodeOptions, RegExp]>([
    ['a setting that is wrong', { env: { PORT: 'http' } }, /^parley: PORT: /],
    ['an origin that no page has', { env: { CORS_ORIGINS: 'chat.example.org' } }, /^parley: CORS_ORIGINS: /],
    ['one port for both', { env: { PORT: '4321', OPS_PORT: '4321' } }, /^parley: OPS_PORT: /],
    [
      'no secret in production',
      { env: { NODE_ENV: 'production', JWT_SECRET: '' } },
      /^parley: JWT_SECRET: is required/,
    ],
    [
      'a database that is not there',
      { databaseUrl: 'postgresql://postgres@127.0.0.1:1/none' },
      /^parley: DATABASE_URL: .*ECONNREFUSED/,
    ],
  ])('%s', async (_what, options, line) => {
    const { code, output } = await attemptNode({ databaseUrl: database.url, ...options });
    expect(code).toBe(1);
    expect(output).toMatch(line);
    expect(output.split('\n')).toHaveLength(1);
  });

  test('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const { code, output } = await attemptNode({ databaseUrl: database.url, env: { PORT: String(port) } });
    expect({ code, output }).toEqual({
      code: 1,
      output: `parley: Port ${port} is in use. Stop what uses it, or set PORT or OPS_PORT.`,
    });
  });

  test('migrations that wait, where it may not apply them', async () => {
    const empty = await createDatabase('template0');
    onTestFinished(() => empty.drop());
    const { code, output } = await attemptNode({
      databaseUrl: empty.url,
      env: { MIGRATE_ON_START: 'false' },
    });
    expect(code).toBe(1);
    expect(output).toMatch(
      /^parley: MIGRATE_ON_START is false and \d+ migrations are pending \(.*\): apply them first$/,
    );
  });

  test('a database that forgets what it acknowledged', async () => {
    const own = await createDatabase();
    onTestFinished(() => own.drop());
    await execute(
      own.url,
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$`,
    );
    const { code, output } = await attemptNode({ databaseUrl: own.url });
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/^parley: DATABASE_URL: .*synchronous_commit=off/),
    ]);
  });
});

test('when the data become others, streams are told to start afresh', async () => {
  const own = await createDatabase();
  onTestFinished(() => own.drop());
  const node = await start({ databaseUrl: own.url });
  const ada = await signUp(node, 'ada');
  const [feed, events] = [await ada.watchInbox(), await EventStream.open(node.url, WATCH, {}, ada.token)];
  const { cursor } = await feed.next('StreamReady');
  await events.item('StreamReady');
  await execute(own.url, 'UPDATE incarnation SET epoch = gen_random_uuid()');
  expect(await feed.next('ResyncRequired')).toMatchObject({ resyncReason: 'CURSOR_FOREIGN' });
  await events.item('ResyncRequired');
  await events.complete();
  const back = await ada.watchInbox(cursor as string);
  expect(await back.next()).toMatchObject({ __typename: 'ResyncRequired', resyncReason: 'CURSOR_FOREIGN' });
  feed.close();
  back.close();
});

test('without a database it brings its own, and keeps its secret', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-endpoints-'));
  chmodSync(folder, 0o711); // as root, PostgreSQL runs as another user, which has to enter it
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const env = { DATA_DIR: folder, JWT_SECRET: '' };
  const first = await startNode({ env });
  onTestFinished(() => first.kill());
  const ada = await signUp(first, 'ada');
  expect(await first.stop()).toBe(0);
  const second = await startNode({ env });
  onTestFinished(() => second.kill());
  const { data } = await ada.via(second).ask('{ viewer { user { username } } }');
  expect(data).toEqual({ viewer: { user: { username: ada.username } } });

  const roomId = await ada.via(second).createRoom('before its database died');
  process.kill(
    Number(readFileSync(path.join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]),
    'SIGKILL',
  );
  await second.logged(({ msg }) => msg.startsWith('PostgreSQL runs again'));
  const post = () =>
    ada.via(second).change('sendMessage', { roomId, text: 'after', idempotencyKey: 'after' });
  await expect.poll(async () => (await post()).__typename).toBe('SendMessageSuccess');
  expect(await second.stop()).toBe(0);
});
