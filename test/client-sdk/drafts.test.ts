import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Draft, Drafts } from '../../packages/client/src/drafts.ts';
import { until } from '../../packages/client/src/index.ts';
import { type Link, openLink } from '../harness/link.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// Drafts of a client: the same on all devices, also after hours without a connection.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

let link: Link;
let ann: Person;
let roomId: string;
let rootId: string;
let devices: Device[];
let drafts: Drafts[];

beforeAll(async () => {
  link = await openLink(stage.node.url);
  ann = await signUp(stage.node, 'ann');
  devices = [new Device(link.url), new Device(stage.node.url)];
  drafts = devices.map(({ client }) => new Drafts(client));
  for (const device of devices) await device.signIn(ann);
});

afterAll(async () => {
  for (const each of drafts) each.close();
  await Promise.all(devices.map(({ client }) => client.close()));
  link.close();
});

beforeEach(async () => {
  roomId = await ann.createRoom(`drafts ${randomUUID()}`);
  rootId = (await ann.say(roomId, 'hello')).message.id;
  for (const device of devices) await device.shows(roomId, ['hello']);
});

/** The draft of the room on the device that can be cut off, and on the other one. */
const both = (threadRootId?: string) => drafts.map((each) => each.of(roomId, threadRootId)) as [Draft, Draft];
const shows = (draft: Draft, text: string | null) =>
  until(draft, () => (draft.getSnapshot()?.text ?? null) === text);

interface SavedDraft {
  readonly text: string;
  readonly room: { readonly id: string };
}

/** The drafts of the room, as the server has them. */
async function saved(): Promise<string[]> {
  const query = '{ viewer { drafts { nodes { text room { id } } } } }';
  const { nodes } = (await ann.ask(query)).data.viewer.drafts;
  return nodes.flatMap(({ text, room }: SavedDraft) => (room.id === roomId ? text : []));
}

async function cut(): Promise<void> {
  link.close();
  await until((devices[0] as Device).client.connection, ({ status }) => status === 'offline');
}

/** The device that was cut off is opened again, over a new connection, with what it has stored. */
async function reopen(): Promise<Draft> {
  const [device] = devices as [Device];
  await drafts[0]?.flush();
  drafts[0]?.close();
  await device.client.close();
  link = await openLink(stage.node.url);
  const again = new Device(link.url, { storage: device.storage });
  devices[0] = again;
  drafts[0] = new Drafts(again.client);
  return drafts[0].of(roomId);
}

test('what one device writes is on the other, in a room and in a thread, with its quote', async () => {
  const [own, other] = both();
  own.write('I');
  expect(own.getSnapshot()?.text).toBe('I');
  own.write('I think', { quotedMessageId: rootId });
  await shows(other, 'I think');
  expect(other.getSnapshot()).toMatchObject({
    quotedMessageId: rootId,
    threadRootId: null,
    isRefused: false,
  });
  const [ownReply, otherReply] = both(rootId);
  otherReply.write('a reply');
  await shows(ownReply, 'a reply');
  expect(drafts[0]?.all.getSnapshot().map(({ text }) => text)).toEqual(['a reply', 'I think']);
  // The other device goes on, with a key of its own.
  const key = own.getSnapshot()?.key;
  other.write('I think so');
  await shows(own, 'I think so');
  expect(own.getSnapshot()?.key).not.toBe(key);
  own.write('');
  expect(own.getSnapshot()).toBeNull();
  await shows(other, null);
  await expect.poll(saved).toEqual(['a reply']);
});

test('the message that is sent with the key of a draft removes it everywhere', async () => {
  const [own, other] = both();
  own.write('hi');
  await shows(other, 'hi');
  const [{ client }] = devices as [Device];
  await client.room(roomId).send('hi', { key: own.take() });
  expect(own.getSnapshot()).toBeNull();
  for (const device of devices) await device.shows(roomId, ['hello', 'hi']);
  await shows(other, null);
  // The next draft is another one.
  own.write('and then');
  await shows(other, 'and then');
  expect(await saved()).toEqual(['and then']);
});

test('what is sent at once, before it was saved, leaves nothing behind, nor does the draft that it was made from', async () => {
  const [own, other] = both();
  own.write('mine');
  await shows(other, 'mine');
  other.write('mine and more');
  await devices[1]?.client.room(roomId).send('mine and more', { key: other.take() });
  for (const device of devices) await device.shows(roomId, ['hello', 'mine and more']);
  await shows(own, null);
  await expect.poll(saved).toEqual([]);
  expect(other.getSnapshot()).toBeNull();
});

test('a newer draft of another device stays when the older one is sent', async () => {
  const [own, other] = both();
  own.write('older');
  await shows(other, 'older');
  const { key } = own.getSnapshot() ?? { key: '' };
  other.write('newer');
  await expect.poll(saved).toEqual(['newer']);
  await ann.say(roomId, 'older', { idempotencyKey: key });
  for (const device of devices) await device.shows(roomId, ['hello', 'older']);
  for (const draft of [own, other]) await shows(draft, 'newer');
  expect(await saved()).toEqual(['newer']);
});

test('a draft that is written offline survives a restart, and is saved later', async () => {
  await cut();
  both()[0].write('without a connection');
  const own = await reopen();
  await shows(own, 'without a connection');
  await shows(both()[1], 'without a connection');
  expect(await saved()).toEqual(['without a connection']);
});

test('what is written offline after another device has sent the draft becomes a new one', async () => {
  const [own, other] = both();
  own.write('begun');
  await shows(other, 'begun');
  await cut();
  own.write('begun, and more');
  await devices[1]?.client.room(roomId).send('begun', { key: other.take() });
  await devices[1]?.shows(roomId, ['hello', 'begun']);
  await shows(await reopen(), 'begun, and more');
  await shows(other, 'begun, and more');
  await devices[0]?.shows(roomId, ['hello', 'begun']);
  expect(await saved()).toEqual(['begun, and more']);
});

test('a draft that is removed offline stays if another device has written on', async () => {
  const [own, other] = both();
  own.write('begun');
  await shows(other, 'begun');
  await cut();
  own.write('');
  other.write('begun, and more');
  await expect.poll(saved).toEqual(['begun, and more']);
  await shows(await reopen(), 'begun, and more');
  expect(await saved()).toEqual(['begun, and more']);
});

test('a draft that the server refuses stays on its device, until it is changed', async () => {
  const [own, other] = both();
  own.write('x'.repeat(5_001));
  await until(own, () => own.getSnapshot()?.isRefused === true);
  expect(await saved()).toEqual([]);
  own.write('short');
  await shows(other, 'short');
  expect(own.getSnapshot()?.isRefused).toBe(false);
});

test('a message that is refused and discarded gives its draft back', async () => {
  const [own] = both();
  const text = 'x'.repeat(5_001);
  own.write(text);
  await until(own, () => own.getSnapshot()?.isRefused === true);
  const [{ client }] = devices as [Device];
  const key = await client.room(roomId).send(text, { key: own.take() });
  await until(client.outbox, ([entry]) => entry?.status === 'failed');
  expect(own.getSnapshot()).toBeNull();
  await client.discard(key);
  await shows(own, text);
});

test('drafts are gone with the room, and with the session', async () => {
  const [own, other] = both();
  own.write('to be gone');
  await shows(other, 'to be gone');
  await devices[1]?.client.logout();
  expect(other.getSnapshot()).toBeNull();
  await ann.change('deleteRoom', { roomId });
  await shows(own, null);
  expect(drafts[0]?.all.getSnapshot().filter((draft) => draft.roomId === roomId)).toEqual([]);
});
