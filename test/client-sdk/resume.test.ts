import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { type ClientOptions, type ConnectionState, until } from '../../packages/client/src/index.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { type Link, openLink } from '../harness/link.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUp } from '../harness/people.ts';
import { type Redis, startRedis } from '../harness/redis.ts';
import { Device } from '../harness/sdk.ts';
import { trimRoom } from '../harness/trim.ts';

// A client that was interrupted has exactly what a fresh snapshot says, and continues from its position: it takes a
// snapshot only where the server asks for one.

let database: TestDatabase;
let redis: Redis;
let options: { databaseUrl: string; redisUrl: string; env: Record<string, string> };
let node: TestNode;
let link: Link;
let ann: Person;
let ben: Person;
let roomId: string;

beforeAll(async () => {
  [database, redis] = await Promise.all([createDatabase(), startRedis()]);
  const env = {
    HEARTBEAT_SECONDS: '1',
    POSTS_PER_SECOND: '10000',
    POSTS_BURST: '10000',
    LOGINS_PER_MINUTE: '100000',
  };
  options = { databaseUrl: database.url, redisUrl: redis.url, env };
  node = await startNode(options);
});

afterAll(async () => {
  await node?.stop();
  await redis?.stop();
  await database?.drop();
});

const devices: Device[] = [];

beforeEach(async () => {
  [ann, ben] = await Promise.all([signUp(node, 'ann'), signUp(node, 'ben')]);
  roomId = await ann.createRoom(`room ${randomUUID()}`);
  await ben.join(roomId);
  link = await openLink(node.url);
});

afterEach(async () => {
  await Promise.all(devices.splice(0).map(({ client }) => client.close()));
  link.close();
});

/** A device whose way to the server a test can take away. */
async function signedIn(person: Person, more: Partial<ClientOptions> = {}): Promise<Device> {
  const device = new Device(link.url, more);
  devices.push(device);
  return device.signIn(person);
}

const snapshotsOf = ({ operations }: Device) => operations.filter((name) => name === 'InboxSnapshot').length;
const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);

async function sayAll(person: Person, texts: readonly string[]): Promise<void> {
  for (const text of texts) await person.say(roomId, text);
}

const is =
  (status: ConnectionState['status']) =>
  (state: ConnectionState): boolean =>
    state.status === status;

test('a connection that is cut again and again', async () => {
  const device = await signedIn(ann);
  for (let round = 0; round < 8; round++) {
    link.cut();
    await sayAll(ben, numbered(round * 10 + 1, round * 10 + 10));
    const { message } = await ben.say(roomId, `draft ${round}`);
    await ben.change('editMessage', { messageId: message.id, text: `edited ${round}` });
    if (round % 2 === 0) await device.live();
  }
  await device.expectLikeSnapshot(ann);
  expect(snapshotsOf(device)).toBe(1);
});

test('a node that is killed, and another one', async () => {
  const [one, two] = await Promise.all([startNode(options), startNode(options)]);
  link.lead(one.url);
  const device = await signedIn(ann);
  await sayAll(ben, numbered(1, 30));
  link.lead(two.url);
  const killed = one.kill();
  await sayAll(ben, numbered(31, 60));
  await killed;
  await device.client.room(roomId).send('from another node');
  await device.shows(roomId, [...numbered(1, 60), 'from another node']);
  await device.expectLikeSnapshot(ann);
  expect(snapshotsOf(device)).toBe(1);
  await two.stop();
});

test('a node that stops: the client comes back as the server asks', async () => {
  const one = await startNode(options);
  link.lead(one.url);
  const device = await signedIn(ann);
  const seen: ConnectionState[] = [];
  device.client.connection.subscribe(() => seen.push(device.client.connection.getSnapshot()));
  link.lead(node.url);
  await one.stop();
  await until(device.client.connection, () => seen.some(is('live')));
  expect(seen.find(is('offline'))).toMatchObject({ error: { code: 'SERVER_DRAINING' } });
  await sayAll(ben, numbered(1, 3));
  await device.expectLikeSnapshot(ann);
  expect(snapshotsOf(device)).toBe(1);
});

test('a silent connection is given up', async () => {
  const device = await signedIn(ann, { pingMs: 200, pongTimeoutMs: 200 });
  link.silence();
  await until(device.client.connection, is('offline'));
  await sayAll(ben, numbered(1, 5));
  link.restore();
  await device.expectLikeSnapshot(ann);
});

