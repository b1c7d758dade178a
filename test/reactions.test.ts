import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { messageSatellites } from '../src/capabilities.ts';
import { eraseFromMessages } from '../src/messages/satellites.ts';
import { MAX_EMOJI } from '../src/reactions/reactions.ts';
import { MAX_KNOWN_REACTORS } from '../src/reactions/store.ts';
import { schema } from '../src/schema.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';
import { openServices } from './harness/services.ts';

let database: TestDatabase;
let node: TestNode;
let far: TestNode;
let people: Record<'ada' | 'bob' | 'cyd', Person>;
let roomId: string;

const env = {
  POSTS_PER_SECOND: '10000',
  CHANGES_PER_SECOND: '10000',
  CHANGES_BURST: '10000',
  REGISTRATIONS_PER_HOUR: '1000',
  HEAD_CHECK_MS: '10000',
};

beforeAll(async () => {
  database = await createDatabase();
  const options = { databaseUrl: database.url, redisUrl: inject('redisUrl'), env };
  [node, far] = await Promise.all([startNode(options), startNode(options)]);
  people = await signUpAll(node, 'ada', 'bob', 'cyd');
  roomId = await people.ada.createRoom('the hall');
  await people.bob.join(roomId);
});

afterAll(async () => {
  await Promise.all([node?.stop(), far?.stop()]);
  await database?.drop();
});

const GROUP = 'reactionGroup { emoji count viewerHasReacted } roomSeq';
const add = (by: Person, messageId: string, emoji: string) =>
  by.change('addReaction', { messageId, emoji }, GROUP);
const remove = (by: Person, messageId: string, emoji: string) =>
  by.change('removeReaction', { messageId, emoji }, GROUP);
const say = async (text = 'well?') => (await people.ada.say(roomId, text)).message.id;

async function reactionsFor(person: Person, messageId: string) {
  const query =
    'query ($id: ID!) { node(id: $id) { ... on Message { reactions { emoji count viewerHasReacted } } } }';
  return (await person.ask(query, { id: messageId })).data.node.reactions;
}

/** The rows of a message, counted by emoji, and the stored groups. */
async function stored(messageId: string) {
  const [room, seq] = messageId.split('_').slice(1).map(Number);
  const rows = await queryRows<{ emoji: string; count: number }>(
    database.url,
    'SELECT emoji, count(*)::int AS count FROM reactions WHERE room_id = $1 AND room_seq = $2 GROUP BY emoji ORDER BY emoji',
    [room, seq],
  );
  const groups = await queryRows<{ emoji: string; count: number }>(
    database.url,
    'SELECT emoji, count FROM reaction_groups WHERE room_id = $1 AND room_seq = $2 ORDER BY emoji',
    [room, seq],
  );
  return { rows, groups };
}

