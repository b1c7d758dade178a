import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { cleanDrafts } from '../src/drafts/cleaning.ts';
import { MAX_DRAFTS } from '../src/drafts/drafts.ts';
import { MAX_TEXT } from '../src/messages/text.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { type Feed, type Item, openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';
import { openServices } from './harness/services.ts';

// Drafts: the same on all devices of their user, at any node, until the message with their key is stored.

let database: TestDatabase;
let one: TestNode;
let two: TestNode;
let people: Record<'ada' | 'bob' | 'cyd', Person>;
let roomId: string;

beforeAll(async () => {
  database = await createDatabase();
  const env = { POSTS_PER_SECOND: '10000', CHANGES_PER_SECOND: '10000', CHANGES_BURST: '10000' };
  const options = { databaseUrl: database.url, redisUrl: inject('redisUrl'), env };
  [one, two] = await Promise.all([startNode(options), startNode(options)]);
  people = await signUpAll(one, 'ada', 'bob', 'cyd');
  roomId = await people.ada.createRoom('the hall');
  await people.bob.join(roomId);
});

afterAll(async () => {
  await Promise.all([one?.stop(), two?.stop()]);
  await database?.drop();
});

const DRAFT = 'text version idempotencyKey threadRootId quotedMessage { id text }';

interface DraftInput {
  readonly roomId?: string;
  readonly text?: string;
  readonly threadRootId?: string;
  readonly quotedMessageId?: string;
  readonly idempotencyKey?: string;
  readonly expectedVersion?: number;
}

const save = (by: Person, input: DraftInput = {}) =>
  by.change(
    'saveDraft',
    { roomId, text: 'I think', idempotencyKey: randomUUID(), ...input },
    `accountSeq draft { ${DRAFT} }`,
  );
const remove = (by: Person, input: DraftInput = {}) =>
  by.change('deleteDraft', { roomId, ...input }, `accountSeq draft { ${DRAFT} }`);
const say = async (text = 'well?') => (await people.ada.say(roomId, text)).message.id as string;

async function draftsOf(person: Person) {
  const { data } = await person.ask(`{ viewer { drafts(first: 100) { nodes { ${DRAFT} room { id } } } } }`);
  return data.viewer.drafts.nodes as (Record<string, unknown> & { readonly text: string })[];
}
const textsOf = async (person: Person) => (await draftsOf(person)).map(({ text }) => text);

async function removeAll(person: Person): Promise<void> {
  await execute(database.url, `DELETE FROM drafts WHERE user_id = ${numberIn(person.userId)}`);
}

const INBOX = `subscription { inbox { __typename ... on AccountEvent { cursor accountSeq } ... on RoomEvent { cursor }
  ... on DraftChanged { roomId threadRootId draft { ${DRAFT} room { id } } }
  ... on MessageCreated { message { text idempotencyKey author { id } } } } }`;

async function follow(person: Person): Promise<Feed> {
  const feed = await openFeed(person.node.wsUrl, person.token, INBOX, {}, 'inbox');
  await feed.next('StreamReady');
  return feed;
}

test('a room and each of its threads have one draft, which only its user sees', async () => {
  const { ada, bob } = people;
  const [root, quoted] = [await say('a root'), await say('a quote')];
  const first = await save(bob);
  expect(first).toMatchObject({ draft: { text: 'I think', threadRootId: null, quotedMessage: null } });
  await save(bob, { threadRootId: root, text: 'in the thread' });
  const second = await save(bob, { text: '', quotedMessageId: quoted });
  expect(second.draft).toMatchObject({ text: '', quotedMessage: { id: quoted, text: 'a quote' } });
  expect(second.draft.version).toBe(second.accountSeq);
  expect(await textsOf(bob)).toEqual(['', 'in the thread']);
  expect(await draftsOf(ada)).toEqual([]);
  await remove(bob);
  expect(await textsOf(bob)).toEqual(['in the thread']);
  await remove(bob, { threadRootId: root });
  expect(await textsOf(bob)).toEqual([]);
});