test('a stream that is silent for twice the time of a heartbeat is given up', async () => {
  // The pings are answered, and the server sends a heartbeat every second: too seldom for this client.
  const device = await signedIn(ann, { heartbeatSeconds: 0.2 });
  await until(device.client.connection, is('offline'));
  await sayAll(ben, numbered(1, 5));
  await device.shows(roomId, numbered(1, 5));
});

test('a restart goes on from what is stored', async () => {
  const device = await signedIn(ann);
  await sayAll(ben, numbered(1, 5));
  await device.shows(roomId, numbered(1, 5));
  await device.client.close();
  await sayAll(ben, numbered(6, 40));
  await device.restart();
  await device.shows(roomId, numbered(1, 40));
  await device.expectLikeSnapshot(ann);
  expect(snapshotsOf(device)).toBe(1);
});

test('a long catch-up shows how far it is', async () => {
  const device = await signedIn(ann);
  await device.client.close();
  await sayAll(ben, numbered(1, 400));
  const other = await ben.createRoom(`other ${randomUUID()}`);
  await ben.change('addMembers', { roomId: other, userIds: [ann.userId] });
  const seen: ConnectionState[] = [];
  await device.restart();
  device.client.connection.subscribe(() => seen.push(device.client.connection.getSnapshot()));
  await device.live();
  await device.shows(roomId, numbered(1, 400));
  const steps = seen.flatMap((state) => (state.status === 'catching-up' ? [state] : []));
  expect(steps.length).toBeGreaterThan(0);
  for (const { done, total } of steps) expect(done).toBeLessThanOrEqual(total ?? done);
  expect(steps.map(({ done }) => done)).toEqual(steps.map(({ done }) => done).toSorted((a, b) => a - b));
  expect(seen.at(-1)).toEqual({ status: 'live' });
});

describe('the outbox', () => {
  test('messages that were written offline are sent in order, once, and shown meanwhile', async () => {
    const device = await signedIn(ann);
    link.silence();
    link.cut();
    const texts = numbered(1, 20);
    await Promise.all(texts.map((text) => device.client.room(roomId).send(text)));
    expect(device.texts(roomId)).toEqual(texts);
    expect(device.client.outbox.getSnapshot().map(({ status }) => status)).toEqual(
      texts.map(() => 'pending'),
    );
    link.restore();
    link.cut();
    await device.shows(roomId, texts);
    await device.expectLikeSnapshot(ann);
  });

  test('it survives a restart, and an answer that never came is no second message', async () => {
    const device = await signedIn(ann);
    const release = link.holdAnswers({ onNew: true });
    await Promise.all(numbered(1, 5).map((text) => device.client.room(roomId).send(text)));
    // The server has stored the first one; its answer is held back, then lost.
    await expect
      .poll(
        async () => (await ann.ask(`{ room(id: "${roomId}") { lastMessageSeq } }`)).data.room.lastMessageSeq,
      )
      .toBe(1);
    link.cut();
    release();
    await device.restart();
    await device.shows(roomId, numbered(1, 5));
    await device.expectLikeSnapshot(ann);
  });

  test('a room that was lost: its messages fail visibly', async () => {
    const device = await signedIn(ben);
    link.silence();
    link.cut();
    await device.client.room(roomId).send('too late');
    await ann.change('removeMember', { roomId, userId: ben.userId });
    link.restore();
    link.cut();
    await until(device.client.outbox, ([entry]) => entry?.status === 'failed');
    await until(device.client.room(roomId).info, (info) => info === null);
    expect(device.client.outbox.getSnapshot()).toMatchObject([
      { text: 'too late', error: { code: 'NOT_FOUND' } },
    ]);
  });
});

/** A server that answers each stream with two messages in one packet, and says so before. */
async function answerStreams(first: object, last: object, before: () => void) {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: () => 'graphql-transport-ws',
  });
  server.on('connection', (socket, { socket: carrier }) => {
    socket.on('message', (message) => {
      const { type, id } = JSON.parse((message as Buffer).toString()) as { type: string; id?: string };
      if (type === 'connection_init') socket.send(JSON.stringify({ type: 'connection_ack' }));
      if (type !== 'subscribe') return;
      before();
      carrier.cork();
      for (const answer of [first, last]) socket.send(JSON.stringify({ id, ...answer }));
      carrier.uncork();
    });
  });
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    close: () => server.close(),
  };
}