describe('reacting', () => {
  test('adds to a group, in the order of first reactions, and tells each viewer whether they did', async () => {
    const { ada, bob } = people;
    const id = await say();
    expect(await add(ada, id, '👍')).toMatchObject({
      __typename: 'AddReactionSuccess',
      reactionGroup: { emoji: '👍', count: 1, viewerHasReacted: true },
    });
    await add(bob, id, '🎉');
    await add(bob, id, '👍');
    expect(await reactionsFor(ada, id)).toEqual([
      { emoji: '👍', count: 2, viewerHasReacted: true },
      { emoji: '🎉', count: 1, viewerHasReacted: false },
    ]);
  });

  test('twice is one event, and removing what is not there is none', async () => {
    const { ada, bob } = people;
    const id = await say();
    const feed = await bob.watch(roomId);
    await feed.next('StreamReady');
    const [first, second] = await Promise.all([add(ada, id, '👍'), add(ada, id, '👍')]);
    expect([first.reactionGroup.count, second.reactionGroup.count]).toEqual([1, 1]);
    expect(await remove(bob, id, '👍')).toMatchObject({
      reactionGroup: { count: 1, viewerHasReacted: false },
    });
    expect(await remove(ada, id, '👍')).toMatchObject({
      reactionGroup: { count: 0, viewerHasReacted: false },
    });
    expect(await remove(ada, id, '👍')).toMatchObject({ reactionGroup: { count: 0 } });
    await say('the end');
    const kinds = (await feed.events(3)).map(({ __typename }) => __typename);
    expect(kinds).toEqual(['ReactionsChanged', 'ReactionsChanged', 'MessageCreated']);
    expect(await stored(id)).toEqual({ rows: [], groups: [] });
    feed.close();
  });

  test('at once by many, in every order, leaves groups that count their rows', async () => {
    const id = await say();
    const members = Object.values(await signUpAll(node, 'one', 'two', 'three', 'four'));
    await Promise.all(members.map((person) => person.join(roomId)));
    const changes = members.flatMap((person, i) =>
      ['👍', '🎉', '❤️'].flatMap((emoji, n) => [
        add(person, id, emoji),
        ...((i + n) % 2 ? [remove(person, id, emoji), remove(person, id, emoji)] : []),
      ]),
    );
    await Promise.all(changes);
    const { rows, groups } = await stored(id);
    expect(groups).toEqual(rows);
  });

  test.each([
    ['❤', '❤️'],
    ['❤️', '❤️'],
    ['🏳️‍🌈', '🏳️‍🌈'],
    ['👍🏽', '👍🏽'],
    ['🇪🇺', '🇪🇺'],
    ['1️⃣', '1️⃣'],
    ['👨‍👩‍👧‍👦', '👨‍👩‍👧‍👦'],
  ])('%s is one emoji', async (emoji, shown) => {
    expect(await add(people.ada, await say(), emoji)).toMatchObject({
      reactionGroup: { emoji: shown, count: 1 },
    });
  });

  test.each(['', ' ', 'a', ':+1:', '👍👍', '👍 ', '1', '🇪', '\u200d', '👍\u0000', 'x'.repeat(99)])(
    '%j is none',
    async (emoji) => {
      expect(await people.ada.change('addReaction', { messageId: await say(), emoji })).toMatchObject({
        __typename: 'ValidationError',
        path: ['input', 'emoji'],
      });
    },
  );

  test(`more than ${MAX_EMOJI} different emoji are a conflict; those that are there can be joined`, async () => {
    const { ada, bob } = people;
    const id = await say();
    const emoji = Array.from({ length: MAX_EMOJI + 1 }, (_, i) => String.fromCodePoint(0x1f600 + i));
    for (const each of emoji.slice(0, MAX_EMOJI)) await add(ada, id, each);
    expect(await add(ada, id, emoji[MAX_EMOJI] as string)).toMatchObject({
      __typename: 'ConflictError',
      path: ['input', 'emoji'],
    });
    expect(await add(bob, id, emoji[0] as string)).toMatchObject({ reactionGroup: { count: 2 } });
    await remove(ada, id, emoji[1] as string);
    expect(await add(ada, id, emoji[MAX_EMOJI] as string)).toMatchObject({ reactionGroup: { count: 1 } });
  });

  test('is listed by page, in one order', async () => {
    const { ada, bob } = people;
    const id = await say();
    for (const person of [bob, ada]) await add(person, id, '👀');
    const query = `query ($id: ID!, $after: String) { node(id: $id) { ... on Message { reactions {
      reactors(first: 1, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } } } }`;
    const pageAfter = async (after: string | null) =>
      (await ada.ask(query, { id, after })).data.node.reactions[0].reactors;
    const first = await pageAfter(null);
    const second = await pageAfter(first.pageInfo.endCursor);
    expect([first.nodes, second.nodes]).toEqual([[{ id: ada.userId }], [{ id: bob.userId }]]);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
  });
});