test('a room and a thread show their draft, also before the thread has a reply, and to their user alone', async () => {
  const { ada, bob } = people;
  const root = await say('a root');
  const query = `query ($id: ID!, $root: ID!) { room(id: $id) { viewerDraft { text } }
    node(id: $root) { ... on Message { thread { viewerDraft { text } } } }
    viewer { drafts { nodes { thread { replyCount } threadRootId } } } }`;
  const shown = async (person: Person) => (await person.ask(query, { id: roomId, root })).data;
  await save(bob, { text: 'for the room' });
  await save(bob, { threadRootId: root, text: 'for the thread' });
  expect((await shown(bob)).viewer.drafts.nodes[0]).toEqual({ thread: null, threadRootId: root });
  const reply = { roomId, threadRootId: root, text: 'a reply', idempotencyKey: randomUUID() };
  const { message } = await ada.change('sendMessage', reply, 'message { id }');
  expect(await shown(bob)).toMatchObject({
    room: { viewerDraft: { text: 'for the room' } },
    node: { thread: { viewerDraft: { text: 'for the thread' } } },
    viewer: { drafts: { nodes: [{ thread: { replyCount: 1 } }, {}] } },
  });
  // A reply names the same thread.
  await save(bob, { threadRootId: message.id, text: 'the same thread' });
  expect(await textsOf(bob)).toEqual(['the same thread', 'for the room']);
  expect(await shown(ada)).toMatchObject({
    room: { viewerDraft: null },
    node: { thread: { viewerDraft: null } },
  });
  await removeAll(bob);
});

test('all devices get each change in order, at every node, and no other user does', async () => {
  const { ada, bob } = people;
  const feeds = await Promise.all([follow(bob), follow(bob.via(two))]);
  const other = await follow(ada);
  await save(bob, { text: 'I' });
  await save(bob.via(two), { text: 'I think' });
  await remove(bob);
  for (const feed of feeds) {
    // As of the event or later: the last one is exact.
    const [, , last] = [await feed.next('DraftChanged'), await feed.next('DraftChanged'), await feed.next()];
    expect(last).toMatchObject({ __typename: 'DraftChanged', roomId, threadRootId: null, draft: null });
  }
  await say('the end');
  await other.next('MessageCreated');
  expect(other.items.map(({ __typename }) => __typename)).not.toContain('DraftChanged');
  for (const feed of [...feeds, other]) feed.close();
});

test('saving the same again, and removing what is not there, succeeds without an event', async () => {
  const { bob } = people;
  const input = { idempotencyKey: 'again' };
  const { accountSeq } = await save(bob, input);
  expect(await save(bob, input)).toMatchObject({ accountSeq, draft: { version: accountSeq } });
  expect((await remove(bob)).accountSeq).toBe(accountSeq + 1);
  expect(await remove(bob)).toMatchObject({ accountSeq: accountSeq + 1, draft: null });
});

test('a version that is not the expected one is refused', async () => {
  const { bob } = people;
  const { draft } = await save(bob, { expectedVersion: 0 });
  expect(await save(bob, { expectedVersion: 0 })).toMatchObject({
    code: 'CONFLICT',
    path: ['input', 'expectedVersion'],
  });
  expect(await save(bob, { expectedVersion: draft.version })).toMatchObject({
    __typename: 'SaveDraftSuccess',
  });
  expect(await remove(bob, { expectedVersion: draft.version })).toMatchObject({ code: 'CONFLICT' });
  expect(await save(bob, { expectedVersion: -1 })).toMatchObject({ code: 'VALIDATION' });
  await removeAll(bob);
});

test('the message with its key ends a draft, in a room and in a thread; one with another key does not', async () => {
  const { bob } = people;
  const root = await say('a root');
  await save(bob, { idempotencyKey: 'mine', text: 'mine' });
  await bob.say(roomId, 'another', { idempotencyKey: 'other' });
  expect(await textsOf(bob)).toEqual(['mine']);
  await bob.via(two).say(roomId, 'mine', { idempotencyKey: 'mine' });
  expect(await textsOf(bob)).toEqual([]);
  expect(await save(bob, { idempotencyKey: 'mine', text: 'too late' })).toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
    path: ['input', 'idempotencyKey'],
  });
  await save(bob, { threadRootId: root, idempotencyKey: 'reply', text: 'a reply' });
  await bob.change('sendMessage', { roomId, threadRootId: root, idempotencyKey: 'reply', text: 'a reply' });
  expect(await textsOf(bob)).toEqual([]);
  // The place is free for the next one.
  expect(await save(bob, { text: 'the next', expectedVersion: 0 })).toMatchObject({
    draft: { text: 'the next' },
  });
  expect(await textsOf(bob)).toEqual(['the next']);
  await removeAll(bob);
});

