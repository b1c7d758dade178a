import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { memoryStorage, type Storage, until } from '../../packages/client/src/index.ts';
import { acknowledgeDeliveries, liveRoom, setSharesReceipts } from '../../packages/client/src/live.ts';
import { markUnread, ReadMarks, setPreferences } from '../../packages/client/src/reading.ts';
import { type Link, openLink } from '../harness/link.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// Who has received and read the messages of a client, and how a client acknowledges those of others.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

let link: Link;
let ann: Person;
let ben: Person;
let roomId: string;
const devices: Device[] = [];
const stops: (() => void)[] = [];

beforeEach(async () => {
  link = await openLink(stage.node.url);
  [ann, ben] = await Promise.all([signUp(stage.node, 'ann'), signUp(stage.node, 'ben')]);
  roomId = await ann.createRoom(`receipts ${randomUUID()}`);
  await ben.join(roomId);
});

afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await Promise.all(devices.splice(0).map(({ client }) => client.close()));
  link.close();
});

async function deviceOf(person: Person, storage: Storage = memoryStorage()): Promise<Device> {
  const device = new Device(link.url, { storage, onError: () => undefined });
  devices.push(device);
  await device.signIn(person);
  return device;
}

/** A device that shows the room. */
async function watchingDeviceOf(person: Person): Promise<Device> {
  const device = await deviceOf(person);
  stops.push(liveRoom(device.client, roomId).receipts.subscribe(() => undefined));
  return device;
}

/** The receipts of all own messages that the device shows, with the names of the readers. */
function shownOn({ client }: Device): string[] {
  const receipts = liveRoom(client, roomId).receipts.getSnapshot();
  return client
    .room(roomId)
    .messages.getSnapshot()
    .flatMap(({ id, text }) => {
      const found = receipts.get(id ?? '');
      if (!found) return [];
      const names = found.readBy?.map(({ displayName }) => displayName).sort();
      return [`${text} ${found.status} ${found.deliveredCount}/${found.memberCount} ${names?.join() ?? ''}`];
    });
}

const shows = (device: Device, ...receipts: string[]) =>
  expect.poll(() => shownOn(device).map((each) => each.trim())).toEqual(receipts);

/** The same, as the server counts them now. */
async function counted(person: Person): Promise<string[]> {
  const { data } = await person.ask(
    `query ($id: ID!) { room(id: $id) { messages(last: 50) { nodes { text author { id } receipts { memberCount deliveredCount
      readBy { displayName } } } } } }`,
    { id: roomId },
  );
  return data.room.messages.nodes
    .filter(({ author }: { author: { id: string } }) => author.id === person.userId)
    .map(
      ({
        text,
        receipts,
      }: {
        text: string;
        receipts: { readBy: { displayName: string }[] } & Record<string, number>;
      }) =>
        `${text} ${receipts['deliveredCount']}/${receipts['memberCount']} ${receipts.readBy
          .map(({ displayName }) => displayName)
          .sort()
          .join()}`,
    );
}

const withoutStatus = (receipts: readonly string[]) =>
  receipts.map((each) => each.replace(/ (sent|delivered|read) /, ' '));

const acknowledgements = ({ operations }: Device) =>
  operations.filter((name) => name === 'AckDelivered').length;

const read = (by: Person, upToSeq: number) => by.change('markRead', { roomId, upToSeq }, 'accountSeq');

async function deliveredTo(person: Person, id = roomId): Promise<number> {
  const { data } = await person.ask(
    'query ($id: ID!) { room(id: $id) { viewerMembership { deliveredSeq } } }',
    {
      id,
    },
  );
  return data.room.viewerMembership.deliveredSeq;
}

test('a message is sent, delivered to the devices of others, and read by each', async () => {
  const cyd = await signUp(stage.node, 'cyd');
  await cyd.join(roomId);
  const [annes, bens] = [await watchingDeviceOf(ann), await deviceOf(ben)];
  await annes.client.room(roomId).send('hello');
  await shows(annes, 'hello sent 0/2');
  void acknowledgeDeliveries(bens.client);
  await shows(annes, 'hello sent 1/2');
  await read(ben, 1);
  await shows(annes, 'hello sent 1/2 ben');
  await read(cyd, 1);
  await shows(annes, 'hello read 2/2 ben,cyd');
});

test('the receipts are those of the server, also when marks go back or their user sends a message', async () => {
  const [annes, bens] = [await watchingDeviceOf(ann), await deviceOf(ben)];
  for (const text of ['one', 'two']) await annes.client.room(roomId).send(text);
  await shows(annes, 'one sent 0/1', 'two sent 0/1');
  await ben.say(roomId, 'an answer');
  await shows(annes, 'one read 1/1 ben', 'two read 1/1 ben');
  await markUnread(bens.client, roomId, 2);
  await shows(annes, 'one read 1/1 ben', 'two delivered 1/1');
  expect(withoutStatus(shownOn(annes))).toEqual(await counted(ann));
  const marks = new ReadMarks(bens.client);
  marks.markRead(roomId, 3);
  await shows(annes, 'one read 1/1 ben', 'two read 1/1 ben');
  marks.close();
  expect(withoutStatus(shownOn(annes))).toEqual(await counted(ann));
});

