import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { messageSatellites } from '../src/capabilities.ts';
import { eraseFromMessages } from '../src/messages/satellites.ts';
import { MAX_SAVED } from '../src/saved/saved.ts';
import { MAX_KNOWN_SAVERS } from '../src/saved/store.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';
import { openServices } from './harness/services.ts';

let database: TestDatabase;
let node: TestNode;
let people: Record<'ada' | 'bob' | 'cyd', Person>;
let roomId: string;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    env: { POSTS_PER_SECOND: '10000', CHANGES_PER_SECOND: '10000', CHANGES_BURST: '10000' },
  });
  people = await signUpAll(node, 'ada', 'bob', 'cyd');
  roomId = await people.ada.createRoom('the hall');
  await people.bob.join(roomId);
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

const ENTRY = 'accountSeq messageId savedMessage { message { text } }';
const save = (by: Person, messageId: string) => by.change('saveMessage', { messageId }, ENTRY);
const unsave = (by: Person, messageId: string) => by.change('unsaveMessage', { messageId }, ENTRY);
const say = async (text = 'well?') => (await people.ada.say(roomId, text)).message.id as string;

async function savedBy(person: Person) {
  const { data } = await person.ask(
    '{ viewer { savedMessages(first: 100) { nodes { messageId message { text } } } } }',
  );
  return data.viewer.savedMessages.nodes as { messageId: string; message: { text: string | null } | null }[];
}
const idsSavedBy = async (person: Person) => (await savedBy(person)).map(({ messageId }) => messageId);

async function hasSaved(person: Person, id: string): Promise<boolean> {
  const query = 'query ($id: ID!) { node(id: $id) { ... on Message { viewerHasSaved } } }';
  return (await person.ask(query, { id })).data.node.viewerHasSaved;
}

async function unsaveAll(person: Person): Promise<void> {
  for (const id of await idsSavedBy(person)) await unsave(person, id);
}

test('saved messages are listed for the viewer alone, the last saved first', async () => {
  const { ada, bob } = people;
  const [one, two] = [await say('one'), await say('two')];
  expect(await save(bob, one)).toMatchObject({ messageId: one, savedMessage: { message: { text: 'one' } } });
  await save(bob, two);
  expect(await idsSavedBy(bob)).toEqual([two, one]);
  expect(await idsSavedBy(ada)).toEqual([]);
  expect([await hasSaved(bob, one), await hasSaved(ada, one)]).toEqual([true, false]);
  expect(await unsave(bob, two)).toMatchObject({ messageId: two, savedMessage: null });
  expect(await idsSavedBy(bob)).toEqual([one]);
  await unsaveAll(bob);
});

test('a repetition succeeds without an event', async () => {
  const { bob } = people;
  const id = await say();
  const { accountSeq } = await save(bob, id);
  expect((await save(bob, id)).accountSeq).toBe(accountSeq);
  expect((await unsave(bob, id)).accountSeq).toBe(accountSeq + 1);
  expect((await unsave(bob, id)).accountSeq).toBe(accountSeq + 1);
});

test('every device of the user gets the event, and no other user', async () => {
  const { ada, bob } = people;
  const id = await say('look');
  const query = `subscription { inbox { __typename ... on AccountEvent { cursor }
    ... on SavedMessageChanged { messageId savedMessage { message { text } } } ... on RoomEvent { cursor } } }`;
  const [own, other] = await Promise.all(
    [bob, ada].map((person) => openFeed(node.wsUrl, person.token, query, {}, 'inbox')),
  );
  for (const feed of [own, other]) await feed?.next('StreamReady');
  await save(bob, id);
  const change = { messageId: id, savedMessage: { message: { text: 'look' } } };
  expect(await own?.next('SavedMessageChanged')).toMatchObject(change);
  await unsave(bob, id);
  expect(await own?.next('SavedMessageChanged')).toMatchObject({ messageId: id, savedMessage: null });
  await say('the end');
  await other?.next('MessageCreated');
  expect(other?.items.map(({ __typename }) => __typename)).not.toContain('SavedMessageChanged');
  own?.close();
  other?.close();
});

