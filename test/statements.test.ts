import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachedCases, capabilityCases, satelliteCases, storedRows } from './capabilities/all.ts';
import { sayPoll } from './capabilities/polls.ts';
import { createDatabase, execute, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp } from './harness/people.ts';

// What an operation costs in statements does not grow with the page, the members or the history.

let database: TestDatabase;
let node: TestNode;
let ada: Person;
const rooms: string[] = [];
const people: Person[] = [];

beforeAll(async () => {
  database = await createDatabase();
  for (const rows of storedRows) await execute(database.url, rows);
  const env = {
    POSTS_PER_SECOND: '10000',
    POSTS_BURST: '10000',
    CHANGES_PER_SECOND: '1000',
    HEAD_CHECK_MS: '10000',
  };
  const first = await startNode({ databaseUrl: database.url, env });
  ada = await signUp(first, 'ada');
  for (let i = 0; i < 12; i++) people.push(await signUp(first, `member${i}`));
  for (let i = 0; i < 12; i++) {
    const roomId = await ada.createRoom(`room ${i}`);
    rooms.push(roomId);
    await ada.change('addMembers', { roomId, userIds: people.map((person) => person.userId) });
    let replyToId: string | undefined;
    for (let n = 0; n < 30; n++) {
      const author = n % 3 ? (people[n % 12] as Person) : ada;
      const quote = replyToId ? { replyToId } : {};
      const { message } = await (i === 0
        ? sayPoll(author, roomId, `line ${n}`, quote)
        : author.say(roomId, `line ${n}`, quote));
      replyToId = message.id;
      if (i === 0)
        for (const { attach } of attachedCases)
          for (const nth of [0, 1]) await attach(n % 2 ? author : ada, message.id, nth);
      if (i === 0) for (const { beneath } of capabilityCases) await beneath?.(author, roomId, message.id);
    }
  }
  await first.stop();
  // In its first minute a node does not look for what is obsolete.
  node = await startNode({ databaseUrl: database.url, env });
  ada = ada.via(node);
  people.push(...people.splice(0).map((person) => person.via(node)));
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

/** Statements for requests, not those that the node sends by itself. */
async function counted(): Promise<number> {
  const metrics = await node.metrics();
  return ['read', 'posts', 'write', 'prisma'].reduce(
    (sum, pool) => sum + (metrics[`parley_sql_statements_total{pool="${pool}"}`] ?? 0),
    0,
  );
}

async function costOf(query: string, variables: object = {}): Promise<number> {
  const before = await counted();
  const { errors } = await ada.ask(query, variables);
  expect(errors).toEqual([]);
  return (await counted()) - before;
}

const message =
  'id seq text author { displayName } replyTo { text author { username } } room { name viewerMembership { role } }';

test.each([
  [
    'history',
    `query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { ${message} } } } }`,
    6,
  ],
  [
    'a page of a history with its authors',
    'query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { pageInfo { startCursor hasPreviousPage } edges { cursor node { seq text author { displayName } } } } } }',
    1,
  ],
  [
    'members',
    'query ($id: ID!, $n: Int!) { room(id: $id) { members(first: $n) { nodes { role user { displayName } } } } }',
    5,
  ],
  [
    'the log',
    `query ($id: ID!, $n: Int!) { room(id: $id) { events(first: $n) { nodes { roomSeq actor { displayName } ... on MessageCreated { message { ${message} } } } } } }`,
    9,
  ],
  [
    'my rooms',
    'query ($n: Int!) { viewer { rooms(first: $n) { nodes { name memberCount lastMessageSeq viewerMembership { readSeq } } } } }',
    3,
  ],
  [
    'my rooms with what is in them',
    `query ($n: Int!) { viewer { inboxCursor rooms(first: $n) { nodes { name cursor members(first: 3) { nodes { user { displayName } } }
      messages(last: 3) { nodes { ${message} } } events(first: 2) { nodes { roomSeq } } } } } }`,
    13,
  ],
  [
    'the directory',
    'query ($n: Int!) { rooms(first: $n) { nodes { name memberCount viewerMembership { role } } } }',
    3,
  ],
  ...capabilityCases.flatMap(({ pages = [] }) => pages),
] as const)('%s: as many statements for a large page as for a small one', async (_what, query, most) => {
  const cost = (n: number) => costOf(query, { n, ...(query.includes('$id') && { id: rooms[0] }) });
  const [small, large] = [await cost(2), await cost(12)];
  expect(large).toBeLessThanOrEqual(most);
  // Loads of different depths may or may not meet in one batch, so it may even be fewer.
  expect(large).toBeLessThanOrEqual(small);
});

test.each([
  [
    'messages around dates',
    (i: number) => `messages(first: 1, around: { date: "20${10 + i}-01-01T00:00:00Z" })`,
    3,
  ],
  ['messages around numbers', (i: number) => `messages(first: 2, around: { seq: ${i} })`, 2],
  ['the first and last members', (i: number) => `members(${i % 2 ? 'first' : 'last'}: ${i + 1})`, 3],
  ['logs', (i: number) => `events(first: ${i + 1})`, 4],
])('%s, of many rooms and pages: as many statements as for one', async (_what, page, most) => {
  const pages = Array.from({ length: 20 }, (_, i) => `a${i}: ${page(i)} { edges { cursor } }`).join(' ');
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Room { ${pages} } } }`;
  expect(await costOf(query, { ids: rooms })).toBeLessThanOrEqual(most);
});

test('a page of 50 with everything that is attached to its messages', async () => {
  const attached = satelliteCases.map(({ selection }) => selection).join(' ');
  const thread = 'thread { title replyCount lastReplyAt participants { displayName } }';
  const query = `query ($id: ID!) { room(id: $id) { messages(last: 50) { nodes {
    text author { displayName } pinnedBy { displayName } mentions { displayName } ${attached} ${thread} } } } }`;
  await costOf(query, { id: rooms[0] });
  // The page, what is attached, and the people whom that names.
  expect(await costOf(query, { id: rooms[0] })).toBeLessThanOrEqual(3);
});

test('many nodes by id: a statement or two per type, not per node', async () => {
  const query =
    'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Room { name } ... on User { displayName } } }';
  const few = await costOf(query, { ids: [rooms[0], people[0]?.userId] });
  const many = await costOf(query, { ids: [...rooms, ...people.map((person) => person.userId)] });
  expect(many).toBe(few);
});

test('a post is one statement', async () => {
  const send = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { ... on SendMessageSuccess { roomSeq message { text seq } } } }`;
  await costOf(send, { input: { roomId: rooms[0], text: 'warm', idempotencyKey: 'warm' } });
  expect(await costOf(send, { input: { roomId: rooms[0], text: 'hi', idempotencyKey: 'one' } })).toBe(1);
});

