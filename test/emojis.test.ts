import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { MAX_EMOJIS } from '../src/emojis/emojis.ts';
import { runAdmin } from './harness/admin.ts';
import { createDatabase, execute, type TestDatabase } from './harness/database.ts';
import { openFeed } from './harness/feed.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';

let database: TestDatabase;
let node: TestNode;
let people: Record<'ada' | 'bob', Person>;
let roomId: string;

beforeAll(async () => {
  database = await createDatabase();
  const env = { CHANGES_PER_SECOND: '10000', CHANGES_BURST: '10000' };
  node = await startNode({ databaseUrl: database.url, redisUrl: inject('redisUrl'), env });
  people = await signUpAll(node, 'ada', 'bob');
  await execute(database.url, `UPDATE users SET is_admin = true WHERE username = '${people.ada.username}'`);
  roomId = await people.ada.createRoom('the hall');
  await people.bob.join(roomId);
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

const GROUP = 'message { id } reactionGroup { emoji count viewerHasReacted customEmoji { name } }';
const EMOJI = 'emoji { id name createdBy { username } }';

const create = (name: string, by = people.ada) => by.change('createEmoji', { name }, EMOJI);
const remove = (name: string, by = people.ada) => by.change('deleteEmoji', { name }, 'name');
const react = (messageId: string, emoji: string, by = people.bob) =>
  by.change('addReaction', { messageId, emoji }, GROUP);
const say = async (text: string) => (await people.ada.say(roomId, text)).message.id as string;

async function names(by = people.bob): Promise<string[]> {
  const { data, errors } = await by.ask('{ emojis(first: 100) { nodes { name } } }');
  expect(errors).toEqual([]);
  return data.emojis.nodes.map(({ name }: { name: string }) => name);
}

test('administrators of the server create and delete emoji, and may repeat it', async () => {
  const made = await create('party');
  expect(made).toMatchObject({ emoji: { name: 'party', createdBy: { username: people.ada.username } } });
  expect(await create('party')).toEqual(made);
  await create('ship_it');
  expect(await names()).toEqual(['party', 'ship_it']);
  const found = await people.bob.ask('query ($id: ID!) { node(id: $id) { ... on CustomEmoji { name } } }', {
    id: made.emoji.id,
  });
  expect(found.data.node).toEqual({ name: 'party' });
  for (let times = 0; times < 2; times++) expect(await remove('ship_it')).toMatchObject({ name: 'ship_it' });
  expect(await names()).toEqual(['party']);
});

test('a guest sees who created an emoji only if they share a room', async () => {
  const guestOf = async (host: Person, of: string) => {
    const invite = await host.change('createInvite', { roomId: of, role: 'GUEST' }, 'inviteCode');
    const input = { inviteCode: invite.inviteCode, displayName: 'Gus' };
    const { tokens } = await host.change('joinAsGuest', input, 'tokens { accessToken }');
    return host.withToken(tokens.accessToken);
  };
  const guests = [
    await guestOf(people.ada, roomId),
    await guestOf(people.bob, await people.bob.createRoom('elsewhere')),
  ];
  const seen = guests.map((guest) => guest.ask('{ emojis(first: 1) { nodes { createdBy { username } } } }'));
  expect((await Promise.all(seen)).map(({ data }) => data.emojis.nodes)).toEqual([
    [{ createdBy: { username: people.ada.username } }],
    [{ createdBy: null }],
  ]);
});

test('other users may not, and learn it', async () => {
  const mayManage = async (by: Person) =>
    (await by.ask('{ viewer { canManageEmojis } }')).data.viewer.canManageEmojis;
  expect([await mayManage(people.ada), await mayManage(people.bob)]).toEqual([true, false]);
  expect(await create('mine', people.bob)).toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(await remove('party', people.bob)).toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(await names()).toEqual(['party']);
});

test.each(['', 'a', 'Party', 'par-ty', ':party:', 'a'.repeat(33), 'pärty', 'par ty', '🎉'])(
  '%j is no name',
  async (name) => {
    expect(await create(name)).toMatchObject({ code: 'VALIDATION', path: ['input', 'name'] });
    expect(await remove(name)).toMatchObject({ code: 'VALIDATION', path: ['input', 'name'] });
  },
);

test('a reaction has the name, in events the complete group; the emoji is deleted, and the reaction stays', async () => {
  const messageId = await say('to react to');
  const { emoji } = await create('gone');
  const feed = await openFeed(
    node.wsUrl,
    people.ada.token,
    `subscription ($id: ID!) { room(id: $id) { __typename ... on ReactionsChanged {
      reactionGroup { emoji count viewerHasReacted customEmoji { name } } } } }`,
    { id: roomId },
    'room',
  );
  await feed.next('StreamReady');
  const group = { emoji: ':gone:', count: 1, viewerHasReacted: true, customEmoji: { name: 'gone' } };
  expect(await react(messageId, ':gone:')).toMatchObject({ reactionGroup: group });
  const event = await feed.next('ReactionsChanged');
  expect(event).toMatchObject({ reactionGroup: { ...group, viewerHasReacted: false } });
  feed.close();
  await remove('gone');
  const query = `query ($id: ID!, $emoji: ID!) { emoji: node(id: $emoji) { id }
    node(id: $id) { ... on Message { reactions { emoji count viewerHasReacted customEmoji { name } } } } }`;
  const { data } = await people.bob.ask(query, { id: messageId, emoji: emoji.id });
  expect(data).toEqual({ emoji: null, node: { reactions: [{ ...group, customEmoji: null }] } });
  const unknown = {
    code: 'VALIDATION',
    path: ['input', 'emoji'],
    detail: 'This server has no emoji :gone:.',
  };
  expect(await react(messageId, ':gone:', people.ada)).toMatchObject(unknown);
  const removed = await people.bob.change('removeReaction', { messageId, emoji: ':gone:' }, GROUP);
  expect(removed).toMatchObject({ reactionGroup: { count: 0 } });
});

test.each([':nothing:', ':party', 'party', ':PARTY:', ':party::party:', '::', ':a b:'])(
  '%s is no reaction',
  async (emoji) => {
    const messageId = await say('not to react to');
    expect(await react(messageId, emoji)).toMatchObject({ code: 'VALIDATION', path: ['input', 'emoji'] });
  },
);

test('a text shows the emoji of the server, and other names as what they are', async () => {
  const id = await say('at 10:30:45 :party: and :nothing:');
  const query = `query ($id: ID!) { node(id: $id) { ... on Message { plainText content { blocks { ... on InlinesBlock {
    inlines { __typename text ... on CustomEmojiInline { name emoji { name } } } } } } } } }`;
  const { data } = await people.bob.ask(query, { id });
  expect(data.node.plainText).toBe('at 10:30:45 :party: and :nothing:');
  expect(data.node.content.blocks[0].inlines).toEqual([
    { __typename: 'TextInline', text: 'at 10:30:45 ' },
    { __typename: 'CustomEmojiInline', text: ':party:', name: 'party', emoji: { name: 'party' } },
    { __typename: 'TextInline', text: ' and ' },
    { __typename: 'CustomEmojiInline', text: ':nothing:', name: 'nothing', emoji: null },
  ]);
});

test('operators create and delete emoji by the command line', async () => {
  const admin = (...args: string[]) => runAdmin(args, { env: { DATABASE_URL: database.url } });
  expect(await admin('create-emoji', '--name', 'by_hand')).toMatchObject({ code: 0, out: 'created\n' });
  expect(await admin('create-emoji', '--name', 'by_hand')).toMatchObject({
    code: 0,
    out: 'it exists already\n',
  });
  expect(await create('by_hand')).toMatchObject({ emoji: { createdBy: null } });
  expect(await admin('delete-emoji', '--name', 'by_hand')).toMatchObject({ code: 0, out: 'deleted\n' });
  expect(await admin('create-emoji', '--name', 'By Hand')).toMatchObject({ code: 1 });
  expect(await names()).toEqual(['party']);
});

test(`a server has at most ${MAX_EMOJIS} emoji, also if they are created at once`, async () => {
  const fill = `INSERT INTO custom_emojis (name) SELECT 'e_' || n FROM generate_series(1, ${MAX_EMOJIS - 3}) n`;
  await execute(database.url, fill);
  const made = await Promise.all(['x1', 'x2', 'x3', 'x4', 'x5'].map((name) => create(name)));
  const codes: string[] = made.map(({ code = 'OK' }) => code);
  expect(codes.toSorted()).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'OK', 'OK']);
  expect(await create('party')).toMatchObject({ emoji: { name: 'party' } });
  const all = new Set<string>();
  for (let after: string | null = null; ; ) {
    const query =
      'query ($after: String) { emojis(first: 100, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } }';
    const { data }: { data: any } = await people.bob.ask(query, { after });
    for (const { name } of data.emojis.nodes) all.add(name);
    if (!data.emojis.pageInfo.hasNextPage) break;
    after = data.emojis.pageInfo.endCursor;
  }
  expect(all.size).toBe(MAX_EMOJIS);
});
