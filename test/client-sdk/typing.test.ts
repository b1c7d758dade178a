import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../packages/client/src/index.ts';
import { liveRoom } from '../../packages/client/src/live.ts';
import { type Link, openLink } from '../harness/link.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// Typing, as a client sends and shows it.

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
  roomId = await ann.createRoom(`typing ${randomUUID()}`);
  await ben.join(roomId);
});

afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await Promise.all(devices.splice(0).map(({ client }) => client.close()));
  link.close();
});

async function deviceOf(person: Person): Promise<Device> {
  const device = new Device(link.url);
  devices.push(device);
  await device.signIn(person);
  return device;
}

const liveOn = ({ client }: Device) => liveRoom(client, roomId);

/** Keeps the room in view, as an application does while it shows it. */
function watch(device: Device): void {
  stops.push(liveOn(device).typing.subscribe(() => undefined));
}

const namesIn = (device: Device) =>
  liveOn(device)
    .typing.getSnapshot()
    .map(({ username }) => username);
const shows = (device: Device, names: readonly string[]) =>
  until(liveOn(device).typing, () => isDeepStrictEqual(namesIn(device), names));

/** Types until the other device shows it. */
const typesUntilShown = (typist: Device, watcher: Device, names: readonly string[]) =>
  expect
    .poll(() => {
      liveOn(typist).setTyping();
      return namesIn(watcher);
    })
    .toEqual(names);

test('others see who is typing, until the message is there', async () => {
  const [annes, bens] = [await deviceOf(ann), await deviceOf(ben)];
  for (const device of [annes, bens]) watch(device);
  await typesUntilShown(annes, bens, [ann.username]);
  expect(namesIn(annes)).toEqual([]);
  await annes.client.room(roomId).send('done');
  await shows(bens, []);
  await bens.shows(roomId, ['done']);
});

test('each key calls setTyping; it is sent once, and again after a message', async () => {
  const annes = await deviceOf(ann);
  const room = liveOn(annes);
  const sent = () => annes.operations.filter((name) => name === 'SetTyping').length;
  room.setTyping(false);
  for (let key = 0; key < 20; key++) room.setTyping();
  room.setTyping(false);
  room.setTyping(false);
  room.setTyping();
  await annes.client.room(roomId).send('one');
  room.setTyping();
  await annes.shows(roomId, ['one']);
  await expect.poll(sent).toBe(4);
});

test('nobody is typing once the connection has ended, and it goes on with the next one', async () => {
  const [annes, bens] = [await deviceOf(ann), await deviceOf(ben)];
  watch(bens);
  await typesUntilShown(annes, bens, [ann.username]);
  link.cut();
  await shows(bens, []);
  await bens.client.reconnect();
  await bens.live();
  await typesUntilShown(annes, bens, [ann.username]);
});
