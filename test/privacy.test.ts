import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Client, until } from '../packages/client/src/index.ts';
import {
  BlockedUsers,
  blockUser,
  privacyOf,
  unblockUser,
  updatePrivacy,
} from '../packages/client/src/profile.ts';
import { MAX_BLOCKED } from '../src/privacy/blocks.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { type Feed, openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { importPeople } from './harness/imported.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp } from './harness/people.ts';
import { Device } from './harness/sdk.ts';

// Blocked users, and who may reach a user.

let database: TestDatabase;
let node: TestNode;
let ada: Person;
let bob: Person;
let cyd: Person;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    env: { CHANGES_PER_SECOND: '100000', CHANGES_BURST: '100000', COST_PER_SECOND: '10000000' },
  });
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

let tests = 0;

/** New people for each test: blocks and settings stay. */
beforeEach(async () => {
  tests++;
  const names = ['ada', 'bob', 'cyd'].map((name) => `${name}-${tests}`);
  [ada, bob, cyd] = (await importPeople(database.url, [node], names)) as [Person, Person, Person];
});

const block = (by: Person, whom: Person) =>
  by.change('blockUser', { userId: whom.userId }, 'accountSeq user { id viewerHasBlocked }');
const unblock = (by: Person, whom: Person) =>
  by.change('unblockUser', { userId: whom.userId }, 'accountSeq user { id viewerHasBlocked }');
const open = (by: Person, ...others: Person[]) =>
  by.change('openDirectRoom', { userIds: others.map(({ userId }) => userId) }, 'room { id }');
const set = (by: Person, rules: object) =>
  by.change('updatePrivacy', rules, 'viewer { directMessagesFrom addableBy }');

async function blockedBy(person: Person): Promise<string[]> {
  const { data } = await person.ask('{ viewer { blockedUsers(first: 100) { nodes { user { id } } } } }');
  return data.viewer.blockedUsers.nodes.map(({ user }: { user: { id: string } }) => user.id);
}

const NOT_REACHABLE = {
  code: 'PERMISSION_DENIED',
  detail: 'You cannot message or add one of these users.',
  path: ['input', 'userIds'],
};
const STATE = 'viewerCanSend viewerCannotSendReasons viewerPermissions';

test('blocked users are listed for the blocking user alone, the last one first, and on all devices', async () => {
  const query = `subscription { inbox { __typename ... on AccountEvent { cursor }
    ... on BlockChanged { user { id } isBlocked } ... on RoomEvent { cursor } } }`;
  const [own, other] = (await Promise.all(
    [ada, bob].map((person) => openFeed(node.wsUrl, person.token, query, {}, 'inbox')),
  )) as [Feed, Feed];
  for (const feed of [own, other]) await feed.next('StreamReady');
  const { accountSeq, user } = await block(ada, bob);
  expect(user).toEqual({ id: bob.userId, viewerHasBlocked: true });
  expect(await own.next('BlockChanged')).toMatchObject({ user: { id: bob.userId }, isBlocked: true });
  await block(ada, cyd);
  expect(await blockedBy(ada)).toEqual([cyd.userId, bob.userId]);
  expect(await blockedBy(bob)).toEqual([]);
  expect((await block(ada, bob)).accountSeq).toBe(accountSeq + 1);
  expect((await unblock(ada, bob)).user.viewerHasBlocked).toBe(false);
  await own.next('BlockChanged');
  expect(await own.next('BlockChanged')).toMatchObject({ user: { id: bob.userId }, isBlocked: false });
  expect((await unblock(ada, bob)).accountSeq).toBe(accountSeq + 2);
  expect(await blockedBy(ada)).toEqual([cyd.userId]);
  await bob.createRoom('the end');
  await other.next('RoomAccessGranted');
  expect(other.items.map(({ __typename }) => __typename)).not.toContain('BlockChanged');
  for (const feed of [own, other]) feed.close();
});

test('what cannot be blocked is refused', async () => {
  expect(await block(ada, ada)).toMatchObject({ code: 'VALIDATION', path: ['input', 'userId'] });
  for (const userId of ['nobody', 'user_99999999'])
    for (const name of ['blockUser', 'unblockUser'])
      expect(await ada.change(name, { userId }, 'accountSeq')).toMatchObject({ code: 'NOT_FOUND' });
  await execute(
    database.url,
    `INSERT INTO user_blocks SELECT ${numberIn(ada.userId)}, 1000000 + n, -n, now() FROM generate_series(1, ${MAX_BLOCKED - 1}) n`,
  );
  expect((await block(ada, bob)).__typename).toBe('BlockUserSuccess');
  expect(await block(ada, cyd)).toMatchObject({ code: 'CONFLICT' });
});