test('a deleted message, and one that the viewer may no longer see, stays without its text', async () => {
  const { ada, bob } = people;
  const side = await ada.createRoom('a side room');
  await bob.join(side);
  const [gone, kept] = [await say('secret'), (await ada.say(side, 'aside')).message.id as string];
  await save(bob, gone);
  await save(bob, kept);
  await ada.change('deleteMessage', { messageId: gone });
  await ada.change('removeMember', { roomId: side, userId: bob.userId });
  expect(await savedBy(bob)).toEqual([
    { messageId: kept, message: null },
    { messageId: gone, message: { text: null } },
  ]);
  expect(await save(ada, gone)).toMatchObject({ code: 'CONFLICT' });
  expect(await unsave(bob, kept)).toMatchObject({ __typename: 'UnsaveMessageSuccess', savedMessage: null });
  await unsaveAll(bob);
  expect(await idsSavedBy(bob)).toEqual([]);
});

test('only messages that the viewer may see can be saved', async () => {
  const { cyd } = people;
  const id = await say();
  expect(await save(cyd, id)).toMatchObject({ code: 'NOT_FOUND' });
  expect(await save(cyd, 'msg_1_999999')).toMatchObject({ code: 'NOT_FOUND' });
  expect(await save(cyd, 'nothing')).toMatchObject({ code: 'NOT_FOUND' });
});

test('the number of saved messages is limited', async () => {
  const { bob } = people;
  const [one, two] = [await say(), await say()];
  await execute(
    database.url,
    `INSERT INTO saved_messages (user_id, room_id, room_seq, save_seq, saved_at)
     SELECT ${numberIn(bob.userId)}, ${numberIn(roomId)}, 100000 + n, -n, now() FROM generate_series(1, ${MAX_SAVED - 1}) n`,
  );
  expect((await save(bob, one)).__typename).toBe('SaveMessageSuccess');
  expect(await save(bob, two)).toMatchObject({ code: 'CONFLICT' });
  await execute(database.url, `DELETE FROM saved_messages WHERE user_id = ${numberIn(bob.userId)}`);
});

test('a stream tells each viewer the own value, or null where too many have saved the message', async () => {
  const { ada, bob } = people;
  const id = await say();
  await save(bob, id);
  const query = `subscription ($id: ID!) { room(id: $id) { __typename ... on RoomEvent { cursor }
    ... on MessageEdited { message { viewerHasSaved } } } }`;
  const feeds = await Promise.all(
    [ada, bob].map((person) => openFeed(node.wsUrl, person.token, query, { id: roomId }, 'room')),
  );
  for (const feed of feeds) await feed.next('StreamReady');
  const shown = async () => {
    const events = await Promise.all(feeds.map((feed) => feed.next('MessageEdited')));
    return events.map(({ message }) => message.viewerHasSaved);
  };
  await ada.change('editMessage', { messageId: id, text: 'once' });
  expect(await shown()).toEqual([false, true]);
  await execute(
    database.url,
    `INSERT INTO saved_messages (user_id, room_id, room_seq, save_seq, saved_at)
     SELECT 1000000 + n, room_id, room_seq, n, now() FROM saved_messages, generate_series(1, ${MAX_KNOWN_SAVERS}) n
     WHERE user_id = ${numberIn(bob.userId)}`,
  );
  await ada.change('editMessage', { messageId: id, text: 'twice' });
  expect(await shown()).toEqual([null, null]);
  for (const feed of feeds) feed.close();
  await execute(database.url, 'DELETE FROM saved_messages');
});

test('what an erased user had saved is removed', async () => {
  const { bob } = people;
  await save(bob, await say());
  await execute(database.url, `UPDATE users SET deleted_at = now() WHERE id = ${numberIn(bob.userId)}`);
  const services = await openServices(database.url, { REDIS_URL: inject('redisUrl') });
  expect(await eraseFromMessages(services.node.db.write, messageSatellites)).toBe(1);
  await services.close();
  expect(await queryRows(database.url, 'SELECT 1 FROM saved_messages')).toEqual([]);
});
