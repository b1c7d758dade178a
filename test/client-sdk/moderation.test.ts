import { afterAll, beforeAll, expect, test } from 'vitest';
import { ParleyError } from '../../packages/client/src/index.ts';
import {
  auditPage,
  ban,
  bansOf,
  deleteMessages,
  removeMember,
  timeOut,
  timeoutsOf,
  unban,
} from '../../packages/client/src/moderation.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// Moderation with a client: what it does to members, and the lists of it.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

let ann: Person;
let ben: Person;
let device: Device;
let roomId: string;

beforeAll(async () => {
  [ann, ben] = await Promise.all([signUp(stage.node, 'ann'), signUp(stage.node, 'ben')]);
  roomId = await ann.createRoom('moderation of clients');
  device = new Device(stage.node.url);
  await device.signIn(ann);
});

afterAll(() => device.client.close());

test('a timeout is listed until it is ended', async () => {
  await ben.join(roomId);
  const until = new Date(Date.now() + 3_600_000);
  await timeOut(device.client, { roomId, userId: ben.userId, until, reason: 'too loud' });
  expect(await timeoutsOf(device.client, roomId)).toEqual(new Map([[ben.userId, until.toISOString()]]));
  await timeOut(device.client, { roomId, userId: ben.userId, until: null });
  expect(await timeoutsOf(device.client, roomId)).toEqual(new Map());
});

test('a member who is removed can come back, one who is banned cannot', async () => {
  await ben.join(roomId);
  await removeMember(device.client, { roomId, userId: ben.userId });
  await ben.join(roomId);
  const made = await ban(device.client, { roomId, userId: ben.userId, reason: 'spam' });
  expect(made).toMatchObject({ user: { id: ben.userId }, bannedBy: { id: ann.userId }, reason: 'spam' });
  expect(await bansOf(device.client, roomId)).toEqual([made]);
  expect(await ben.change('joinRoom', { roomId })).toMatchObject({ __typename: 'PermissionDeniedError' });
  await unban(device.client, { roomId, userId: ben.userId });
  expect(await bansOf(device.client, roomId)).toEqual([]);
  await ben.join(roomId);
  await expect(ban(device.client, { roomId, userId: ann.userId })).rejects.toThrow(ParleyError);
});

test('many messages are deleted in one call, which says what was refused', async () => {
  await ben.join(roomId);
  const { message } = await ben.say(roomId, 'spam');
  const refused = await deleteMessages(device.client, roomId, [message.id, 'nothing']);
  expect(refused).toEqual([{ messageId: 'nothing', code: 'NOT_FOUND', detail: expect.any(String) }]);
  const { data } = await ann.ask('query ($id: ID!) { node(id: $id) { ... on Message { text } } }', {
    id: message.id,
  });
  expect(data.node).toEqual({ text: null });
});

test('the audit log is read page by page, and filtered', async () => {
  const hall = await ann.createRoom('audits of clients');
  for (const reason of ['one', 'two', 'three'])
    await ban(device.client, { roomId: hall, userId: ben.userId, reason });
  const first = await auditPage(device.client, hall, { first: 2 });
  expect(first?.entries.map(({ action, reason }) => `${action} ${reason}`)).toEqual([
    'USER_BANNED three',
    'USER_BANNED two',
  ]);
  const last = await auditPage(device.client, hall, { after: first?.next ?? '' });
  expect(last).toMatchObject({ entries: [{ auditSeq: 1, reason: 'one' }], next: null });
  const filter = { action: 'MEMBER_REMOVED' } as const;
  expect(await auditPage(device.client, hall, { filter })).toEqual({ entries: [], next: null });
});