test('in the direct room of two, nobody can write while one of them blocks the other', async () => {
  const roomId = (await open(ada, bob)).room.id;
  const first = await ada.say(roomId, 'hello');
  const query = `subscription ($id: ID!) { room(id: $id) { __typename
    ... on RoomEvent { cursor actor { id } room { ${STATE} } } ... on PermissionsChanged { override { role denied } } } }`;
  const feeds = await Promise.all(
    [ada, bob].map((person) => openFeed(node.wsUrl, person.token, query, { id: roomId }, 'room')),
  );
  for (const feed of feeds) await feed.next('StreamReady');
  await block(ada, bob);
  for (const feed of feeds)
    expect(await feed.next('PermissionsChanged')).toMatchObject({
      actor: null,
      override: { role: 'MEMBER', denied: ['SEND_MESSAGES'] },
      room: {
        viewerCanSend: false,
        viewerCannotSendReasons: ['NOT_PERMITTED'],
        viewerPermissions: ['PIN_MESSAGES'],
      },
    });
  const messageId = first.message.id;
  for (const person of [ada, bob]) {
    const refused = { code: 'PERMISSION_DENIED', detail: 'You cannot send messages in this room.' };
    const message = { roomId, text: 'still there?', idempotencyKey: 'again' };
    expect(await person.change('sendMessage', message)).toMatchObject(refused);
    expect(await person.change('addReaction', { messageId, emoji: '👍' })).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  }
  expect(await ada.change('editMessage', { messageId, text: 'and now?' })).toMatchObject({
    code: 'PERMISSION_DENIED',
  });
  // Both read what is there, and find the room.
  expect((await open(bob, ada)).room.id).toBe(roomId);

  // The second block changes nothing in the room, and holds when the first one ends.
  await block(bob, ada);
  await unblock(ada, bob);
  expect(await ada.change('sendMessage', { roomId, text: 'and now?', idempotencyKey: 'now' })).toMatchObject({
    code: 'PERMISSION_DENIED',
  });
  await unblock(bob, ada);
  for (const feed of feeds)
    expect(await feed.next('PermissionsChanged')).toMatchObject({
      override: { role: 'MEMBER', denied: [] },
      room: { viewerCanSend: true, viewerCannotSendReasons: [] },
    });
  await bob.say(roomId, 'again');
  for (const feed of feeds) feed.close();
});

test('a blocked user can neither open a direct room nor add the user, as if a setting said so', async () => {
  const hall = await bob.createRoom('the hall');
  await block(ada, bob);
  await set(cyd, { directMessagesFrom: 'NOBODY', addableBy: 'NOBODY' });
  const add = (...people: Person[]) =>
    bob.change('addMembers', { roomId: hall, userIds: people.map(({ userId }) => userId) });
  for (const person of [ada, cyd]) {
    expect(await open(bob, person)).toMatchObject(NOT_REACHABLE);
    expect(await add(person)).toMatchObject(NOT_REACHABLE);
  }
  expect(await open(bob, ada, cyd)).toMatchObject(NOT_REACHABLE);
  expect(await add(ada, cyd)).toMatchObject(NOT_REACHABLE);
  const rooms = 'SELECT FROM rooms WHERE direct_key IS NOT NULL AND created_by = $1';
  expect(await queryRows(database.url, rooms, [numberIn(bob.userId)])).toEqual([]);
  // Shared rooms are open to both, and to a member nothing changes.
  await ada.join(hall);
  expect((await add(ada)).__typename).toBe('AddMembersSuccess');
  await bob.say(hall, 'hello');
  // The user who blocks is told the reason.
  expect(await open(ada, bob)).toMatchObject({ code: 'CONFLICT', path: ['input', 'userIds'] });
  await unblock(ada, bob);
  expect((await open(bob, ada)).__typename).toBe('OpenDirectRoomSuccess');
});

test('a direct room that was opened before the block is closed, too, and stays hidden', async () => {
  const roomId = (await open(bob, ada)).room.id;
  await block(ada, bob);
  expect(await bob.change('sendMessage', { roomId, text: 'hello', idempotencyKey: 'one' })).toMatchObject({
    code: 'PERMISSION_DENIED',
  });
  const { data } = await ada.ask('query ($id: ID!) { room(id: $id) { id } }', { id: roomId });
  expect(data.room).toBeNull();
});

