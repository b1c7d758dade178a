import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_SLOW_MODE } from '../src/settings/settings.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { type Feed, openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';

let database: TestDatabase;
let node: TestNode;
let people: Record<'ada' | 'bob' | 'cyd' | 'mod' | 'eve', Person>;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url });
  people = await signUpAll(node, 'ada', 'bob', 'cyd', 'mod', 'eve');
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

/** Ada's room with two members, and one moderator. */
async function hall(): Promise<string> {
  const { ada, bob, cyd, mod } = people;
  const roomId = await ada.createRoom('the hall');
  await people.ada.change('addMembers', { roomId, userIds: [bob.userId, cyd.userId] });
  await people.ada.change('addMembers', { roomId, userIds: [mod.userId], role: 'MODERATOR' });
  return roomId;
}

const SETTINGS = 'version slowModeSeconds posting';
const UPDATED = `settings { ${SETTINGS} } roomSeq room { id }`;

const set = (roomId: string, change: object, by = people.ada) =>
  by.change('updateRoomSettings', { roomId, ...change }, UPDATED);

const shownTo = async (by: Person, id: string) =>
  (await by.ask(`query ($id: ID!) { room(id: $id) { settings { ${SETTINGS} } viewerCanSendAt } }`, { id }))
    .data.room;

/** Sends a message, and returns how that ended: `OK`, or a code with the time to wait. */
async function send(by: Person, roomId: string, more: object = {}): Promise<any> {
  const { data, errors } = await by.ask(
    `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename
      ... on SendMessageSuccess { replayed message { id } } ... on UserError { code }
      ... on RateLimitedError { retryAfterMs isSlowMode } } }`,
    { input: { roomId, text: 'hello', idempotencyKey: randomUUID(), ...more } },
  );
  expect(errors).toEqual([]);
  return data.sendMessage;
}

const sent = expect.objectContaining({ __typename: 'SendMessageSuccess' });
const slowed = expect.objectContaining({ code: 'RATE_LIMITED', isSlowMode: true });
const HOUR = 3_600;

/** As if the last messages in the room had been sent that many seconds earlier. */
const wait = (roomId: string, seconds: number) =>
  execute(
    database.url,
    `UPDATE slow_mode_posts SET posted_at = posted_at - interval '${seconds} seconds' WHERE room_id = ${numberIn(roomId)}`,
  );

describe('slow mode', () => {
  test('makes members wait between two messages, in the room and in threads, by the clock of the database', async () => {
    const { bob, cyd } = people;
    const roomId = await hall();
    const { message } = await send(people.ada, roomId);
    await send(bob, roomId);
    await set(roomId, { slowModeSeconds: HOUR });
    expect(await shownTo(bob, roomId)).toMatchObject({ viewerCanSendAt: null });
    expect(await send(bob, roomId)).toEqual(sent);
    const refused = await send(bob, roomId);
    expect(refused).toEqual(slowed);
    expect(refused.retryAfterMs).toBeGreaterThan((HOUR - 60) * 1_000);
    expect(refused.retryAfterMs).toBeLessThanOrEqual(HOUR * 1_000);
    const { viewerCanSendAt } = await shownTo(bob, roomId);
    expect(Math.abs(Date.parse(viewerCanSendAt) - Date.now() - refused.retryAfterMs)).toBeLessThan(60_000);
    expect(await send(bob, roomId, { threadRootId: message.id })).toEqual(slowed);
    expect(await send(cyd, roomId, { threadRootId: message.id })).toEqual(sent);
    expect(await send(cyd, roomId)).toEqual(slowed);
    const poll = { roomId, question: 'Now?', options: ['yes', 'no'], idempotencyKey: randomUUID() };
    expect(await cyd.change('createPoll', poll)).toMatchObject({ code: 'RATE_LIMITED' });
    await wait(roomId, HOUR - 60);
    expect(await send(bob, roomId)).toEqual(slowed);
    await wait(roomId, 60);
    expect(await shownTo(bob, roomId)).toMatchObject({ viewerCanSendAt: null });
    expect(await bob.change('createPoll', { ...poll, idempotencyKey: randomUUID() })).toMatchObject({
      __typename: 'CreatePollSuccess',
    });
    expect(await send(bob, roomId)).toEqual(slowed);
  });

  test('lets one of many messages at once through, counts no repetitions, and does not touch edits', async () => {
    const { bob, cyd } = people;
    const roomId = await hall();
    await set(roomId, { slowModeSeconds: HOUR });
    const key = randomUUID();
    const first = await send(bob, roomId, { idempotencyKey: key });
    expect(first).toEqual(sent);
    const many = await Promise.all(Array.from({ length: 8 }, () => send(cyd, roomId)));
    expect(many.filter(({ __typename }) => __typename === 'SendMessageSuccess')).toHaveLength(1);
    expect(many.filter(({ isSlowMode }) => isSlowMode)).toHaveLength(7);
    const again = await Promise.all([1, 2].map(() => send(bob, roomId, { idempotencyKey: key })));
    expect(again).toMatchObject([{ replayed: true }, { replayed: true }]);
    const edited = await bob.change('editMessage', { messageId: first.message.id, text: 'edited' });
    expect(edited.__typename).toBe('EditMessageSuccess');
    expect(await send(bob, roomId)).toEqual(slowed);
  });

  test('is for members without BYPASS_SLOW_MODE, does not end by leaving, and ends when it is turned off', async () => {
    const { bob, mod } = people;
    const roomId = await hall();
    await set(roomId, { slowModeSeconds: HOUR });
    for (const by of [mod, people.ada]) for (const _ of [1, 2]) expect(await send(by, roomId)).toEqual(sent);
    expect(await shownTo(mod, roomId)).toMatchObject({ viewerCanSendAt: null });
    expect(await send(bob, roomId)).toEqual(sent);
    await bob.change('leaveRoom', { roomId }, 'roomId');
    await bob.join(roomId);
    expect(await send(bob, roomId)).toEqual(slowed);
    const change = { permission: 'BYPASS_SLOW_MODE', effect: 'ALLOW' };
    const override = { roomId, target: { userId: bob.userId }, changes: [change] };
    await people.ada.change('setRoomPermissionOverride', override);
    expect(await send(bob, roomId)).toEqual(sent);
    expect(await shownTo(bob, roomId)).toMatchObject({ viewerCanSendAt: null });
    await people.ada.change('setRoomPermissionOverride', {
      ...override,
      changes: [{ ...change, effect: 'INHERIT' }],
    });
    expect(await send(bob, roomId)).toEqual(slowed);
    await set(roomId, { slowModeSeconds: 0 });
    for (const _ of [1, 2]) expect(await send(bob, roomId)).toEqual(sent);
  });
});