test('the key of another user, or of another room, ends no draft', async () => {
  const { ada, bob } = people;
  const side = await bob.createRoom('a side room');
  await save(bob, { idempotencyKey: 'shared' });
  await ada.say(roomId, 'of ada', { idempotencyKey: 'shared' });
  await bob.say(side, 'of the side room', { idempotencyKey: 'shared' });
  expect(await textsOf(bob)).toEqual(['I think']);
  await removeAll(bob);
});

/** What a client makes of its inbox, by the rule in docs/protocol.md. */
function folded(items: readonly Item[], userId: string): Record<string, unknown>[] {
  const held = new Map<string, Record<string, unknown>>();
  for (const item of items) {
    if (item.__typename === 'DraftChanged') {
      const place = `${item['roomId']} ${item['threadRootId']}`;
      if (item['draft']) held.set(place, item['draft']);
      else held.delete(place);
    }
    if (item.__typename !== 'MessageCreated' || item['message'].author.id !== userId) continue;
    for (const [place, { idempotencyKey }] of held)
      if (idempotencyKey === item['message'].idempotencyKey) held.delete(place);
  }
  return [...held.values()].sort((a, b) => Number(b['version']) - Number(a['version']));
}

test('a save at one node beside the send of its key at another leaves no draft, for the server and for devices', async () => {
  const { bob } = people;
  const feeds = await Promise.all([follow(bob), follow(bob.via(two))]);
  for (let n = 0; n < 12; n++) {
    const idempotencyKey = randomUUID();
    await save(bob, { idempotencyKey, text: `draft ${n}` });
    const [saved] = await Promise.all([
      save(bob.via(two), { idempotencyKey, text: `late ${n}` }),
      bob.say(roomId, `draft ${n}`, { idempotencyKey }),
    ]);
    expect(['SaveDraftSuccess', 'IdempotencyConflictError']).toContain(saved.__typename);
  }
  expect(await textsOf(bob)).toEqual([]);
  // The same race with the key of another device: its draft stays.
  const [newer] = await Promise.all([save(bob.via(two), { text: 'newer' }), bob.say(roomId, 'older')]);
  await bob.say(roomId, 'the end');
  for (const feed of feeds) {
    while ((await feed.next('MessageCreated'))['message'].text !== 'the end');
    while (!feed.items.some(({ accountSeq }) => accountSeq === newer.accountSeq)) await feed.next();
    expect(folded(feed.items, bob.userId)).toEqual(await draftsOf(bob));
    expect(folded(feed.items, bob.userId)).toMatchObject([{ text: 'newer' }]);
    feed.close();
  }
  await removeAll(bob);
});

test('of many saves at two nodes at once, the one with the last number counts', async () => {
  const { bob } = people;
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => save(n % 2 ? bob : bob.via(two), { text: `save ${n}` })),
  );
  const numbers = answers.map(({ accountSeq }) => accountSeq as number);
  expect(new Set(numbers).size).toBe(20);
  const [draft] = await draftsOf(bob);
  expect(draft?.['version']).toBe(Math.max(...numbers));
  await removeAll(bob);
});

test('only what can be seen can be written to or quoted, and a text has its limits', async () => {
  const { bob, cyd } = people;
  const id = await say();
  const side = await people.ada.createRoom('another room', 'PRIVATE');
  const aside = (await people.ada.say(side, 'aside')).message.id as string;
  const refused = (code: string, argument: string) => ({ code, path: ['input', argument] });
  expect(await save(cyd)).toMatchObject(refused('NOT_FOUND', 'roomId'));
  expect(await remove(cyd)).toMatchObject(refused('NOT_FOUND', 'roomId'));
  expect(await save(bob, { roomId: side })).toMatchObject(refused('NOT_FOUND', 'roomId'));
  expect(await save(bob, { roomId: 'nowhere' })).toMatchObject(refused('NOT_FOUND', 'roomId'));
  for (const argument of ['threadRootId', 'quotedMessageId'])
    for (const message of [aside, 'nothing', id.replace(/\d+$/, '999999')])
      expect(await save(bob, { [argument]: message })).toMatchObject(refused('NOT_FOUND', argument));
  expect(await save(bob, { text: ' \n' })).toMatchObject(refused('VALIDATION', 'text'));
  expect(await save(bob, { text: 'x'.repeat(MAX_TEXT + 1) })).toMatchObject(refused('VALIDATION', 'text'));
  expect(await save(bob, { idempotencyKey: '' })).toMatchObject(refused('VALIDATION', 'idempotencyKey'));
  expect((await save(bob, { text: '🙂'.repeat(MAX_TEXT) })).__typename).toBe('SaveDraftSuccess');
  await removeAll(bob);
});