describe('who may react', () => {
  const setMembership = (person: Person, room: string, change: string) =>
    queryRows(database.url, `UPDATE memberships SET ${change} WHERE room_id = $1 AND user_id = $2`, [
      numberIn(room),
      numberIn(person.userId),
    ]);

  test.each([
    ['a timeout', "timeout_until = now() + interval '1 hour'"],
    ['a role that may not write', 'permission_bits = 0'],
  ])('not a member with %s, who may still take back a reaction', async (_what, change) => {
    const { ada, bob } = people;
    const room = await ada.createRoom('quiet');
    await bob.join(room);
    const { message } = await ada.say(room, 'hush');
    await add(bob, message.id, '👍');
    await setMembership(bob, room, change);
    expect((await add(bob, message.id, '🎉')).__typename).toBe('PermissionDeniedError');
    expect(await remove(bob, message.id, '👍')).toMatchObject({ reactionGroup: { count: 0 } });
  });

  test('nobody outside of the room, nor in an archived one, nor to a deleted or unknown message', async () => {
    const { ada, bob, cyd } = people;
    const room = await ada.createRoom('closed', 'PRIVATE');
    const { message } = await ada.say(room, 'the last word');
    const doomed = await ada.say(room, 'gone soon');
    await ada.change('deleteMessage', { messageId: doomed.message.id });
    for (const act of [add, remove]) {
      expect((await act(cyd, message.id, '👍')).__typename).toBe('NotFoundError');
      expect((await act(ada, 'nonsense', '👍')).__typename).toBe('NotFoundError');
      expect((await act(ada, message.id.replace(/\d+$/, '999'), '👍')).__typename).toBe('NotFoundError');
    }
    expect((await add(ada, doomed.message.id, '👍')).__typename).toBe('ConflictError');
    await ada.change('archiveRoom', { roomId: room });
    for (const act of [add, remove])
      expect((await act(ada, message.id, '👍')).__typename).toBe('ConflictError');
    expect((await add(bob, message.id, '👍')).__typename).toBe('NotFoundError');
  });
});

describe('in a stream', () => {
  const WATCH = `subscription ($id: ID!) { room(id: $id) { __typename ... on ReactionsChanged { roomSeq actor { id }
    message { id reactions { emoji count viewerHasReacted } } reactionGroup { emoji count viewerHasReacted } } } }`;
  const watch = (person: Person) => openFeed(far.wsUrl, person.token, WATCH, { id: roomId }, 'room');

  test('each viewer is told their own, by one execution and without a statement about the event', async () => {
    const { ada, bob } = people;
    const id = await say();
    const narrow = WATCH.replace('reactions { emoji count viewerHasReacted }', '');
    const feeds = await Promise.all(
      [ada, bob].map((person) => openFeed(far.wsUrl, person.token, narrow, { id: roomId }, 'room')),
    );
    for (const feed of feeds) await feed.next('StreamReady');
    const before = await far.metrics();
    await add(bob, id, '👍');
    const shown = await Promise.all(feeds.map((feed) => feed.next('ReactionsChanged')));
    expect(shown.map((item) => item['reactionGroup'])).toEqual([
      { emoji: '👍', count: 1, viewerHasReacted: false },
      { emoji: '👍', count: 1, viewerHasReacted: true },
    ]);
    expect(shown[0]?.['actor']).toEqual({ id: bob.userId });
    const after = await far.metrics();
    const grown = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
    expect(grown('parley_executions_total{scope="shared"}')).toBe(1);
    expect(grown('parley_executions_total{scope="viewer"}')).toBe(0);
    expect(grown('parley_sql_statements_total{pool="read"}')).toBe(0);
    for (const feed of feeds) feed.close();
  });

  test('the message has all groups', async () => {
    const { ada, bob } = people;
    const id = await say();
    await add(ada, id, '🎉');
    const feed = await watch(bob);
    await feed.next('StreamReady');
    await add(bob, id, '👍');
    expect((await feed.next('ReactionsChanged'))['message'].reactions).toEqual([
      { emoji: '🎉', count: 1, viewerHasReacted: false },
      { emoji: '👍', count: 1, viewerHasReacted: true },
    ]);
    feed.close();
  });

  test(`beyond ${MAX_KNOWN_REACTORS} reactors only the actor is told; a page knows exactly`, async () => {
    const { ada, bob } = people;
    const id = await say();
    const [room, seq] = id.split('_').slice(1).map(Number);
    // Inserts reactions of many other users.
    await execute(
      database.url,
      `INSERT INTO reactions (room_id, room_seq, user_id, emoji) SELECT ${room}, ${seq}, 1000000 + n, '👍'
       FROM generate_series(1, ${MAX_KNOWN_REACTORS}) n`,
    );
    await execute(
      database.url,
      `INSERT INTO reaction_groups (room_id, room_seq, emoji, count, first_seq) VALUES (${room}, ${seq}, '👍', ${MAX_KNOWN_REACTORS}, 1)`,
    );
    const feeds = await Promise.all([ada, bob].map(watch));
    for (const feed of feeds) await feed.next('StreamReady');
    await add(bob, id, '👍');
    const shown = await Promise.all(feeds.map((feed) => feed.next('ReactionsChanged')));
    const count = MAX_KNOWN_REACTORS + 1;
    expect(shown.map((item) => item['reactionGroup'])).toEqual([
      { emoji: '👍', count, viewerHasReacted: null },
      { emoji: '👍', count, viewerHasReacted: true },
    ]);
    expect(await reactionsFor(ada, id)).toEqual([{ emoji: '👍', count, viewerHasReacted: false }]);
    expect(await reactionsFor(bob, id)).toEqual([{ emoji: '👍', count, viewerHasReacted: true }]);
    for (const feed of feeds) feed.close();
  });

  test('an event of a message that was deleted since shows an empty group', async () => {
    const { ada, bob } = people;
    const { cursor } = (await bob.ask('query ($id: ID!) { room(id: $id) { cursor } }', { id: roomId })).data
      .room;
    const id = await say();
    await add(bob, id, '👍');
    await ada.change('deleteMessage', { messageId: id });
    const query = WATCH.replace('$id: ID!', '$id: ID!, $after: Cursor').replace(
      'id: $id',
      'id: $id, after: $after',
    );
    const feed = await openFeed(far.wsUrl, bob.token, query, { id: roomId, after: cursor }, 'room');
    const shown = await feed.next('ReactionsChanged');
    expect(shown['reactionGroup']).toEqual({ emoji: '👍', count: 0, viewerHasReacted: false });
    expect(shown['message'].reactions).toEqual([]);
    feed.close();
  });
});

