import { describe, expect, onTestFinished, test } from 'vitest';
import { RawSocket } from './harness/client.ts';
import { createDatabase, execute } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp } from './harness/people.ts';

const ROOMS = 40;
const WATCH = `subscription ($after: Cursor) { inbox(after: $after) { __typename
  ... on StreamReady { cursor replayedCount } ... on RoomEvent { cursor roomSeq room { id viewerPermissions } }
  ... on AccountEvent { cursor accountSeq } } }`;

async function ownNode(env: Record<string, string> = {}): Promise<TestNode & { databaseUrl: string }> {
  const database = await createDatabase();
  const node = await startNode({
    databaseUrl: database.url,
    env: { COST_BURST: '1000000', ...env },
  });
  onTestFinished(async () => {
    await node.stop();
    await database.drop();
  });
  return Object.assign(node, { databaseUrl: database.url });
}

async function makeRooms(person: Person, count: number): Promise<string[]> {
  const rooms: string[] = [];
  for (let i = 0; i < count; i++) rooms.push(await person.createRoom(`room ${i}`));
  return rooms;
}

const metric = async (node: TestNode, name: string) => (await node.metrics())[name] ?? 0;

async function watching(node: TestNode, person: Person, after: string | null = null): Promise<RawSocket> {
  const socket = await RawSocket.connect(node.wsUrl, person.token);
  socket.subscribe('1', WATCH, { after });
  await socket.item('1', 'StreamReady');
  return socket;
}

describe('the inbox streams of one person', () => {
  test('share one set of rooms on a node, and each gets everything', async () => {
    const node = await ownNode();
    const [ada, bob] = [await signUp(node, 'ada'), await signUp(node, 'bob')];
    const rooms = await makeRooms(ada, ROOMS);
    const streams: RawSocket[] = [];
    for (let i = 0; i < 10; i++) streams.push(await watching(node, ada));
    expect(await metric(node, 'parley_inbox_rooms')).toBe(ROOMS);
    await bob.join(rooms[0] as string);
    const bobs = await watching(node, bob);
    expect(await metric(node, 'parley_inbox_rooms')).toBe(ROOMS + 1);

    const said = [];
    for (const roomId of rooms) said.push((await ada.say(roomId, 'hello')).roomSeq);
    const late = await ada.createRoom('made later');
    await ada.say(late, 'hello');
    for (const stream of streams) {
      const heard = new Map<string, number>();
      while (heard.size < ROOMS + 1) {
        const item = await stream.item('1', 'MessageCreated');
        heard.set((item['room'] as { id: string }).id, item['roomSeq'] as number);
      }
      expect(rooms.map((roomId) => heard.get(roomId))).toEqual(said);
      expect(heard.get(late)).toBe(3);
    }
    expect(await metric(node, 'parley_inbox_rooms')).toBe(ROOMS + 2);

    // One goes: the others stay. All go: nothing is left.
    streams.pop()?.close();
    await ada.say(late, 'still there?');
    await streams[0]?.item('1', 'MessageCreated');
    for (const stream of [...streams, bobs]) stream.close();
    await expect.poll(() => metric(node, 'parley_inbox_rooms')).toBe(0);
    await expect.poll(() => metric(node, 'parley_followed_rooms')).toBe(0);
  });

  test('resume each where it stood, beside those that are live', async () => {
    const node = await ownNode();
    const ada = await signUp(node, 'ada');
    const rooms = await makeRooms(ada, ROOMS);
    const live = await watching(node, ada);
    const cursors: string[] = [];
    for (const roomId of rooms) {
      await ada.say(roomId, 'hello');
      cursors.push((await live.item('1', 'MessageCreated'))['cursor'] as string);
    }
    for (const [i, after] of cursors.entries()) {
      const socket = await RawSocket.connect(node.wsUrl, ada.token);
      socket.subscribe('1', WATCH, { after });
      for (const _ of rooms.slice(i + 1))
        expect((await socket.item('1'))['__typename']).toBe('MessageCreated');
      expect(await socket.item('1')).toMatchObject({
        __typename: 'StreamReady',
        replayedCount: ROOMS - i - 1,
      });
      socket.close();
    }
    live.close();
  });

  test('follow rights and departures together, each in its own order', async () => {
    const node = await ownNode();
    const [ada, bob] = [await signUp(node, 'ada'), await signUp(node, 'bob')];
    const roomId = await ada.createRoom('shared');
    await bob.join(roomId);
    const streams = [await watching(node, bob), await watching(node, bob)];
    await ada.change('changeMemberRole', { roomId, userId: bob.userId, role: 'MODERATOR' });
    await ada.change('removeMember', { roomId, userId: bob.userId });
    await bob.join(roomId);
    await ada.say(roomId, 'welcome back');
    const kinds = [
      'MemberUpdated',
      'MemberLeft',
      'RoomAccessLost',
      'RoomAccessGranted',
      'MemberJoined',
      'MessageCreated',
    ];
    for (const stream of streams) {
      const heard: string[] = [];
      while (heard.at(-1) !== 'MessageCreated') heard.push((await stream.item('1')).__typename);
      expect(heard).toEqual(kinds);
      stream.close();
    }
  });

  test('that are opened at once are read together', async () => {
    const node = await ownNode({ HEAD_CHECK_MS: '10000' });
    const ada = await signUp(node, 'ada');
    await makeRooms(ada, ROOMS);
    const sockets = await Promise.all(
      Array.from({ length: 5 }, () => RawSocket.connect(node.wsUrl, ada.token)),
    );
    const before = await metric(node, 'parley_sql_statements_total{pool="tail"}');
    await Promise.all(
      sockets.map(async (socket) => {
        for (let i = 0; i < 20; i++) socket.subscribe(`${i}`, WATCH);
        for (let i = 0; i < 20; i++) await socket.next('next', `${i}`);
      }),
    );
    const statements = (await metric(node, 'parley_sql_statements_total{pool="tail"}')) - before;
    expect(statements).toBeLessThan(50);
    for (const socket of sockets) socket.close();
  });
});

test('opening an inbox costs by its rooms', async () => {
  const node = await ownNode({ COST_PER_SECOND: '1', COST_BURST: '10000' });
  const [ada, bob] = [await signUp(node, 'ada'), await signUp(node, 'bob')];
  await execute(
    node.databaseUrl,
    `SELECT create_room(u.id, 1::smallint, 'room ' || i, NULL, 'key ' || i, gen_random_uuid())
     FROM users u, generate_series(1, 500) i WHERE u.username = '${ada.username}'`,
  );
  /** The number of streams that a user can open before the limit. */
  const opened = async (person: Person) => {
    const socket = await RawSocket.connect(node.wsUrl, person.token);
    for (let i = 0; ; i++) {
      const { errors } = await socket.run(`${i}`, WATCH);
      if (!errors) continue;
      expect(errors).toEqual([
        expect.objectContaining({ extensions: { code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) } }),
      ]);
      return i;
    }
  };
  const [adas, bobs] = [await opened(ada), await opened(bob)];
  expect(adas).toBeGreaterThan(5);
  expect(adas).toBeLessThan(20);
  expect(bobs).toBeGreaterThan(60);
});