describe('a snapshot is taken where the position is of no use', () => {
  async function withPosition(device: Device, cursor: string): Promise<void> {
    await device.client.close();
    const rows = new Map(await device.storage.load());
    await device.storage.commit(new Map([['position', { ...(rows.get('position') as object), cursor }]]));
    await sayAll(ben, numbered(1, 5));
    await device.restart();
    await device.live();
    await device.expectLikeSnapshot(ann);
    expect(snapshotsOf(device)).toBe(2);
  }

  test('INVALID_CURSOR', async () => withPosition(await signedIn(ann), 'nonsense'));

  test('CURSOR_FOREIGN', async () => {
    const { data } = await ben.ask('{ viewer { inboxCursor } }');
    await withPosition(await signedIn(ann), data.viewer.inboxCursor);
  });

  test('CURSOR_EXPIRED', async () => {
    const device = await signedIn(ann);
    await device.client.close();
    await sayAll(ben, numbered(1, 5));
    await trimRoom(database.url, roomId);
    await device.restart();
    await device.shows(roomId, numbered(1, 5));
    await device.expectLikeSnapshot(ann);
    expect(snapshotsOf(device)).toBe(2);
  });

  test('where the last item and the end of the stream arrive together', async () => {
    const device = await signedIn(ann);
    await device.client.close();
    const peer = await answerStreams(
      {
        type: 'next',
        payload: { data: { inbox: { __typename: 'ResyncRequired', resyncReason: 'CURSOR_FOREIGN' } } },
      },
      { type: 'complete' },
      () => link.lead(node.url),
    );
    link.lead(peer.url);
    await device.restart();
    await device.live();
    expect(snapshotsOf(device)).toBe(2);
    peer.close();
  });

  test('ACCESS_CHANGED', async () => {
    const device = await signedIn(ben);
    await device.client.close();
    await ann.change('removeMember', { roomId, userId: ben.userId });
    await ann.change('addMembers', { roomId, userIds: [ben.userId] });
    await sayAll(ann, numbered(1, 3));
    await device.restart();
    await device.shows(roomId, numbered(1, 3));
    await device.expectLikeSnapshot(ben);
    expect(snapshotsOf(device)).toBe(2);
  });
});

describe('the session', () => {
  test('a token that ends soon is swapped on the open connection', async () => {
    const brief = await startNode({ ...options, env: { ...options.env, ACCESS_TOKEN_TTL_SECONDS: '20' } });
    link.lead(brief.url);
    const device = await signedIn(ann);
    const { accessToken } = (await device.stored()).session ?? {};
    await expect.poll(async () => (await device.stored()).session?.accessToken).not.toBe(accessToken);
    const renewals = device.operations.filter((name) => name === 'RefreshSession').length;
    await expect
      .poll(() => device.operations.filter((name) => name === 'RefreshSession').length)
      .toBeGreaterThan(renewals);
    await sayAll(ben, numbered(1, 3));
    await device.shows(roomId, numbered(1, 3));
    expect(device.sockets).toHaveLength(1);
    expect(device.anonymous).toEqual(['Login']);
    await device.client.close();
    await brief.stop();
  });

  test('a session that was ended elsewhere signs out; the same person goes on after signing in', async () => {
    const device = await signedIn(ann);
    await device.client.room(roomId).send('before');
    await device.shows(roomId, ['before']);
    const { data } = await ann.ask('{ viewer { sessions(first: 10) { nodes { id isCurrent } } } }');
    const others = data.viewer.sessions.nodes.filter((each: { isCurrent: boolean }) => !each.isCurrent);
    for (const { id } of others) await ann.change('revokeSession', { sessionId: id }, 'sessionId');
    await until(device.client.connection, is('signed-out'));
    expect(device.client.connection.getSnapshot()).toEqual({ status: 'signed-out', reason: 'SESSION_ENDED' });
    await device.client.room(roomId).send('meanwhile');
    await ben.say(roomId, 'from ben');
    await device.signIn(ann);
    await device.shows(roomId, ['before', 'from ben', 'meanwhile']);
    await device.expectLikeSnapshot(ann);
    expect(snapshotsOf(device)).toBe(1);
  });

  test('another person finds nothing of the one before', async () => {
    const device = await signedIn(ann);
    link.silence();
    link.cut();
    await device.client.room(roomId).send('never sent');
    link.restore();
    await device.client.logout();
    await device.signIn(ben);
    expect(device.texts(roomId)).toEqual([]);
    await device.expectLikeSnapshot(ben);
  });
});