describe('what is attached to messages', () => {
  test('goes with the message', async () => {
    const { ada, bob } = people;
    const id = await say();
    await add(bob, id, '👍');
    const other = await say();
    await add(bob, other, '👍');
    await ada.change('deleteMessage', { messageId: id });
    expect(await stored(id)).toEqual({ rows: [], groups: [] });
    expect((await stored(other)).rows).toHaveLength(1);
    expect(await reactionsFor(bob, id)).toEqual([]);
  });

  test('goes with the erasure of a user, and an event tells of each group', async () => {
    const { ada } = people;
    const { leaver } = await signUpAll(node, 'leaver');
    await leaver.join(roomId);
    const id = await say();
    for (const emoji of ['👍', '🎉']) for (const person of [ada, leaver]) await add(person, id, emoji);
    await remove(ada, id, '🎉');
    await execute(database.url, `UPDATE users SET deleted_at = now() WHERE id = ${numberIn(leaver.userId)}`);
    const feed = await ada.watch(roomId);
    const { cursor } = await feed.next('StreamReady');
    feed.close();
    const services = await openServices(database.url, { REDIS_URL: inject('redisUrl') });
    expect(await eraseFromMessages(services.node.db.write, messageSatellites)).toBe(2);
    expect(await eraseFromMessages(services.node.db.write, messageSatellites)).toBe(0);
    await services.close();
    expect(await reactionsFor(ada, id)).toEqual([{ emoji: '👍', count: 1, viewerHasReacted: true }]);
    const events = await ada.ask(
      `query ($id: ID!, $after: String) { room(id: $id) { events(after: $after) { nodes { __typename actor { id }
        ... on ReactionsChanged { reactionGroup { emoji count } } } } } }`,
      { id: roomId, after: cursor },
    );
    expect(events.data.room.events.nodes).toEqual(
      expect.arrayContaining([
        { __typename: 'ReactionsChanged', actor: null, reactionGroup: { emoji: '👍', count: 1 } },
        { __typename: 'ReactionsChanged', actor: null, reactionGroup: { emoji: '🎉', count: 0 } },
      ]),
    );
  });

  test('has its tables in remove_satellites, and its fields on Message', () => {
    const source = (file: string) => readFileSync(`prisma/functions/${file}.sql`, 'utf8');
    const sql = `${source('messages/remove_satellites')} ${source('forwards/remove_forwards')}`;
    const inSql = [...sql.matchAll(/DELETE FROM (\w+)/g)].map(([, table]) => table ?? '');
    const tables = messageSatellites.flatMap((satellite) => satellite.tables);
    expect(inSql.toSorted()).toEqual(tables.toSorted());
    const type = schema.getType('Message');
    const fields = type && 'getFields' in type ? Object.keys(type.getFields()) : [];
    for (const field of messageSatellites.flatMap((satellite) => satellite.fields))
      expect(fields).toContain(field);
  });
});
