import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp, signUpAll } from './harness/people.ts';

let database: TestDatabase;
let node: TestNode;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url });
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

const members = async (person: Person, roomId: string) => {
  const { data } = await person.ask(
    `query ($id: ID!) { room(id: $id) { memberCount members { nodes { role user { id } } } } }`,
    { id: roomId },
  );
  return data.room;
};

describe('making rooms', () => {
  test('the same key gives the same room, another content is refused', async () => {
    const ada = await signUp(node, 'ada');
    const input = { name: 'engine room', kind: 'PRIVATE', idempotencyKey: randomUUID() };
    const first = await ada.change('createRoom', input, 'room { id } replayed roomSeq');
    const second = await ada.change('createRoom', input, 'room { id } replayed roomSeq');
    expect(second).toEqual({ ...first, replayed: true });
    const other = await ada.change('createRoom', { ...input, name: 'boiler room' });
    expect(other).toMatchObject({
      __typename: 'IdempotencyConflictError',
      code: 'IDEMPOTENCY_CONFLICT',
      path: ['input', 'idempotencyKey'],
    });
  });

  test.each([
    ['a short name', { name: 'ab' }, ['input', 'name']],
    ['a long name', { name: 'x'.repeat(101) }, ['input', 'name']],
    ['a direct room', { kind: 'DIRECT' }, ['input', 'kind']],
    ['a long description', { description: 'x'.repeat(1001) }, ['input', 'description']],
    ['an empty key', { idempotencyKey: '' }, ['input', 'idempotencyKey']],
    ['a NUL', { name: 'a\0bc' }, ['input', 'name']],
    ['half a surrogate pair', { description: 'x\ud800' }, ['input', 'description']],
  ])('%s is refused with its path', async (_what, wrong, path) => {
    const ada = await signUp(node, 'ada');
    const result = await ada.change('createRoom', {
      name: 'a room',
      kind: 'PUBLIC',
      idempotencyKey: randomUUID(),
      ...wrong,
    });
    expect(result).toMatchObject({ __typename: 'ValidationError', path });
  });
});

