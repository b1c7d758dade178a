import { afterAll, beforeAll, expect, test } from 'vitest';
import { forwardMessage, Origins } from '../../packages/client/src/forwards.ts';
import { type MessageInfo, until } from '../../packages/client/src/index.ts';
import { fromMetadata, type Metadata, toMetadata } from '../../packages/client/src/metadata.ts';
import { quoteStateOf } from '../../packages/client/src/quotes.ts';
import { type OpenThread, Threads } from '../../packages/client/src/threads.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// What messages have besides their text: each device shows it as it was sent.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

let devices: Device[];
let people: Person[];
let roomId: string;

beforeAll(async () => {
  people = await Promise.all([signUp(stage.node, 'ann'), signUp(stage.node, 'ben')]);
  const [ann, ben] = people as [Person, Person];
  roomId = await ann.createRoom('parts of messages');
  await ben.join(roomId);
  await ann.say(roomId, 'before');
  devices = [ann, ben].map(() => new Device(stage.node.url));
  for (const [i, device] of devices.entries()) {
    await device.signIn(people[i] as Person);
    await device.shows(roomId, ['before']);
  }
});

afterAll(async () => {
  await Promise.all(devices.map(({ client }) => client.close()));
});

const values: Metadata = { ticket: 'A-17', note: '', weight: -1.5, zero: 0, isUrgent: true, isPaid: false };

/** The stored message with that text on a device. */
async function stored({ client }: Device, text: string): Promise<MessageInfo> {
  const { messages } = client.room(roomId);
  const find = (shown: readonly MessageInfo[]) =>
    shown.find((message) => message.text === text && message.status === 'stored');
  await until(messages, (shown) => find(shown) !== undefined);
  return find(messages.getSnapshot()) as MessageInfo;
}

test('metadata is sent with the message and shown on every device', async () => {
  const [anns, bens] = devices as [Device, Device];
  await anns.client.room(roomId).send('with metadata', { metadata: toMetadata(values) });
  for (const device of devices) {
    const { metadata } = await stored(device, 'with metadata');
    expect(fromMetadata(metadata)).toEqual(values);
  }
  expect(fromMetadata((await stored(bens, 'before')).metadata)).toEqual({});
});

test('a reply in a thread has its metadata', async () => {
  const [anns, bens] = devices as [Device, Device];
  const { id } = await stored(anns, 'before');
  const threads = [anns, bens].map(({ client }) => new Threads(client));
  const [own, theirs] = threads.map((each) => each.open(roomId, id as string)) as [OpenThread, OpenThread];
  await own.send('a reply with metadata', { metadata: toMetadata(values) });
  await until(theirs.view, ({ replies }) => replies.length === 1);
  expect(fromMetadata(theirs.view.getSnapshot().replies[0]?.metadata)).toEqual(values);
  for (const each of threads) each.close();
});

test('a refused message says why, and is not sent again with less', async () => {
  const [anns] = devices as [Device];
  const room = anns.client.room(roomId);
  const key = await room.send('refused', { metadata: toMetadata({ '1st': true }) });
  await until(room.messages, (shown) => shown.some(({ status }) => status === 'failed'));
  expect(room.messages.getSnapshot().find(({ status }) => status === 'failed')).toMatchObject({
    text: 'refused',
    error: { code: 'VALIDATION' },
  });
  await anns.client.discard(key);
});

test('a forward shows its origin to those who may see it, and to others from when they join its room', async () => {
  const [anns, bens] = devices as [Device, Device];
  const [ann, ben] = people as [Person, Person];
  const study = await ann.createRoom('the study');
  const { message: said } = await ann.say(study, 'said in the study');
  const id = await forwardMessage(anns.client, said.id, roomId);
  for (const device of devices)
    expect((await stored(device, 'said in the study')).forward).toEqual({ sentAt: expect.any(String) });
  const origins = devices.map(({ client }) => new Origins(client));
  const [own, theirs] = origins.map((each) => each.of(id)) as [
    ReturnType<Origins['of']>,
    ReturnType<Origins['of']>,
  ];
  const seen = await until(own, (forward) => forward?.origin?.id === said.id);
  expect(seen?.origin).toMatchObject({ author: { id: ann.userId }, room: { title: 'the study' } });
  const shown = until(theirs, (forward) => forward?.state === 'VISIBLE');
  await until(theirs, (forward) => forward?.state === 'INVISIBLE');
  await ben.join(study);
  expect((await shown)?.origin?.room.id).toBe(study);
  for (const each of origins) each.close();
  expect((await stored(bens, 'said in the study')).version).toBe(1);
});

test('a quote says what has become of its message', async () => {
  const [anns] = devices as [Device];
  const [ann] = people as [Person];
  const { message: quoted } = await ann.say(roomId, 'to be quoted');
  await ann.say(roomId, 'quotes it', { replyToId: quoted.id });
  const quotes = async (device: Device, text: string) => quoteStateOf(await stored(device, text));
  expect(await quotes(anns, 'to be quoted')).toBeNull();
  expect(await quotes(anns, 'quotes it')).toBe('VISIBLE');
  await ann.change('deleteMessage', { messageId: quoted.id });
  await until(anns.client.room(roomId).messages, (shown) =>
    shown.some((message) => quoteStateOf(message) === 'DELETED'),
  );
  expect(quoteStateOf({ replyTo: null, quote: { __typename: 'Quote' } })).toBe('INVISIBLE');
});