test('a post shows what is attached to it without reading', async () => {
  const selection = satelliteCases.map((satellite) => satellite.selection).join(' ');
  const send = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { ... on SendMessageSuccess { message { ${selection} } } } }`;
  const post = (key: string) =>
    costOf(send, { input: { roomId: rooms[0], text: 'hi', idempotencyKey: key } });
  await post('attached, warm');
  expect(await post('attached, one')).toBe(1);
});

test.each(attachedCases)('$event is one statement, and its event none', async ({ attach, event }) => {
  const { message } = await sayPoll(ada, rooms[1] as string, 'attach');
  const feed = await (people[0] as Person).watch(rooms[1] as string);
  await feed.next('StreamReady');
  const before = await counted();
  await attach(ada, message.id);
  await feed.next(event);
  expect((await counted()) - before).toBe(1);
  feed.close();
});

test('an event costs the same statements for one subscriber as for twelve', async () => {
  const cost = async (watchers: number) => {
    const feeds = await Promise.all(
      people.slice(0, watchers).map((person) => person.watch(rooms[1] as string)),
    );
    for (const feed of feeds) await feed.next('StreamReady');
    const before = await counted();
    await ada.say(rooms[1] as string, 'to all');
    for (const feed of feeds) await feed.next('MessageCreated');
    const spent = (await counted()) - before;
    for (const feed of feeds) feed.close();
    return spent;
  };
  expect(await cost(12)).toBe(await cost(1));
});