describe('seeing rooms', () => {
  test('a private room is for strangers as if it did not exist, by every way in', async () => {
    const { ada, eve } = await signUpAll(node, 'ada', 'eve');
    const roomId = await ada.createRoom('secret', 'PRIVATE');
    const { message } = await ada.say(roomId, 'hush');
    const missing = 'room_999999';
    for (const id of [roomId, missing]) {
      expect(
        (await eve.ask('query ($id: ID!) { room(id: $id) { id } node(id: $id) { id } }', { id })).data,
      ).toEqual({ room: null, node: null });
      for (const [name, more] of [
        ['joinRoom', {}],
        ['leaveRoom', {}],
        ['updateRoom', { name: 'mine now' }],
        ['archiveRoom', {}],
        ['deleteRoom', {}],
        ['addMembers', { userIds: [eve.userId] }],
        ['removeMember', { userId: ada.userId }],
        ['changeMemberRole', { userId: ada.userId, role: 'GUEST' }],
        ['setTyping', { isTyping: true }],
        ['sendMessage', { text: 'hi', idempotencyKey: 'k' }],
      ] as const) {
        const shown = name === 'setTyping' ? 'roomId' : 'roomSeq';
        const result = await eve.change(name, { roomId: id, ...more }, shown);
        expect(result, name).toEqual({
          __typename: 'NotFoundError',
          code: 'NOT_FOUND',
          detail: expect.any(String),
          path: ['input', 'roomId'],
        });
      }
    }
    expect((await eve.ask('query ($id: ID!) { node(id: $id) { id } }', { id: message.id })).data).toEqual({
      node: null,
    });
    expect(await eve.change('editMessage', { messageId: message.id, text: 'x' })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await eve.change('deleteMessage', { messageId: message.id })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a public room shows its outside to everybody, and its inside to members', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const roomId = await ada.createRoom('market square');
    await ada.say(roomId, 'fresh fish');
    const query = `query ($id: ID!) { room(id: $id) { name kind memberCount isArchived lastMessageSeq lastRoomSeq cursor
      members { nodes { id } } messages { nodes { text } } events { nodes { roomSeq } } viewerMembership { role } } }`;
    const outside = (await bob.ask(query, { id: roomId })).data.room;
    expect(outside).toEqual({
      name: 'market square',
      kind: 'PUBLIC',
      memberCount: 1,
      isArchived: false,
      lastMessageSeq: null,
      lastRoomSeq: null,
      cursor: null,
      members: null,
      messages: null,
      events: null,
      viewerMembership: null,
    });
    await bob.join(roomId);
    const inside = (await bob.ask(query, { id: roomId })).data.room;
    expect(inside).toMatchObject({
      memberCount: 2,
      lastMessageSeq: 1,
      lastRoomSeq: 4,
      viewerMembership: { role: 'MEMBER' },
    });
    expect(inside.messages.nodes).toEqual([{ text: 'fresh fish' }]);
    expect(inside.events.nodes.map((event: { roomSeq: number }) => event.roomSeq)).toEqual([1, 2, 3, 4]);
  });

  test('no change tells who is not in a public room where its log stands', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const roomId = await ada.createRoom('busy market');
    const outcomes = { leaveRoom: 'NOT_FOUND', sendMessage: 'NOT_FOUND' } as Record<string, string>;
    for (const [name, more] of [
      ['leaveRoom', {}],
      ['updateRoom', { name: 'busy market' }],
      ['archiveRoom', {}],
      ['deleteRoom', {}],
      ['addMembers', { userIds: [ada.userId] }],
      ['removeMember', { userId: bob.userId }],
      ['changeMemberRole', { userId: bob.userId, role: 'MEMBER' }],
      ['sendMessage', { text: 'hi', idempotencyKey: 'k' }],
    ] as const) {
      const result = await bob.change(name, { roomId, ...more });
      expect(result, name).toMatchObject({ code: outcomes[name] ?? 'PERMISSION_DENIED' });
      expect(result, name).not.toHaveProperty('roomSeq');
    }
  });

  test('who has left is answered to a known key, and sees the room from outside', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const inside = 'id name lastRoomSeq cursor messages { nodes { text } } members { nodes { id } }';
    for (const kind of ['PUBLIC', 'PRIVATE']) {
      const room = { name: 'the cellar', kind, idempotencyKey: randomUUID() };
      const roomId = (await ada.change('createRoom', room, 'room { id }')).room.id;
      const { message: quoted } = await ada.say(roomId, 'quoted');
      const post = { roomId, text: 'mine', idempotencyKey: randomUUID(), replyToId: quoted.id };
      await ada.change('sendMessage', post);
      await ada.change('addMembers', { roomId, userIds: [bob.userId], role: 'OWNER' });
      await ada.change('leaveRoom', { roomId });
      await bob.say(roomId, 'secret');
      const outside = {
        id: roomId,
        name: kind === 'PUBLIC' ? 'the cellar' : null,
        lastRoomSeq: null,
        cursor: null,
        messages: null,
        members: null,
      };
      expect(await ada.change('createRoom', room, `replayed room { ${inside} }`)).toMatchObject({
        replayed: true,
        room: outside,
      });
      expect(
        await ada.change(
          'sendMessage',
          post,
          `replayed message { text replyTo { text } room { ${inside} } }`,
        ),
      ).toMatchObject({ replayed: true, message: { text: 'mine', replyTo: null, room: outside } });
    }
  });

  test('the directory finds public rooms by words, page by page in both directions', async () => {
    const ada = await signUp(node, 'ada');
    const word = randomUUID().slice(0, 8);
    for (const name of ['c', 'a', 'b']) await ada.createRoom(`${word} ${name} 100%`);
    await ada.createRoom(`${word} hidden`, 'PRIVATE');
    const query = `query ($query: String, $first: Int, $after: String, $last: Int, $before: String) {
      rooms(query: $query, first: $first, after: $after, last: $last, before: $before) { nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
    const page = async (args: object) =>
      (await ada.ask(query, { query: `${word.toUpperCase()} `, ...args })).data.rooms;
    const names = (rooms: { nodes: { name: string }[] }) => rooms.nodes.map(({ name }) => name.split(' ')[1]);
    const first = await page({ first: 2 });
    expect([names(first), first.pageInfo.hasNextPage, first.pageInfo.hasPreviousPage]).toEqual([
      ['a', 'b'],
      true,
      false,
    ]);
    const second = await page({ first: 2, after: first.pageInfo.endCursor });
    expect([names(second), second.pageInfo.hasNextPage]).toEqual([['c'], false]);
    expect(names(await page({ last: 1 }))).toEqual(['c']);
    expect(names(await page({ last: 5, before: second.pageInfo.startCursor }))).toEqual(['a', 'b']);
    // What LIKE would take for a pattern is a word like any other.
    expect((await ada.ask(query, { query: `${word}%%` })).data.rooms.nodes).toEqual([]);
    expect((await ada.ask(query, { query: `${word} a 100%` })).data.rooms.nodes).toHaveLength(1);
  });

  test("the viewer's rooms come by last activity", async () => {
    const ada = await signUp(node, 'ada');
    const rooms = [await ada.createRoom('one'), await ada.createRoom('two'), await ada.createRoom('three')];
    await ada.say(rooms[0] as string, 'again');
    const { data } = await ada.ask(
      '{ viewer { rooms(first: 2) { nodes { name } pageInfo { hasNextPage endCursor } } } }',
    );
    expect(data.viewer.rooms.nodes.map((room: { name: string }) => room.name)).toEqual(['one', 'three']);
    expect(data.viewer.rooms.pageInfo.hasNextPage).toBe(true);
    const rest = await ada.ask(
      'query ($after: String) { viewer { rooms(first: 2, after: $after) { nodes { name } pageInfo { hasNextPage } } } }',
      {
        after: data.viewer.rooms.pageInfo.endCursor,
      },
    );
    expect(rest.data.viewer.rooms).toEqual({ nodes: [{ name: 'two' }], pageInfo: { hasNextPage: false } });
  });
});

describe('members and ranks', () => {
  test('nobody acts on an equal or higher rank, and the last owner stays', async () => {
    const { ada, mod, bob, cyd } = await signUpAll(node, 'ada', 'mod', 'bob', 'cyd');
    const roomId = await ada.createRoom('the ship', 'PRIVATE');
    await ada.change('addMembers', { roomId, userIds: [mod.userId], role: 'MODERATOR' });
    expect(
      await mod.change(
        'addMembers',
        { roomId, userIds: [bob.userId, cyd.userId] },
        'memberships { role user { id } }',
      ),
    ).toEqual({
      __typename: 'AddMembersSuccess',
      memberships: [bob, cyd].map((person) => ({ role: 'MEMBER', user: { id: person.userId } })),
    });
    const denied = { __typename: 'PermissionDeniedError' };
    expect(await mod.change('removeMember', { roomId, userId: ada.userId })).toMatchObject(denied);
    expect(
      await mod.change('changeMemberRole', { roomId, userId: bob.userId, role: 'MODERATOR' }),
    ).toMatchObject(denied);
    expect(await mod.change('addMembers', { roomId, userIds: [bob.userId], role: 'OWNER' })).toMatchObject(
      denied,
    );
    expect(await bob.change('removeMember', { roomId, userId: cyd.userId })).toMatchObject(denied);
    expect(await bob.change('updateRoom', { roomId, name: 'the boat' })).toMatchObject(denied);
    expect(await ada.change('leaveRoom', { roomId })).toMatchObject({ __typename: 'ConflictError' });
    expect(
      await ada.change('changeMemberRole', { roomId, userId: ada.userId, role: 'MEMBER' }),
    ).toMatchObject({ __typename: 'ConflictError' });
    expect(
      await ada.change(
        'changeMemberRole',
        { roomId, userId: bob.userId, role: 'OWNER' },
        'membership { role }',
      ),
    ).toMatchObject({ membership: { role: 'OWNER' } });
    expect(await ada.change('leaveRoom', { roomId })).toMatchObject({ __typename: 'LeaveRoomSuccess' });
    expect((await members(bob, roomId)).memberCount).toBe(3);
  });

  test('asking for what already is so succeeds and adds nothing to the log', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const roomId = await ada.createRoom('quiet');
    const joined = await bob.change('joinRoom', { roomId }, 'roomSeq membership { role }');
    expect(await bob.change('joinRoom', { roomId }, 'roomSeq membership { role }')).toEqual(joined);
    const added = await ada.change('addMembers', { roomId, userIds: [bob.userId] });
    expect(added.roomSeq).toBe(joined.roomSeq);
    const removed = await ada.change('removeMember', { roomId, userId: bob.userId });
    expect(await ada.change('removeMember', { roomId, userId: bob.userId })).toEqual(removed);
    const renamed = await ada.change('updateRoom', { roomId, name: 'quiet', description: 'as ever' });
    expect(await ada.change('updateRoom', { roomId, name: 'quiet', description: 'as ever' })).toEqual(
      renamed,
    );
    const archived = await ada.change('archiveRoom', { roomId }, 'roomSeq room { isArchived }');
    expect(await ada.change('archiveRoom', { roomId }, 'roomSeq room { isArchived }')).toEqual(archived);
  });

  test('who is not there cannot be added, and the path says which', async () => {
    const ada = await signUp(node, 'ada');
    const roomId = await ada.createRoom('lonely');
    expect(await ada.change('addMembers', { roomId, userIds: ['nonsense'] })).toMatchObject({
      code: 'NOT_FOUND',
      path: ['input', 'userIds', '0'],
    });
    const nobody = 'user_99999999';
    expect(await ada.change('addMembers', { roomId, userIds: [nobody] })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await ada.change('addMembers', { roomId, userIds: [] })).toMatchObject({
      code: 'VALIDATION',
      path: ['input', 'userIds'],
    });
  });

  test('an archived room can be read, not changed; a deleted one is gone', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const roomId = await ada.createRoom('old harbour');
    await bob.join(roomId);
    const { message } = await ada.say(roomId, 'goodbye');
    await ada.change('archiveRoom', { roomId });
    const conflict = { __typename: 'ConflictError' };
    expect(await bob.change('sendMessage', { roomId, text: 'wait', idempotencyKey: 'k' })).toMatchObject(
      conflict,
    );
    expect(await ada.change('editMessage', { messageId: message.id, text: 'au revoir' })).toMatchObject(
      conflict,
    );
    expect(await ada.change('updateRoom', { roomId, name: 'new harbour' })).toMatchObject(conflict);
    expect(await bob.change('deleteRoom', { roomId })).toMatchObject({ __typename: 'PermissionDeniedError' });
    expect(await ada.change('deleteRoom', { roomId }, 'roomId')).toEqual({
      __typename: 'DeleteRoomSuccess',
      roomId,
    });
    expect(
      (
        await ada.ask('query ($id: ID!) { room(id: $id) { id } viewer { rooms { nodes { id } } } }', {
          id: roomId,
        })
      ).data,
    ).toEqual({
      room: null,
      viewer: { rooms: { nodes: [] } },
    });
  });
});

test('somebody who joins while being renamed is met under the new name', async () => {
  const { ada, bob } = await signUpAll(node, 'ada', 'bob');
  const roomId = await bob.createRoom('hall');
  const feed = await bob.watch(roomId);
  await feed.next('StreamReady');
  const userId = numberIn(ada.userId);
  const client = new pg.Client(database.url);
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT rename_user($1, $2)', [userId, 'Dr. Ada']);
    const joined = ada.join(roomId);
    // It waits for the renaming; otherwise the room would keep the old name.
    const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
    await expect.poll(async () => (await client.query(waiting)).rowCount).toBe(1);
    await client.query('COMMIT');
    await joined;
  } finally {
    await client.end();
  }
  expect((await feed.next('MemberJoined'))['membership'].user.displayName).toBe('Dr. Ada');
  feed.close();
});

describe('direct rooms', () => {
  test('one room per set of people, also when all of them open it at once', async () => {
    const { ada, bob, cyd } = await signUpAll(node, 'ada', 'bob', 'cyd');
    const open = (person: Person, ...others: Person[]) =>
      person.change(
        'openDirectRoom',
        { userIds: others.map((other) => other.userId) },
        'room { id kind name }',
      );
    const all = await Promise.all([
      open(ada, bob, cyd),
      open(bob, cyd, ada),
      open(cyd, ada, bob),
      open(ada, cyd, bob),
      open(bob, ada, cyd),
    ]);
    expect(new Set(all.map(({ room }) => room.id)).size).toBe(1);
    expect(all[0].room).toMatchObject({ kind: 'DIRECT', name: null });
    expect((await open(ada, bob)).room.id).not.toBe(all[0].room.id);
    expect((await open(ada)).room.kind).toBe('DIRECT');
  });

  test('the other side hears of it with the first message; nobody is added, removed or leaves', async () => {
    const { ada, bob, eve } = await signUpAll(node, 'ada', 'bob', 'eve');
    const inbox = await bob.watchInbox();
    await inbox.next('StreamReady');
    const { room } = await ada.change('openDirectRoom', { userIds: [bob.userId] }, 'room { id }');
    expect(
      (
        await bob.ask('query ($id: ID!) { room(id: $id) { id } viewer { rooms { nodes { id } } } }', {
          id: room.id,
        })
      ).data,
    ).toEqual({
      room: null,
      viewer: { rooms: { nodes: [] } },
    });
    await ada.say(room.id, 'psst');
    expect((await inbox.next('RoomAccessGranted'))['room'].id).toBe(room.id);
    expect(await inbox.texts(1)).toEqual(['psst']);
    const conflict = { __typename: 'ConflictError' };
    expect(await ada.change('addMembers', { roomId: room.id, userIds: [eve.userId] })).toMatchObject({
      __typename: expect.stringMatching(/Conflict|PermissionDenied/),
    });
    expect(await bob.change('leaveRoom', { roomId: room.id })).toMatchObject(conflict);
    expect((await members(bob, room.id)).memberCount).toBe(2);
    inbox.close();
  });

  test('opening one that exists shows that one and no other', async () => {
    const { ada, bob, cyd } = await signUpAll(node, 'ada', 'bob', 'cyd');
    const open = (person: Person, other: Person) =>
      person.change('openDirectRoom', { userIds: [other.userId] }, 'room { id } roomSeq');
    await open(ada, bob);
    const { room } = await open(cyd, bob);
    expect(await open(bob, cyd)).toMatchObject({ room, roomSeq: 3 });
    const { data } = await bob.ask('{ viewer { rooms { nodes { id } } } }');
    expect(data.viewer.rooms.nodes).toEqual([room]);
  });

  test('at most ten people', async () => {
    const ada = await signUp(node, 'ada');
    const userIds = Array.from({ length: 10 }, (_, i) => `user_${900_000 + i}`);
    expect(await ada.change('openDirectRoom', { userIds })).toMatchObject({
      code: 'VALIDATION',
      path: ['input', 'userIds'],
    });
  });
});
