import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadRevisions } from '../packages/client/src/revisions.ts';
import { MAX_REVISIONS } from '../src/revisions/revisions.ts';
import type { TestDatabase } from './harness/database.ts';
import { createDatabase, execute, queryRows } from './harness/database.ts';
import { openFeed } from './harness/feed.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';
import { Device } from './harness/sdk.ts';

let database: TestDatabase;
let node: TestNode;
let people: Record<'ada' | 'bob' | 'cyd' | 'eve', Person>;
let roomId: string;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({
    databaseUrl: database.url,
    env: { CHANGES_PER_SECOND: '10000', CHANGES_BURST: '10000' },
  });
  people = await signUpAll(node, 'ada', 'bob', 'cyd', 'eve');
  roomId = await people.ada.createRoom('the hall');
  for (const person of [people.bob, people.cyd]) await person.join(roomId);
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

const edit = (by: Person, messageId: string, text: string) => by.change('editMessage', { messageId, text });

/** A message of bob with the texts `first`, `second` and `third`. */
async function edited(): Promise<string> {
  const { message } = await people.bob.say(roomId, 'first');
  await edit(people.bob, message.id, 'second');
  await edit(people.bob, message.id, 'third');
  return message.id;
}

const REVISIONS = `query ($id: ID!, $first: Int, $after: String) { node(id: $id) { ... on Message {
  revisions(first: $first, after: $after) { nodes { version text replacedAt } pageInfo { hasNextPage endCursor } } } } }`;

async function revisionsFor(person: Person, id: string, page: object = {}) {
  const { data, errors } = await person.ask(REVISIONS, { id, ...page });
  expect(errors).toEqual([]);
  return data.node && data.node.revisions;
}

const textsFor = async (person: Person, id: string) =>
  (await revisionsFor(person, id))?.nodes.map(({ text }: { text: string }) => text);

test('the author and moderators read the earlier texts, other members and strangers do not', async () => {
  const id = await edited();
  expect(await textsFor(people.bob, id)).toEqual(['second', 'first']);
  expect(await textsFor(people.ada, id)).toEqual(['second', 'first']);
  expect(await revisionsFor(people.cyd, id)).toBeNull();
  expect(await revisionsFor(people.eve, id)).toBeNull();
});

test('a page goes on where the last one ended, also when the message is edited meanwhile', async () => {
  const id = await edited();
  const first = await revisionsFor(people.bob, id, { first: 1 });
  expect(first).toMatchObject({ nodes: [{ version: 2, text: 'second' }], pageInfo: { hasNextPage: true } });
  await edit(people.bob, id, 'fourth');
  const next = await revisionsFor(people.bob, id, { first: 1, after: first.pageInfo.endCursor });
  expect(next).toMatchObject({ nodes: [{ version: 1, text: 'first' }], pageInfo: { hasNextPage: false } });
  const other = await edited();
  const { errors } = await people.bob.ask(REVISIONS, { id: other, after: first.pageInfo.endCursor });
  expect(errors[0]?.extensions.code).toBe('VALIDATION');
});

test('who left, and the author who lost the room, reads nothing', async () => {
  const id = await edited();
  await people.bob.change('leaveRoom', { roomId });
  expect((await revisionsFor(people.bob, id)) ?? null).toBeNull();
  await people.bob.join(roomId);
  expect(await textsFor(people.bob, id)).toEqual(['second', 'first']);
});

test('deleting a message leaves none of its texts in the database', async () => {
  const id = await edited();
  const kept = await edited();
  await people.ada.change('deleteMessage', { messageId: id });
  expect(await revisionsFor(people.bob, id)).toBeNull();
  expect(await textsFor(people.bob, kept)).toEqual(['second', 'first']);
  const [room, seq] = id.split('_').slice(1);
  const rows = (table: string) =>
    queryRows<{ text: string | null }>(
      database.url,
      `SELECT text FROM ${table} WHERE room_id = $1 AND room_seq = $2`,
      [room, seq],
    );
  expect(await rows('message_revisions')).toEqual([]);
  expect(await rows('messages')).toEqual([{ text: null }]);
});

test(`of many edits the last ${MAX_REVISIONS} texts are kept`, async () => {
  const { message } = await people.bob.say(roomId, 'a text that nobody keeps');
  const [room, seq] = message.id.split('_').slice(1);
  // As after so many edits, which would take longer.
  await execute(
    database.url,
    `WITH m AS (UPDATE messages SET version = ${MAX_REVISIONS} WHERE room_id = ${room} AND room_seq = ${seq} RETURNING *)
     INSERT INTO message_revisions SELECT m.room_id, m.room_seq, v, 'text ' || v, now(), m.author_id
     FROM m, generate_series(1, ${MAX_REVISIONS - 1}) AS v`,
  );
  for (const text of ['one more', 'and one']) await edit(people.bob, message.id, text);
  const found = await revisionsFor(people.bob, message.id, { first: 100 });
  const versions = found.nodes.map(({ version }: { version: number }) => version);
  expect([versions.length, versions[0], versions.at(-1)]).toEqual([MAX_REVISIONS, MAX_REVISIONS + 1, 2]);
});

test('a subscription cannot select them', async () => {
  const query = `subscription ($id: ID!) { room(id: $id) { ... on MessageEdited { message { revisions { nodes { text } } } } } }`;
  const feed = await openFeed(node.wsUrl, people.bob.token, query, { id: roomId }, 'room');
  await expect(feed.next()).rejects.toThrow(/revisions/);
});

test('a client loads them all', async () => {
  const id = await edited();
  const [own, other] = [new Device(node.url), new Device(node.url)];
  await Promise.all([own.signIn(people.bob), other.signIn(people.cyd)]);
  const texts = (await loadRevisions(own.client, id))?.map(({ text }) => text);
  expect(texts).toEqual(['second', 'first']);
  expect(await loadRevisions(other.client, id)).toBeNull();
  await Promise.all([own, other].map(({ client }) => client.close()));
});
