import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MessageInfo, ParleyError, until } from '../../packages/client/src/index.ts';
import { type PinnedMessage, PinnedMessages, pin, unpin } from '../../packages/client/src/pins.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// Pins of a client: each device shows them at the message and in the list of the room.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

let people: Person[];
let devices: Device[];
let roomId: string;

beforeAll(async () => {
  people = await Promise.all([signUp(stage.node, 'ann'), signUp(stage.node, 'ben')]);
  const [ann, ben] = people as [Person, Person];
  roomId = await ann.createRoom('pins of clients');
  await ben.join(roomId);
  for (const text of ['one', 'two', 'three']) await ann.say(roomId, text);
  devices = people.map(() => new Device(stage.node.url));
  for (const [i, device] of devices.entries()) {
    await device.signIn(people[i] as Person);
    await device.shows(roomId, ['one', 'two', 'three']);
  }
});

afterAll(async () => {
  await Promise.all(devices.map(({ client }) => client.close()));
});

const messagesOf = ({ client }: Device) => client.room(roomId).messages;
const pinnedIn = (messages: readonly MessageInfo[]) =>
  messages.flatMap(({ text, isPinned }) => (isPinned ? [text] : [])).join();
const idOf = (device: Device, text: string) =>
  messagesOf(device)
    .getSnapshot()
    .find((message) => message.text === text)?.id ?? '';
const lists = (pinned: PinnedMessages, texts: string) =>
  until<readonly PinnedMessage[] | null>(pinned, (list) => list?.map(({ text }) => text).join() === texts);

test('a pin is shown at the message and in the list, on every device', async () => {
  const [annes, bens] = devices as [Device, Device];
  const pinned = new PinnedMessages(bens.client, roomId);
  await lists(pinned, '');
  await pin(annes.client, idOf(annes, 'one'));
  await pin(annes.client, idOf(annes, 'three'));
  for (const device of devices)
    await until(messagesOf(device), (messages) => pinnedIn(messages) === 'one,three');
  await lists(pinned, 'three,one');
  await unpin(annes.client, idOf(annes, 'three'));
  for (const device of devices) await until(messagesOf(device), (messages) => pinnedIn(messages) === 'one');
  await lists(pinned, 'one');
  expect(pinned.getSnapshot()?.[0]?.pinnedBy?.username).toBe(people[0]?.username);
  await annes.client.room(roomId).edit(idOf(annes, 'one'), 'first');
  await lists(pinned, 'first');
  await annes.client.room(roomId).delete(idOf(annes, 'first'));
  await lists(pinned, '');
  pinned.close();
});

test('a refusal is an error', async () => {
  const [, bens] = devices as [Device, Device];
  const refused = await pin(bens.client, idOf(bens, 'two')).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ParleyError);
  expect(refused).toMatchObject({ code: 'PERMISSION_DENIED' });
});