test('receipts that do not change stay the same objects', async () => {
  const annes = await watchingDeviceOf(ann);
  for (const text of ['one', 'two']) await annes.client.room(roomId).send(text);
  await shows(annes, 'one sent 0/1', 'two sent 0/1');
  await read(ben, 1);
  await shows(annes, 'one read 1/1 ben', 'two sent 0/1');
  const { receipts } = liveRoom(annes.client, roomId);
  const [first] = receipts.getSnapshot().values();
  await read(ben, 2);
  await shows(annes, 'one read 1/1 ben', 'two read 1/1 ben');
  expect([...receipts.getSnapshot().values()][0]).toBe(first);
});

test('what changed while the connection was away is there with the next one', async () => {
  const annes = await watchingDeviceOf(ann);
  await annes.client.room(roomId).send('hello');
  await shows(annes, 'hello sent 0/1');
  link.cut();
  await until(annes.client.connection, ({ status }) => status === 'offline');
  await read(ben, 1);
  await annes.client.reconnect();
  await shows(annes, 'hello read 1/1 ben');
});

test('who does not share receipts sees none, in one room or in all, until they share them again', async () => {
  const annes = await watchingDeviceOf(ann);
  await annes.client.room(roomId).send('hello');
  await shows(annes, 'hello sent 0/1');
  await read(ben, 1);
  await shows(annes, 'hello read 1/1 ben');
  await setPreferences(annes.client, roomId, { sharesReceipts: false });
  await shows(annes);
  await setPreferences(annes.client, roomId, { sharesReceipts: true });
  await shows(annes, 'hello read 1/1 ben');
  const bens = await watchingDeviceOf(ben);
  await bens.client.room(roomId).send('an answer');
  await shows(bens, 'an answer sent 0/1');
  await setSharesReceipts(bens.client, false);
  await shows(bens);
  await setSharesReceipts(bens.client, true);
  await shows(bens, 'an answer sent 0/1');
});

test('messages of all rooms are acknowledged, those that are open and others, in few calls', async () => {
  const other = await ann.createRoom(`other ${randomUUID()}`);
  await ben.join(other);
  const bens = await deviceOf(ben);
  const started = performance.now();
  void acknowledgeDeliveries(bens.client);
  for (let n = 1; n <= 20; n++) await ann.say(n % 2 ? roomId : other, `${n}`);
  await expect.poll(async () => [await deliveredTo(ben), await deliveredTo(ben, other)]).toEqual([10, 10]);
  // One at once, and at most one in three seconds after it.
  expect(acknowledgements(bens)).toBeLessThanOrEqual(2 + (performance.now() - started) / 3_000);
});

/** A storage whose commits wait until they may go on. */
function slowStorage() {
  const inner = memoryStorage();
  let open: () => void = () => undefined;
  let gate: Promise<void> = Promise.resolve();
  const storage: Storage = {
    load: () => inner.load(),
    commit: async (changes) => {
      await gate;
      await inner.commit(changes);
    },
  };
  const hold = () => {
    gate = new Promise((resolve) => {
      open = resolve;
    });
  };
  return { storage, hold, release: () => open() };
}

test('a message is acknowledged when it is stored, and not before', async () => {
  const { storage, hold, release } = slowStorage();
  const bens = await deviceOf(ben, storage);
  await bens.client.flush();
  void acknowledgeDeliveries(bens.client);
  hold();
  await ann.say(roomId, 'hello');
  await bens.shows(roomId, ['hello']);
  const later = await deviceOf(ben);
  void acknowledgeDeliveries(later.client);
  // The other device stores at once: by the time that it has acknowledged, the first one would have, too.
  await expect.poll(() => acknowledgements(later)).toBe(1);
  await expect.poll(() => deliveredTo(ben)).toBe(1);
  expect(acknowledgements(bens)).toBe(0);
  release();
  await expect.poll(() => acknowledgements(bens)).toBe(1);
});

test('nothing is acknowledged while nobody is signed in; what is stored then is acknowledged after the next sign-in', async () => {
  const bens = await deviceOf(ben);
  void acknowledgeDeliveries(bens.client);
  await bens.client.logout();
  await ann.say(roomId, 'hello');
  const before = acknowledgements(bens);
  await bens.signIn(ben);
  await expect.poll(() => deliveredTo(ben)).toBe(1);
  expect(acknowledgements(bens)).toBe(before + 1);
  expect(bens.anonymous).not.toContain('AckDelivered');
});