test('the number of drafts is limited; those that were sent do not count', async () => {
  const { bob } = people;
  await execute(
    database.url,
    `INSERT INTO drafts (user_id, room_id, root_seq, version, text, idempotency_key, updated_at)
     SELECT ${numberIn(bob.userId)}, ${numberIn(roomId)}, 100000 + n, -n, 'x', 'filling ' || n, now() FROM generate_series(1, ${MAX_DRAFTS}) n`,
  );
  expect(await save(bob)).toMatchObject({ code: 'CONFLICT' });
  await bob.say(roomId, 'sent', { idempotencyKey: 'filling 7' });
  expect(await save(bob)).toMatchObject({ __typename: 'SaveDraftSuccess' });
  expect(await save(bob, { text: 'the same place' })).toMatchObject({ __typename: 'SaveDraftSuccess' });
  expect(await save(bob, { threadRootId: await say() })).toMatchObject({ code: 'CONFLICT' });
  await removeAll(bob);
});

const rowsOf = (person: Person) =>
  queryRows(database.url, `SELECT 1 FROM drafts WHERE user_id = ${numberIn(person.userId)}`);

test('a draft is removed when its user leaves the room, is removed from it, or the room is deleted', async () => {
  const { ada, bob } = people;
  for (const end of [
    (id: string) => bob.change('leaveRoom', { roomId: id }),
    (id: string) => ada.change('removeMember', { roomId: id, userId: bob.userId }),
    (id: string) => ada.change('deleteRoom', { roomId: id }),
  ]) {
    const id = await ada.createRoom('for a while');
    await bob.join(id);
    await save(bob, { roomId: id });
    await save(ada, { roomId: id });
    await end(id);
    expect(await draftsOf(bob)).toEqual([]);
    expect(await rowsOf(bob)).toEqual([]);
  }
  // In the two rooms that ada still has.
  expect(await textsOf(ada)).toEqual(['I think', 'I think']);
  await removeAll(ada);
});

test('drafts of archived rooms stay, and a quote of a deleted message shows that fact', async () => {
  const { ada, bob } = people;
  const id = await ada.createRoom('to be archived');
  await bob.join(id);
  const quoted = (await ada.say(id, 'secret')).message.id as string;
  await save(bob, { roomId: id, quotedMessageId: quoted });
  await ada.change('deleteMessage', { messageId: quoted });
  await ada.change('archiveRoom', { roomId: id });
  expect(await draftsOf(bob)).toMatchObject([{ text: 'I think', quotedMessage: { id: quoted, text: null } }]);
  await removeAll(bob);
});

test('subscriptions cannot select the draft of a room', async () => {
  const query =
    'subscription ($id: ID!) { room(id: $id) { ... on RoomEvent { room { viewerDraft { text } } } } }';
  const feed = await openFeed(one.wsUrl, people.bob.token, query, { id: roomId }, 'room');
  await expect(feed.next()).rejects.toThrow();
  expect(JSON.stringify(feed.errors)).toContain(
    'Room.viewerDraft: this field cannot be selected in an event',
  );
  feed.close();
});

test('drafts that were sent, and those of erased users, are deleted every hour', async () => {
  const { ada, bob, cyd } = people;
  await cyd.join(roomId);
  await save(ada, { idempotencyKey: 'to be sent' });
  await ada.say(roomId, 'sent', { idempotencyKey: 'to be sent' });
  await save(bob);
  await save(cyd);
  await execute(database.url, `UPDATE users SET deleted_at = now() WHERE id = ${numberIn(cyd.userId)}`);
  const services = await openServices(database.url, { REDIS_URL: inject('redisUrl') });
  expect(await cleanDrafts(services.node.db.write)).toBe(2);
  await services.close();
  expect([await rowsOf(ada), await rowsOf(bob), await rowsOf(cyd)].map((rows) => rows.length)).toEqual([
    0, 1, 0,
  ]);
});