const WATCH = `subscription ($id: ID!, $after: Cursor) { room(id: $id, after: $after) { __typename
  ... on StreamReady { cursor } ... on Heartbeat { cursor }
  ... on RoomEvent { roomSeq actor { username } room { viewerCanSend viewerPermissions } }
  ... on RoomSettingsChanged { settings { ${SETTINGS} } } } }`;

async function watch(by: Person, roomId: string, after: string | null = null): Promise<Feed> {
  const feed = await openFeed(by.node.wsUrl, by.token, WATCH, { id: roomId, after }, 'room');
  if (after === null) await feed.next('StreamReady');
  return feed;
}

describe('who sends messages', () => {
  test('moderators only, or with replies of all, who may react: overrides of the roles, which streams follow', async () => {
    const { bob, mod } = people;
    const roomId = await hall();
    const { message } = await send(people.ada, roomId);
    const reply = { threadRootId: message.id };
    const feed = await watch(bob, roomId);
    const changed = await set(roomId, { posting: 'MODERATORS' });
    expect(changed.settings).toEqual({ version: 2, slowModeSeconds: null, posting: 'MODERATORS' });
    const overrides = await feed.events(3);
    expect(overrides.map(({ __typename }) => __typename)).toEqual([
      'PermissionsChanged',
      'PermissionsChanged',
      'RoomSettingsChanged',
    ]);
    expect(overrides[2]).toMatchObject({
      actor: { username: people.ada.username },
      settings: changed.settings,
      room: { viewerCanSend: false, viewerPermissions: ['ADD_REACTIONS'] },
    });
    expect(await send(bob, roomId)).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await send(bob, roomId, reply)).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await send(mod, roomId)).toEqual(sent);
    const reaction = { messageId: message.id, emoji: '👍' };
    expect((await bob.change('addReaction', reaction)).__typename).toBe('AddReactionSuccess');

    expect((await set(roomId, { posting: 'MODERATORS_AND_REPLIES' })).settings.version).toBe(3);
    const replied = await send(bob, roomId, reply);
    expect(replied).toEqual(sent);
    expect(await send(bob, roomId, { ...reply, alsoSendToRoom: true })).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    expect(await send(bob, roomId)).toMatchObject({ code: 'PERMISSION_DENIED' });
    const editable = await bob.ask(
      'query ($id: ID!) { node(id: $id) { ... on Message { viewerCanEdit } } }',
      { id: replied.message.id },
    );
    expect(editable.data.node).toEqual({ viewerCanEdit: true });
    const edit = { messageId: replied.message.id, text: 'edited' };
    expect((await bob.change('editMessage', edit)).__typename).toBe('EditMessageSuccess');

    await set(roomId, { posting: 'EVERYONE' });
    expect(await send(bob, roomId)).toEqual(sent);
    const { data } = await bob.ask(
      'query ($id: ID!) { room(id: $id) { viewerPermissions permissionOverrides { nodes { role } } } }',
      { id: roomId },
    );
    expect(data.room).toEqual({
      viewerPermissions: ['SEND_MESSAGES'],
      permissionOverrides: { nodes: [] },
    });
  });

  const roleOverridesIn = (roomId: string) =>
    queryRows(database.url, 'SELECT target FROM permission_overrides WHERE room_id = $1 AND target < 0', [
      numberIn(roomId),
    ]);

  test('is CUSTOM where overrides say something else, and needs what overrides need', async () => {
    const { bob, mod } = people;
    const roomId = await hall();
    const allow = (userId: string, permission: string, effect = 'ALLOW') =>
      people.ada.change('setRoomPermissionOverride', {
        roomId,
        target: { userId },
        changes: [{ permission, effect }],
      });
    await allow(bob.userId, 'UPDATE_ROOM');
    expect(await set(roomId, { posting: 'MODERATORS' }, bob)).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect((await set(roomId, { slowModeSeconds: 5 }, bob)).settings.slowModeSeconds).toBe(5);
    // With the permissions for it, the role of guests is below bob's and that of members is not: nothing changes.
    for (const permission of ['MANAGE_MEMBERS', 'ADD_REACTIONS']) await allow(bob.userId, permission);
    expect(await set(roomId, { posting: 'MODERATORS' }, bob)).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect((await shownTo(bob, roomId)).settings.posting).toBe('EVERYONE');
    expect(await roleOverridesIn(roomId)).toEqual([]);
    await allow(mod.userId, 'UPDATE_ROOM');
    expect((await set(roomId, { posting: 'MODERATORS' }, mod)).settings.posting).toBe('MODERATORS');
    await allow(mod.userId, 'SEND_MESSAGES', 'DENY');
    expect(await set(roomId, { posting: 'EVERYONE' }, mod)).toMatchObject({ code: 'PERMISSION_DENIED' });
    await people.ada.change('setRoomPermissionOverride', {
      roomId,
      target: { role: 'MEMBER' },
      changes: [{ permission: 'SEND_MESSAGES', effect: 'INHERIT' }],
    });
    expect((await shownTo(bob, roomId)).settings.posting).toBe('CUSTOM');
    expect(await set(roomId, { posting: 'CUSTOM' })).toMatchObject({
      code: 'VALIDATION',
      path: ['input', 'posting'],
    });
  });
});

