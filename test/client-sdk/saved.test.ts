import { afterAll, beforeAll, expect, test } from 'vitest';
import { ParleyError, until } from '../../packages/client/src/index.ts';
import { SavedMessages, saveMessage, unsaveMessage } from '../../packages/client/src/saved.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// Saved messages of a client: the same list on all devices of the user.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

let ann: Person;
let devices: Device[];
let lists: SavedMessages[];
let ids: string[];

beforeAll(async () => {
  ann = await signUp(stage.node, 'ann');
  const roomId = await ann.createRoom('saved by clients');
  ids = [];
  for (const text of ['one', 'two']) ids.push((await ann.say(roomId, text)).message.id);
  devices = [new Device(stage.node.url), new Device(stage.node.url)];
  for (const device of devices) await device.signIn(ann);
  lists = devices.map(({ client }) => new SavedMessages(client));
});

afterAll(async () => {
  for (const list of lists) list.close();
  await Promise.all(devices.map(({ client }) => client.close()));
});

const shows = (list: SavedMessages, texts: string) =>
  until(
    list,
    () =>
      list
        .getSnapshot()
        ?.map(({ message }) => message?.text)
        .join() === texts,
  );

test('a message that one device saves or removes is so on the other', async () => {
  const [own, other] = lists as [SavedMessages, SavedMessages];
  const [{ client }] = devices as [Device];
  const [one, two] = ids as [string, string];
  await shows(other, '');
  await saveMessage(client, one);
  await saveMessage(client, two);
  for (const list of lists) await shows(list, 'two,one');
  expect([own.has(one), other.has(two), other.has('msg_1_1000')]).toEqual([true, true, false]);
  await unsaveMessage(client, two);
  for (const list of lists) await shows(list, 'one');
});

test('the list is empty of another user, and gone without one', async () => {
  const [, { client }] = devices as [Device, Device];
  const [, list] = lists as [SavedMessages, SavedMessages];
  await client.logout();
  await until(list, (saved) => saved === null);
  await devices[1]?.signIn(await signUp(stage.node, 'ben'));
  await shows(list, '');
  const refused = await saveMessage(client, ids[0] as string).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ParleyError);
  expect(refused).toMatchObject({ code: 'NOT_FOUND' });
});
