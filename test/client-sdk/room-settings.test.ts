import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDocuments } from '../../packages/client/src/document-client.ts';
import { ParleyError, until } from '../../packages/client/src/index.ts';
import {
  canReact,
  canReplyInThreads,
  RoomSettings,
  sendableInMs,
  settingsEvents,
  updateRoomSettings,
} from '../../packages/client/src/room-settings.ts';
import { type Person, signUpAll } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// Settings of a room, as a client sees them.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

let people: Record<'ann' | 'ben', Person>;
let devices: Record<'ann' | 'ben', Device>;
let roomId: string;

beforeAll(async () => {
  people = await signUpAll(stage.node, 'ann', 'ben');
  roomId = await people.ann.createRoom('settings of clients');
  await people.ben.join(roomId);
  await people.ann.say(roomId, 'one');
  devices = { ann: new Device(stage.node.url), ben: new Device(stage.node.url) };
  for (const name of ['ann', 'ben'] as const) {
    await devices[name].signIn(people[name]);
    await devices[name].shows(roomId, ['one']);
  }
});

afterAll(async () => {
  await Promise.all(Object.values(devices).map(({ client }) => client.close()));
});

test('follow changes of others; with slow mode, also own messages', async () => {
  const [{ client: annes }, { client: bens }] = [devices.ann, devices.ben];
  const told: unknown[] = [];
  let isReady = false;
  const stop = createDocuments(bens).subscribe(
    settingsEvents,
    { id: roomId },
    {
      next: ({ room }) => {
        if (room.__typename === 'StreamReady') isReady = true;
        if (room.__typename === 'RoomSettingsChanged') told.push(room.settings.slowModeSeconds);
      },
      error: (error) => told.push(error.code),
    },
  );
  await expect.poll(() => isReady).toBe(true);
  const settings = new RoomSettings(bens, roomId);
  await until(settings, (now) => now?.version === 1);
  expect(settings.getSnapshot()).toEqual({
    version: 1,
    slowModeSeconds: null,
    posting: 'EVERYONE',
    joinPolicy: 'OPEN',
    viewerCanSendAt: null,
  });
  expect(await updateRoomSettings(annes, roomId, { slowModeSeconds: 3_600 })).toMatchObject({ version: 2 });
  await until(settings, (now) => now?.slowModeSeconds === 3_600);
  await bens.room(roomId).send('two');
  await until(settings, (now) => now?.viewerCanSendAt != null);
  const { viewerCanSendAt } = settings.getSnapshot() as { viewerCanSendAt: string };
  expect(sendableInMs({ viewerCanSendAt }, Date.parse(viewerCanSendAt) - 500)).toBe(500);
  expect(sendableInMs({ viewerCanSendAt }, Date.parse(viewerCanSendAt) + 500)).toBe(0);
  // A message that comes too early waits, and is sent when slow mode ends.
  await bens.room(roomId).send('three');
  await updateRoomSettings(annes, roomId, { slowModeSeconds: 0 });
  await until(settings, (now) => now?.slowModeSeconds === null && now.viewerCanSendAt === null);
  await expect.poll(() => told).toEqual([3_600, null]);
  stop();
  settings.close();
});

test('say what members may do where only moderators send messages; a refusal is an error', async () => {
  const [{ client: annes }, { client: bens }] = [devices.ann, devices.ben];
  const { info } = bens.room(roomId);
  const may = () => {
    const room = info.getSnapshot();
    return room && [room.viewerCanSend, canReplyInThreads(room), canReact(room)];
  };
  expect(may()).toEqual([true, true, true]);
  await updateRoomSettings(annes, roomId, { posting: 'MODERATORS' });
  await expect.poll(may).toEqual([false, false, true]);
  await updateRoomSettings(annes, roomId, { posting: 'MODERATORS_AND_REPLIES' });
  await expect.poll(may).toEqual([false, true, true]);
  const refused = await updateRoomSettings(bens, roomId, { slowModeSeconds: 1 }).catch(
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(ParleyError);
  expect(refused).toMatchObject({ code: 'PERMISSION_DENIED' });
});