describe('a change of settings', () => {
  test('has a version and an event; the same again has none', async () => {
    const { bob } = people;
    const roomId = await hall();
    const feed = await watch(bob, roomId);
    const changed = await set(roomId, { slowModeSeconds: 10, expectedVersion: 1 });
    expect(changed.settings).toEqual({ version: 2, slowModeSeconds: 10, posting: 'EVERYONE' });
    for (const repeated of [{ slowModeSeconds: 10, expectedVersion: 1 }, { posting: 'EVERYONE' }, {}])
      expect(await set(roomId, repeated)).toEqual(changed);
    expect(await set(roomId, { slowModeSeconds: 20, expectedVersion: 1 })).toMatchObject({
      code: 'CONFLICT',
      path: ['input', 'expectedVersion'],
    });
    const [event] = await feed.events(1);
    expect(event).toMatchObject({ roomSeq: changed.roomSeq, settings: changed.settings });
    expect((await shownTo(bob, roomId)).settings).toEqual(changed.settings);
  });

  test('is refused for others, in archived and in direct rooms, and outside of the limits', async () => {
    const { bob, mod, eve } = people;
    const roomId = await hall();
    for (const slowModeSeconds of [-1, MAX_SLOW_MODE + 1])
      expect(await set(roomId, { slowModeSeconds })).toMatchObject({
        code: 'VALIDATION',
        path: ['input', 'slowModeSeconds'],
      });
    expect((await set(roomId, { slowModeSeconds: MAX_SLOW_MODE })).settings.slowModeSeconds).toBe(
      MAX_SLOW_MODE,
    );
    for (const by of [bob, mod])
      expect(await set(roomId, { slowModeSeconds: 1 }, by)).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await set(roomId, { slowModeSeconds: 1 }, eve)).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await shownTo(eve, roomId)).toEqual({ settings: null, viewerCanSendAt: null });
    expect(await set('room_99999999', { slowModeSeconds: 1 })).toMatchObject({ code: 'NOT_FOUND' });
    const { room } = await people.ada.change('openDirectRoom', { userIds: [bob.userId] }, 'room { id }');
    expect(await set(room.id, { slowModeSeconds: 1 })).toMatchObject({ code: 'CONFLICT' });
    await people.ada.change('archiveRoom', { roomId });
    expect(await set(roomId, { slowModeSeconds: 1 })).toMatchObject({ code: 'CONFLICT' });
  });
});
