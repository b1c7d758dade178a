import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_FOLDER_NAME as MAX_IN_CLIENT } from '../packages/client/src/reading.ts';
import { MAX_FOLDER_NAME } from '../src/receipts/folders.ts';
import { createDatabase, execute, type TestDatabase } from './harness/database.ts';
import { openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';

// The list of rooms: what is in it, in which order, and what the viewer has set.

let database: TestDatabase;
let node: TestNode;

beforeAll(async () => {
  database = await createDatabase();
  const env = { CHANGES_PER_SECOND: '10000', REGISTRATIONS_PER_HOUR: '1000' };
  node = await startNode({ databaseUrl: database.url, env });
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

const SET = 'accountSeq room { viewerMutedUntil viewerIsPinned viewerIsHidden }';
const set = (by: Person, roomId: string, wanted: object) =>
  by.change('updateRoomPreferences', { roomId, ...wanted }, SET);

async function list(person: Person, args = ''): Promise<string[]> {
  const { data, errors } = await person.ask(`{ viewer { rooms(first: 50 ${args}) { nodes { title } } } }`);
  expect(errors).toEqual([]);
  return data.viewer.rooms.nodes.map(({ title }: { title: string }) => title);
}

async function unread(person: Person) {
  return (await person.ask('{ viewer { unread { messages mentions rooms } } }')).data.viewer.unread;
}

/** Bob, and three rooms of Ada's that he is in; the last one named had the latest activity. */
async function threeRooms() {
  const { ada, bob } = await signUpAll(node, 'ada', 'bob');
  const rooms: Record<string, string> = {};
  for (const name of ['one', 'two', 'three']) {
    const roomId = await ada.createRoom(name);
    await bob.join(roomId);
    rooms[name] = roomId;
  }
  return { ada, bob, rooms: rooms as Record<'one' | 'two' | 'three', string> };
}

describe('rooms', () => {
  test('are listed by the latest activity, or pinned ones first, page by page', async () => {
    const { ada, bob, rooms } = await threeRooms();
    await ada.say(rooms.one, 'hello');
    expect(await list(bob)).toEqual(['one', 'three', 'two']);
    await set(bob, rooms.two, { isPinned: true });
    expect(await list(bob)).toEqual(['one', 'three', 'two']);
    expect(await list(bob, 'orderBy: PINNED_FIRST')).toEqual(['two', 'one', 'three']);
    const seen: string[] = [];
    for (let after: string | null = null, hasNext = true; hasNext; ) {
      const query =
        'query ($after: String) { viewer { rooms(first: 1, after: $after, orderBy: PINNED_FIRST) { nodes { title } pageInfo { endCursor hasNextPage } } } }';
      const { nodes, pageInfo }: any = (await bob.ask(query, { after })).data.viewer.rooms;
      seen.push(nodes[0].title);
      [after, hasNext] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(seen).toEqual(['two', 'one', 'three']);
    const back =
      '{ viewer { rooms(last: 2, orderBy: PINNED_FIRST) { nodes { title } pageInfo { hasPreviousPage } } } }';
    expect((await bob.ask(back)).data.viewer.rooms).toEqual({
      nodes: [{ title: 'one' }, { title: 'three' }],
      pageInfo: { hasPreviousPage: true },
    });
  });

  test('are filtered by what is unread, pinned, muted and hidden, and by their kind', async () => {
    const { ada, bob, rooms } = await threeRooms();
    await ada.say(rooms.one, 'hello');
    const { message } = await ada.say(rooms.two, 'taken back');
    await ada.change('deleteMessage', { messageId: message.id });
    await set(bob, rooms.two, { isPinned: true, isMuted: true });
    await set(bob, rooms.three, { isHidden: true });
    const filter = (text: string) => list(bob, `filter: { ${text} }`);
    expect(await filter('isUnread: true')).toEqual(['one']);
    expect(await filter('isUnread: false')).toEqual(['two', 'three']);
    expect(await filter('isPinned: true')).toEqual(['two']);
    expect(await filter('isMuted: false')).toEqual(['one', 'three']);
    expect(await filter('isHidden: false')).toEqual(['two', 'one']);
    expect(await filter('isHidden: true, kind: PUBLIC')).toEqual(['three']);
    expect(await filter('kind: DIRECT')).toEqual([]);
  });

  test('lie in folders that the viewer names, and a folder ends with its last room', async () => {
    const { bob, rooms } = await threeRooms();
    const folders = async () =>
      (await bob.ask('{ viewer { folders { name roomCount } } }')).data.viewer.folders;
    const move = (roomId: string, folder: string) =>
      bob.change('updateRoomPreferences', { roomId, folder }, 'room { viewerFolder }');
    expect(await move(rooms.one, '  Work ')).toMatchObject({ room: { viewerFolder: 'Work' } });
    await move(rooms.two, 'Work');
    await move(rooms.three, 'Home');
    expect(await folders()).toEqual([
      { name: 'Home', roomCount: 1 },
      { name: 'Work', roomCount: 2 },
    ]);
    expect(await list(bob, 'filter: { folder: "Work" }')).toEqual(['two', 'one']);
    expect(await move(rooms.three, '')).toMatchObject({ room: { viewerFolder: null } });
    expect(await list(bob, 'filter: { folder: "" }')).toEqual(['three']);
    expect(await folders()).toEqual([{ name: 'Work', roomCount: 2 }]);
    expect(MAX_IN_CLIENT).toBe(MAX_FOLDER_NAME);
    for (const name of ['a'.repeat(MAX_FOLDER_NAME + 1), '\u202eflipped', '\u200b'])
      expect(await move(rooms.one, name)).toMatchObject({ code: 'VALIDATION', path: ['input', 'folder'] });
  });

  test('that are hidden come back with the next message', async () => {
    const { ada, bob, rooms } = await threeRooms();
    await ada.say(rooms.one, 'hello');
    expect(await set(bob, rooms.one, { isHidden: true })).toMatchObject({ room: { viewerIsHidden: true } });
    expect(await list(bob, 'filter: { isHidden: false }')).not.toContain('one');
    await ada.say(rooms.one, 'again');
    expect(await list(bob, 'filter: { isHidden: false }')).toContain('one');
  });

  test('that are muted count for themselves, not in the sum', async () => {
    const { ada, bob, rooms } = await threeRooms();
    await ada.say(rooms.one, `@${bob.username}`);
    await ada.say(rooms.two, 'two');
    expect(await unread(bob)).toEqual({ messages: 2, mentions: 1, rooms: 2 });
    await set(bob, rooms.one, { isMuted: true });
    expect(await unread(bob)).toEqual({ messages: 1, mentions: 0, rooms: 1 });
    await set(bob, rooms.one, { mutedUntil: '2020-01-01T00:00:00Z' });
    expect(await unread(bob)).toEqual({ messages: 2, mentions: 1, rooms: 2 });
    const until = '2999-01-01T00:00:00.000Z';
    expect(await set(bob, rooms.one, { mutedUntil: until })).toMatchObject({
      room: { viewerMutedUntil: until },
    });
    // Its end is no event: it is noticed by the clock.
    await execute(
      database.url,
      `UPDATE memberships SET muted_until = now() - interval '1 second' WHERE room_id = ${numberIn(rooms.one)} AND user_id = ${numberIn(bob.userId)}`,
    );
    expect(await unread(bob)).toEqual({ messages: 2, mentions: 1, rooms: 2 });
  });

  test('have the last message, and a title that names the others where there is no name', async () => {
    const { ada, bob, cyd } = await signUpAll(node, 'ada', 'bob', 'cyd');
    const open = async (...others: Person[]) => {
      const userIds = others.map(({ userId }) => userId);
      return (await ada.change('openDirectRoom', { userIds }, 'room { id }')).room.id;
    };
    const [three, alone] = [await open(bob, cyd), await open()];
    const { message } = await ada.say(three, 'last');
    const nameOf = new Map<Person, string>();
    for (const person of [ada, bob, cyd]) {
      const { data } = await person.ask('{ viewer { user { displayName } } }');
      nameOf.set(person, data.viewer.user.displayName);
    }
    const look = async (person: Person, id: string) => {
      const query = 'query ($id: ID!) { room(id: $id) { title lastMessage { id text } } }';
      return (await person.ask(query, { id })).data.room;
    };
    const names = (...people: Person[]) => people.map((person) => nameOf.get(person)).join(', ');
    const byAccount = (...people: Person[]) =>
      people.toSorted((a, b) => numberIn(a.userId) - numberIn(b.userId));
    const shown = { id: message.id, text: 'last' };
    expect(await look(ada, three)).toEqual({ title: names(...byAccount(bob, cyd)), lastMessage: shown });
    expect(await look(bob, three)).toEqual({ title: names(...byAccount(ada, cyd)), lastMessage: shown });
    expect(await look(ada, alone)).toEqual({ title: names(ada), lastMessage: null });
    await ada.change('deleteMessage', { messageId: message.id });
    expect(await look(bob, three)).toMatchObject({ lastMessage: { id: message.id, text: null } });
  });
});

test('what is set reaches all devices, once, and numbers of events follow', async () => {
  const { ada, bob, rooms } = await threeRooms();
  const document = `subscription { inbox { __typename ... on AccountEvent { viewerUnread { messages rooms } }
    ... on RoomEvent { viewerUnread { messages rooms } room { title viewerIsHidden viewerIsPinned } }
    ... on RoomPreferencesChanged { room { viewerIsPinned viewerMutedUntil viewerIsHidden } } } }`;
  const feed = await openFeed(node.wsUrl, bob.token, document, {}, 'inbox');
  await feed.next('StreamReady');
  const first = await set(bob, rooms.one, { isMuted: true, isPinned: true, isHidden: true });
  expect(await set(bob, rooms.one, { isPinned: true })).toMatchObject({ accountSeq: first.accountSeq });
  expect(await feed.next('RoomPreferencesChanged')).toMatchObject({
    room: { viewerIsPinned: true, viewerIsHidden: true },
    viewerUnread: { messages: 0, rooms: 0 },
  });
  await ada.say(rooms.one, 'not counted');
  expect(await feed.next('MessageCreated')).toMatchObject({
    room: { title: 'one', viewerIsHidden: false, viewerIsPinned: true },
    viewerUnread: { messages: 0, rooms: 0 },
  });
  await set(bob, rooms.one, { isMuted: false });
  expect(await feed.next('RoomPreferencesChanged')).toMatchObject({
    viewerUnread: { messages: 1, rooms: 1 },
  });
  expect(feed.items.filter(({ __typename }) => __typename === 'RoomPreferencesChanged')).toHaveLength(2);
  feed.close();
});

test('strangers and contradictions are refused', async () => {
  const { rooms } = await threeRooms();
  const { eve } = await signUpAll(node, 'eve');
  expect(await set(eve, rooms.one, { isPinned: true })).toMatchObject({ __typename: 'NotFoundError' });
  await eve.join(rooms.one);
  const both = { isMuted: false, mutedUntil: '2999-01-01T00:00:00Z' };
  expect(await set(eve, rooms.one, both)).toMatchObject({
    __typename: 'ValidationError',
    path: ['input', 'mutedUntil'],
  });
});
