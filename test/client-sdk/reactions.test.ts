import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type ClientOptions,
  type MessageInfo,
  type ParleyError,
  until,
} from '../../packages/client/src/index.ts';
import { type Link, openLink } from '../harness/link.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// Reactions of a client: shown at once, sent once, and finally equal on all clients.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

let link: Link;
let ann: Person;
let ben: Person;
let roomId: string;
const devices: Device[] = [];

beforeEach(async () => {
  link = await openLink(stage.node.url);
  [ann, ben] = await Promise.all([signUp(stage.node, 'ann'), signUp(stage.node, 'ben')]);
  roomId = await ann.createRoom(`reactions ${randomUUID()}`);
  await ben.join(roomId);
  await ann.say(roomId, 'hello');
});

afterEach(async () => {
  await Promise.all(devices.splice(0).map(({ client }) => client.close()));
  link.close();
});

async function deviceOf(person: Person, options: Partial<ClientOptions> = {}): Promise<Device> {
  const device = new Device(link.url, options);
  devices.push(device);
  await device.signIn(person);
  await device.shows(roomId, ['hello']);
  return device;
}

const firstOf = ({ client }: Device) => client.room(roomId).messages.getSnapshot()[0] as MessageInfo;
const shownBy = (device: Device) =>
  firstOf(device).reactions.map(
    ({ emoji, count, viewerHasReacted }) => `${emoji} ${count}${viewerHasReacted ? ' own' : ''}`,
  );
const shows = (device: Device, groups: readonly string[]) =>
  until(device.client.room(roomId).messages, () => isDeepStrictEqual(shownBy(device), groups));
const settled = async (device: Device) => Object.keys((await device.stored()).reactions).length === 0;
const sentBy = ({ operations }: Device) => operations.filter((name) => name.endsWith('Reaction'));

test('a reaction is shown at once and to everybody, and can be taken back', async () => {
  const [annes, bens] = [await deviceOf(ann), await deviceOf(ben)];
  const messageId = firstOf(annes).id ?? '';
  const room = annes.client.room(roomId);
  const reacted = room.react(messageId, '👍');
  await shows(annes, ['👍 1 own']);
  await reacted;
  await shows(bens, ['👍 1']);
  await bens.client.room(roomId).react(messageId, '👍');
  await bens.client.room(roomId).react(messageId, '🎉');
  await shows(annes, ['👍 2 own', '🎉 1']);
  await expect.poll(() => settled(annes)).toBe(true);
  await room.unreact(messageId, '👍');
  await shows(annes, ['👍 1', '🎉 1']);
  await shows(bens, ['👍 1 own', '🎉 1 own']);
  await annes.expectLikeSnapshot(ann);
});

test('what is shown already is not sent', async () => {
  const device = await deviceOf(ann);
  const messageId = firstOf(device).id ?? '';
  const room = device.client.room(roomId);
  await room.react(messageId, '👍');
  await expect.poll(() => settled(device)).toBe(true);
  await room.react(messageId, '👍');
  await room.unreact(messageId, '🎉');
  expect(await settled(device)).toBe(true);
  expect(sentBy(device)).toEqual(['AddReaction']);
});

test('offline, only the last of several is sent, also after a restart', async () => {
  const device = await deviceOf(ann);
  const messageId = firstOf(device).id ?? '';
  link.silence();
  link.cut();
  const room = device.client.room(roomId);
  await room.react(messageId, '👍');
  await room.unreact(messageId, '👍');
  await room.react(messageId, '🎉');
  expect(shownBy(device)).toEqual(['🎉 1 own']);
  await device.restart();
  await until(device.client.room(roomId).messages, ([first]) => first !== undefined);
  expect(shownBy(device)).toEqual(['🎉 1 own']);
  device.operations.length = 0;
  link.restore();
  link.cut();
  await device.client.reconnect();
  await expect.poll(() => settled(device)).toBe(true);
  await device.live();
  await shows(device, ['🎉 1 own']);
  await device.expectLikeSnapshot(ann);
});

test('a reaction that is refused is not shown any more, and the application is told', async () => {
  const told: ParleyError[] = [];
  const device = await deviceOf(ann, { onError: (error) => told.push(error) });
  await device.client.room(roomId).react(firstOf(device).id ?? '', 'no emoji');
  await expect.poll(() => told.map(({ code }) => code)).toEqual(['VALIDATION']);
  await shows(device, []);
  expect(await settled(device)).toBe(true);
});