test('a user says who may open direct rooms and who may add', async () => {
  const room = await bob.createRoom('a shared room', 'PRIVATE');
  const other = await bob.createRoom('another room', 'PRIVATE');
  expect((await set(ada, {})).viewer).toEqual({ directMessagesFrom: 'EVERYONE', addableBy: 'EVERYONE' });
  expect((await set(ada, { addableBy: 'SHARED_ROOMS' })).viewer).toEqual({
    directMessagesFrom: 'EVERYONE',
    addableBy: 'SHARED_ROOMS',
  });
  const add = (roomId: string) => bob.change('addMembers', { roomId, userIds: [ada.userId] });
  expect(await add(room)).toMatchObject(NOT_REACHABLE);
  await set(ada, { directMessagesFrom: 'SHARED_ROOMS', addableBy: 'EVERYONE' });
  expect(await open(bob, ada)).toMatchObject(NOT_REACHABLE);
  expect((await add(room)).__typename).toBe('AddMembersSuccess');
  await set(ada, { addableBy: 'SHARED_ROOMS' });
  expect((await add(other)).__typename).toBe('AddMembersSuccess');
  expect((await open(bob, ada)).__typename).toBe('OpenDirectRoomSuccess');
  // Rooms that exist stay open.
  await set(ada, { directMessagesFrom: 'NOBODY', addableBy: 'NOBODY' });
  const direct = (await open(bob, ada)).room.id;
  await bob.say(direct, 'hello');
  expect(await open(bob, ada, cyd)).toMatchObject(NOT_REACHABLE);
  const third = await bob.createRoom('a third room', 'PRIVATE');
  const { inviteCode } = await bob.change('createInvite', { roomId: third, role: 'MEMBER' }, 'inviteCode');
  expect((await ada.change('acceptInvite', { inviteCode }, 'room { id }')).room.id).toBe(third);
});

test('a block and an opening at the same time leave no open room behind', async () => {
  for (let round = 0; round < 10; round++) {
    const [opened] = await Promise.all([open(bob, ada), block(ada, bob)]);
    const roomId = opened.room?.id;
    if (roomId)
      expect(
        await bob.change('sendMessage', { roomId, text: 'hello', idempotencyKey: `${round}` }),
      ).toMatchObject({
        code: 'PERMISSION_DENIED',
      });
    else expect(opened).toMatchObject(NOT_REACHABLE);
    await unblock(ada, bob);
  }
});

test('a client shows the blocked users of all devices, and changes the settings', async () => {
  const dan = await signUp(node, 'dan');
  const devices = [new Device(node.url), new Device(node.url)] as const;
  const [client, other] = devices.map((device) => device.client) as [Client, Client];
  for (const device of devices) await device.signIn(dan);
  const lists = [new BlockedUsers(client), new BlockedUsers(other)];
  const shown = async (...userIds: string[]) => {
    for (const list of lists)
      await until(list, (all) =>
        isDeepStrictEqual(
          all?.map(({ user }) => user.id),
          userIds,
        ),
      );
  };
  await shown();
  await blockUser(client, bob.userId);
  await shown(bob.userId);
  expect(lists.map((list) => [list.has(bob.userId), list.has(cyd.userId)])).toEqual([
    [true, false],
    [true, false],
  ]);
  await unblockUser(other, bob.userId);
  await shown();
  const privacy = { sharesReceipts: true, directMessagesFrom: 'NOBODY', addableBy: 'EVERYONE' };
  expect(await updatePrivacy(client, { directMessagesFrom: 'NOBODY' })).toMatchObject(privacy);
  expect(await privacyOf(other)).toMatchObject(privacy);
  await expect(blockUser(client, dan.userId)).rejects.toMatchObject({ code: 'VALIDATION' });
  for (const list of lists) list.close();
  for (const device of devices) await device.client.close();
});

test('blocking ends the live locations of both in their direct room', async () => {
  const roomId = (await open(ada, bob)).room.id;
  const share = (by: Person) =>
    by.change(
      'sendMessage',
      {
        roomId,
        text: 'here',
        idempotencyKey: by.username,
        location: { latitude: 1, longitude: 2, liveForSeconds: 600 },
      },
      'message { id }',
    );
  const shared = [await share(ada), await share(bob)].map(({ message }) => message.id);
  await block(ada, bob);
  for (const [index, by] of [ada, bob].entries()) {
    const move = { messageId: shared[index], position: { latitude: 3, longitude: 4 } };
    expect(await by.change('moveLiveLocation', move, 'messageId')).toMatchObject({ code: 'CONFLICT' });
  }
});
