import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../packages/client/src/index.ts';
import {
  answerJoinRequest,
  cancelJoinRequest,
  JoinRequests,
  joinPolicies,
  OwnJoinRequests,
  requestToJoin,
} from '../../packages/client/src/join-requests.ts';
import { updateRoomSettings } from '../../packages/client/src/room-settings.ts';
import { type Person, signUpAll } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// Requests to join a room, as both sides see them.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

let people: Record<'ann' | 'ben', Person>;
let devices: Record<'ann' | 'ben', Device>;
let roomId: string;
let otherId: string;

beforeAll(async () => {
  people = await signUpAll(stage.node, 'ann', 'ben');
  roomId = await people.ann.createRoom('by request');
  otherId = await people.ann.createRoom('by request as well');
  await people.ann.change('updateRoomSettings', { roomId: otherId, joinPolicy: 'REQUEST' });
  await people.ann.say(roomId, 'one');
  devices = { ann: new Device(stage.node.url), ben: new Device(stage.node.url) };
  for (const name of ['ann', 'ben'] as const) await devices[name].signIn(people[name]);
  await devices.ann.shows(roomId, ['one']);
});

afterAll(async () => {
  await Promise.all(Object.values(devices).map(({ client }) => client.close()));
});

test('a request reaches those who answer, and the answer the user who asked', async () => {
  const [{ client: annes }, { client: bens }] = [devices.ann, devices.ben];
  await updateRoomSettings(annes, roomId, { joinPolicy: 'REQUEST' });
  expect(await joinPolicies(bens, [roomId])).toEqual(new Map([[roomId, 'REQUEST']]));
  const [asked, own] = [new JoinRequests(annes, roomId), new OwnJoinRequests(bens)];
  await until(asked, (list) => list?.length === 0);
  await until(own, (list) => list?.length === 0);
  const other = new JoinRequests(annes, otherId);
  await until(other, (list) => list?.length === 0);
  await requestToJoin(bens, otherId, 'please');
  await until(own, (list) => list?.length === 1);
  await until(other, (list) => list?.[0]?.text === 'please');
  await cancelJoinRequest(bens, otherId);
  await until(other, (list) => list?.length === 0);
  await expect(requestToJoin(bens, otherId)).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    retryAfterMs: expect.any(Number),
  });
  other.close();
  const request = await requestToJoin(bens, roomId);
  await until(asked, (list) => list?.length === 1);
  await answerJoinRequest(annes, request?.id ?? '', true);
  await until(asked, (list) => list?.length === 0);
  await until(own, (list) => list?.length === 0);
  await until(bens.rooms, (rooms) => rooms.some(({ id }) => id === roomId));
  expect(await requestToJoin(bens, roomId)).toBeNull();
  asked.close();
  own.close();
});
