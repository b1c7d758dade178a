import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import type { Engine } from '../../packages/client/src/engine.ts';
import { type Client, until } from '../../packages/client/src/index.ts';
import { BootstrapDocument } from '../client/gql/graphql.ts';
import { openLink } from '../harness/link.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device, PASSWORD } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// What an application does with a client: sign in, show rooms, send, sign out.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

const devices: Device[] = [];
afterEach(async () => {
  await Promise.all(devices.splice(0).map(({ client }) => client.close()));
});

function newClient(): Client {
  const device = new Device(stage.node.url);
  devices.push(device);
  return device.client;
}

async function signedIn(person: Person): Promise<Device> {
  const device = new Device(stage.node.url);
  devices.push(device);
  return device.signIn(person);
}

test('register, a room, a message, and it is there once', async () => {
  const client = newClient();
  const username = `sdk-${randomUUID().slice(0, 8)}`;
  expect(client.connection.getSnapshot()).toEqual({ status: 'connecting' });
  await until(client.connection, ({ status }) => status === 'signed-out');
  await client.register({ username, email: `${username}@example.org`, password: PASSWORD });
  await until(client.connection, ({ status }) => status === 'live');
  const roomId = await client.createRoom({ name: `hall of ${username}`, kind: 'PUBLIC' });
  await until(client.rooms, (rooms) => rooms.some(({ id }) => id === roomId));
  const room = client.room(roomId);
  const shown: (readonly string[])[] = [];
  room.messages.subscribe(() => shown.push(room.messages.getSnapshot().map(({ text }) => text ?? '')));
  const key = await room.send('hello');
  await until(client.outbox, (entries) => entries.length === 0);
  expect(room.messages.getSnapshot()).toMatchObject([
    { text: 'hello', seq: 1, status: 'stored', isOwn: true, author: { username } },
  ]);
  expect(room.messages.getSnapshot()[0]?.key).toContain(key);
  expect(new Set(shown.map((texts) => texts.join()))).toEqual(new Set(['hello']));
  expect(client.viewer.getSnapshot()).toMatchObject({ username });
});

test('close ends a running request; the next start sends its message', async () => {
  const ann = await signUp(stage.node, 'ann');
  const roomId = await ann.createRoom(`close ${randomUUID()}`);
  const link = await openLink(stage.node.url);
  // A request that is not aborted would keep the client open for so long.
  const device = new Device(link.url, { requestTimeoutMs: 600_000 });
  devices.push(device);
  await device.signIn(ann);
  link.silence();
  await device.client.room(roomId).send('on its way');
  await expect.poll(() => device.operations).toContain('SendMessage');
  await device.client.close();
  link.cut();
  link.restore();
  await device.restart();
  await device.shows(roomId, ['on its way']);
  link.close();
});

test('close ends a request that waits for a new token: it is not sent afterwards', async () => {
  const link = await openLink(stage.node.url);
  const device = new Device(link.url);
  devices.push(device);
  await device.signIn(await signUp(stage.node, 'ann'));
  const { client, operations } = device;
  const { sessions } = (await client.commands()) as Engine;
  sessions.age(sessions.current?.accessToken ?? '');
  link.silence();
  const outcome = client.createRoom({ name: 'too late', kind: 'PUBLIC' }).catch(({ code }) => code);
  await expect.poll(() => operations).toContain('RefreshSession');
  await client.close();
  link.restore();
  link.cut();
  expect(await outcome).toBe('NETWORK');
  expect(operations).not.toContain('CreateRoom');
  link.close();
});

test('two people talk, in order', async () => {
  const [ann, ben] = await Promise.all([signUp(stage.node, 'ann'), signUp(stage.node, 'ben')]);
  const roomId = await ann.createRoom(`talk ${randomUUID()}`);
  await ben.join(roomId);
  const [annes, bens] = await Promise.all([signedIn(ann), signedIn(ben)]);
  const texts = Array.from({ length: 20 }, (_, i) => `message ${i}`);
  await Promise.all(texts.map((text) => annes.client.room(roomId).send(text)));
  for (const device of [annes, bens]) await device.shows(roomId, texts);
});

test('snapshots keep their identity until something changes', async () => {
  const ann = await signUp(stage.node, 'ann');
  const [here, there] = [
    await ann.createRoom(`here ${randomUUID()}`),
    await ann.createRoom(`there ${randomUUID()}`),
  ];
  const { client } = await signedIn(ann);
  const [room, other] = [client.room(here), client.room(there)];
  const before = { rooms: client.rooms.getSnapshot(), other: other.messages.getSnapshot() };
  expect(client.rooms.getSnapshot()).toBe(before.rooms);
  expect(client.room(here)).toBe(room);
  await room.send('one');
  await until(room.messages, ([first]) => first?.status === 'stored');
  const [first] = room.messages.getSnapshot();
  await room.send('two');
  await until(room.messages, ([, second]) => second?.status === 'stored');
  expect(room.messages.getSnapshot()[0]).toBe(first);
  expect(other.messages.getSnapshot()).toBe(before.other);
  expect(client.rooms.getSnapshot()).not.toBe(before.rooms);
});

test('a refused message fails visibly; it can be discarded, and others are not held up', async () => {
  const ann = await signUp(stage.node, 'ann');
  const roomId = await ann.createRoom(`refused ${randomUUID()}`);
  const { client } = await signedIn(ann);
  const room = client.room(roomId);
  const key = await room.send('x'.repeat(5_001));
  await room.send('short');
  await until(client.outbox, ([entry, ...more]) => entry?.status === 'failed' && more.length === 0);
  expect(room.messages.getSnapshot()).toMatchObject([
    { text: 'short', status: 'stored' },
    { status: 'failed', error: { code: 'VALIDATION' } },
  ]);
  await client.retry(key);
  await until(client.outbox, ([entry]) => entry?.status === 'failed');
  await client.discard(room.messages.getSnapshot().at(-1)?.key ?? '');
  expect(client.outbox.getSnapshot()).toEqual([]);
  expect(
    client
      .room(roomId)
      .messages.getSnapshot()
      .map(({ text }) => text),
  ).toEqual(['short']);
});

test('a wrong password is refused with its code; logout forgets everything', async () => {
  const ann = await signUp(stage.node, 'ann');
  await ann.createRoom(`gone ${randomUUID()}`);
  const client = newClient();
  await expect(client.login(ann.username, 'wrong password')).rejects.toMatchObject({
    code: 'INVALID_CREDENTIALS',
  });
  await client.login(ann.username, PASSWORD);
  await until(client.connection, ({ status }) => status === 'live');
  expect(client.rooms.getSnapshot()).toHaveLength(1);
  await client.logout();
  expect(client.connection.getSnapshot()).toEqual({ status: 'signed-out', reason: null });
  expect(client.rooms.getSnapshot()).toEqual([]);
  await expect(client.joinRoom('room_1')).rejects.toMatchObject({ code: 'SIGNED_OUT' });
});

test('an application runs typed documents of its own', async () => {
  const ann = await signUp(stage.node, 'ann');
  const { client } = await signedIn(ann);
  const { viewer } = await client.request(BootstrapDocument, {});
  expect(viewer?.user.username).toBe(ann.username);
});
