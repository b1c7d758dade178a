import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkedUsername } from '../src/accounts/credentials.ts';
import { messageSatellites } from '../src/capabilities.ts';
import { MAX_MENTIONS, mentionedNames, mentionGroups } from '../src/messages/mention-names.ts';
import { eraseFromMessages } from '../src/messages/satellites.ts';
import { roles } from '../src/platform/database-codes.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';
import { openServices } from './harness/services.ts';

// Whom a text names, who of them is mentioned, and what edits and deletions make of it.

describe('a text names', () => {
  const NOBODY = { names: [], isEverybody: false, roles: [] };
  const named = (...names: string[]) => ({ ...NOBODY, names });

  test.each([
    ['@ada', named('ada')],
    ['well, @Ada, @bob_2 and @ada: look', named('ada', 'bob_2')],
    ['(@ada)', named('ada')],
    ['**@ada**', named('ada')],
    ['你好@ada', named('ada')],
    ['> @ada said', named('ada')],
    ['@ada’s and @bob.', named('ada', 'bob')],
    ['@room', { ...NOBODY, isEverybody: true }],
    ['@ada and @ROOM', { ...named('ada'), isEverybody: true }],
    ['@here', { ...NOBODY, isEverybody: true }],
    ['@Owners, @admins and @moderators', { ...NOBODY, roles: [roles.OWNER, roles.ADMIN, roles.MODERATOR] }],
    ['@members @owner', named('members', 'owner')],
    ['@constructor', named('constructor')],
    ['    @ada', NOBODY],
    ['> ```\n> @ada', NOBODY],
    ['[@ada](https://example.org/?to=@bob)', named('ada')],
    ['https://example.org/?to=@ada', NOBODY],
    ['||@ada||', named('ada')],
    ['`@ada` @bob', named('bob')],
    ['``@ada ` @cyd`` @bob', named('bob')],
    ['` @ada', named('ada')],
    ['```\n@ada\n```\n@bob', named('bob')],
    ['~~~ts\n@ada\n```\n@cyd\n~~~\n@bob', named('bob')],
    ['````\n@ada\n```\n@cyd', NOBODY],
    ['mail ada@example.org', NOBODY],
    ['a/@ada', NOBODY],
    ['@@ada', NOBODY],
    ['\\@ada', NOBODY],
    ['@ad', NOBODY],
    [`@${'a'.repeat(51)}`, NOBODY],
    ['@ ada', NOBODY],
    ['nobody', NOBODY],
  ])('%j', (text, expected) => expect(mentionedNames(text)).toEqual(expected));

  const many = (count: number) => Array.from({ length: count }, (_, i) => `@name${i}`).join(' ');

  test('so many people at most', () => {
    expect(mentionedNames(many(MAX_MENTIONS)).names).toHaveLength(MAX_MENTIONS);
    expect(() => mentionedNames(many(MAX_MENTIONS + 1))).toThrow(`at most ${MAX_MENTIONS} people`);
    expect(mentionedNames(`${many(MAX_MENTIONS)} ${many(MAX_MENTIONS)}`).names).toHaveLength(MAX_MENTIONS);
  });
});

test('nobody can register with a name that mentions several members', () => {
  for (const name of Object.keys(mentionGroups))
    expect(() => checkedUsername(name.toUpperCase())).toThrow('This username is reserved.');
});

describe('in a room', () => {
  let database: TestDatabase;
  let node: TestNode;
  let people: Record<'ada' | 'bob' | 'cyd' | 'eve', Person>;
  let roomId: string;

  beforeAll(async () => {
    database = await createDatabase();
    const env = { POSTS_PER_SECOND: '10000', CHANGES_PER_SECOND: '10000' };
    node = await startNode({ databaseUrl: database.url, env });
    people = await signUpAll(node, 'ada', 'bob', 'cyd', 'eve');
    roomId = await people.ada.createRoom('the hall');
    for (const person of [people.bob, people.cyd]) await person.join(roomId);
  });

  afterAll(async () => {
    await node?.stop();
    await database?.drop();
  });

  const MENTIONS = 'mentions { username } mentionsEveryone viewerIsMentioned';
  const SUCCESS = `message { id ${MENTIONS} }`;
  const at = (...who: Person[]) => who.map(({ username }) => `@${username}`).join(' ');
  const said = async (by: Person, text: string) =>
    (await by.change('sendMessage', { roomId, text, idempotencyKey: `${Math.random()}` }, SUCCESS)).message;
  const usernames = (...who: Person[]) => who.map(({ username }) => ({ username }));

  async function seenBy(person: Person, id: string) {
    const query = `query ($id: ID!) { node(id: $id) { ... on Message { ${MENTIONS} } } }`;
    return (await person.ask(query, { id })).data.node;
  }

  test('members are mentioned by their names, others are not, and nobody mentions themselves', async () => {
    const { ada, bob, cyd, eve } = people;
    const message = await said(ada, `${at(bob, eve, ada)} @nobody-of-that-name ${at(cyd).toUpperCase()}`);
    const expected = { mentions: usernames(bob, cyd), mentionsEveryone: false };
    expect(message).toMatchObject({ ...expected, viewerIsMentioned: false });
    expect(await seenBy(bob, message.id)).toEqual({ ...expected, viewerIsMentioned: true });
    expect(await seenBy(ada, message.id)).toEqual({ ...expected, viewerIsMentioned: false });
  });

  test('@room mentions all members but its author, where the role allows it', async () => {
    const { ada, bob, cyd } = people;
    const { id } = await said(ada, '@room look');
    expect(await seenBy(ada, id)).toEqual({
      mentions: [],
      mentionsEveryone: true,
      viewerIsMentioned: false,
    });
    expect(await seenBy(cyd, id)).toMatchObject({ viewerIsMentioned: true });
    const plain = await said(bob, '@room look');
    expect(await seenBy(cyd, plain.id)).toMatchObject({ mentionsEveryone: false, viewerIsMentioned: false });
    await ada.change('changeMemberRole', { roomId, userId: bob.userId, role: 'MODERATOR' });
    expect(await said(bob, '@room look')).toMatchObject({ mentionsEveryone: true });
    await ada.change('changeMemberRole', { roomId, userId: bob.userId, role: 'MEMBER' });
  });

  const CONTENT = `content { blocks { __typename depth ... on InlinesBlock { inlines { __typename text
    ... on UserMentionInline { username user { username } } ... on GroupMentionInline { group } } } } }`;
  const contentOf = async (person: Person, id: string) => {
    const query = `query ($id: ID!) { node(id: $id) { ... on Message { ${CONTENT} } } }`;
    return (await person.ask(query, { id })).data.node.content;
  };
  const paragraph = (...inlines: object[]) => ({
    blocks: [
      {
        __typename: 'ParagraphBlock',
        depth: 0,
        inlines: inlines.map((each) => expect.objectContaining(each)),
      },
    ],
  });
  const text = (shown: string) => ({ __typename: 'TextInline', text: shown });
  const mention = (username: string, user: Person | null) => ({
    __typename: 'UserMentionInline',
    text: `@${username}`,
    username,
    user: user && { username: user.username },
  });
  const group = (name: string) => ({
    __typename: 'GroupMentionInline',
    text: `@${name}`,
    group: name.toUpperCase(),
  });

  test('the tree has mentioned members, and names without a member, whether or not there is such an account', async () => {
    const { ada, bob, eve } = people;
    const { id } = await said(ada, `${at(bob, eve, ada)} @nobody-at-all @room`);
    const expected = paragraph(
      mention(bob.username, bob),
      text(' '),
      mention(eve.username, null),
      text(' '),
      mention(ada.username, ada),
      text(' '),
      mention('nobody-at-all', null),
      text(' '),
      group('room'),
    );
    expect(await contentOf(ada, id)).toEqual(expected);
    expect(await contentOf(bob, id)).toEqual(expected);
  });

  test('the tree follows edits, and is gone with the message', async () => {
    const { ada, bob, cyd } = people;
    const { id } = await said(ada, at(bob));
    await ada.change('editMessage', { messageId: id, text: `${at(cyd)} @here` });
    expect(await contentOf(bob, id)).toEqual(paragraph(mention(cyd.username, cyd), text(' '), group('here')));
    await ada.change('deleteMessage', { messageId: id });
    expect(await contentOf(bob, id)).toBeNull();
  });

  test('@room and @here without the permission are text', async () => {
    const { bob, cyd } = people;
    const { id } = await said(bob, '@room @here');
    expect(await contentOf(cyd, id)).toEqual(paragraph(text('@room'), text(' '), text('@here')));
  });

  test('a role mentions the members who have it when the message is sent', async () => {
    const { ada, bob, cyd } = people;
    const none = await said(ada, '@moderators and @owners');
    expect(none).toMatchObject({ mentions: [] });
    expect(await contentOf(bob, none.id)).toEqual(
      paragraph(text('@moderators'), text(' and '), text('@owners')),
    );
    for (const { userId } of [bob, cyd])
      await ada.change('changeMemberRole', { roomId, userId, role: 'MODERATOR' });
    const all = await said(bob, `@Moderators, @admins ${at(cyd)}`);
    for (const { userId } of [bob, cyd])
      await ada.change('changeMemberRole', { roomId, userId, role: 'MEMBER' });
    expect(await seenBy(cyd, all.id)).toEqual({
      mentions: usernames(cyd),
      mentionsEveryone: false,
      viewerIsMentioned: true,
    });
    expect(await contentOf(ada, all.id)).toEqual(
      paragraph(
        { ...group('moderators'), text: '@Moderators' },
        text(', '),
        text('@admins'),
        text(' '),
        mention(cyd.username, cyd),
      ),
    );
    const owners = await said(bob, '@owners');
    expect(await seenBy(ada, owners.id)).toMatchObject({ mentions: usernames(ada), viewerIsMentioned: true });
  });

  test('a role of more members than a message may name mentions nobody', async () => {
    const { ada, bob } = people;
    const id = await ada.createRoom('many moderators');
    await bob.join(id);
    await ada.change('changeMemberRole', { roomId: id, userId: bob.userId, role: 'MODERATOR' });
    const moderators = async (message: string) =>
      (await ada.change('sendMessage', { roomId: id, text: '@moderators', idempotencyKey: message }, SUCCESS))
        .message;
    expect(await moderators('few')).toMatchObject({ mentions: usernames(bob) });
    await execute(
      database.url,
      `WITH fresh AS (INSERT INTO users (username, display_name) SELECT 'moderator' || i, 'm' FROM generate_series(1, ${MAX_MENTIONS}) AS i RETURNING id)
       INSERT INTO memberships (room_id, user_id, role, permission_bits, from_room_seq, joined_at)
       SELECT ${numberIn(id)}, fresh.id, ${roles.MODERATOR}, role_permissions(${roles.MODERATOR}::smallint), 1, now() FROM fresh`,
    );
    expect(await moderators('many')).toMatchObject({ mentions: [], mentionsEveryone: false });
  });

  test('the tree is in the events of messages, the same for all', async () => {
    const { ada, bob, cyd } = people;
    const document = `subscription ($roomId: ID!) { room(id: $roomId) { __typename ... on MessageCreated { message { ${CONTENT} } }
      ... on MessageEdited { message { ${CONTENT} } } ... on MessageDeleted { message { ${CONTENT} } } } }`;
    const feeds = await Promise.all(
      [ada, bob].map(async ({ token }) => {
        const feed = await openFeed(node.wsUrl, token, document, { roomId }, 'room');
        await feed.next('StreamReady');
        return feed;
      }),
    );
    const expectNext = async (kind: string, content: object | null) => {
      for (const feed of feeds) expect(await feed.next(kind)).toMatchObject({ message: { content } });
    };
    const { id } = await said(ada, `${at(bob)}!`);
    await expectNext('MessageCreated', paragraph(mention(bob.username, bob), text('!')));
    await ada.change('editMessage', { messageId: id, text: `**${at(cyd)}**` });
    await expectNext('MessageEdited', paragraph(mention(cyd.username, cyd)));
    await ada.change('deleteMessage', { messageId: id });
    await expectNext('MessageDeleted', null);
    for (const feed of feeds) feed.close();
  });

  test('events tell each viewer, and edits and deletions take mentions along', async () => {
    const { ada, bob, cyd } = people;
    const NUMBERS = 'room { viewerUnreadMentionCount }';
    const document = `subscription { inbox { __typename ... on RoomEvent { ${NUMBERS} }
      ... on MessageCreated { message { ${MENTIONS} } } ... on MessageEdited { message { ${MENTIONS} } } ... on MessageDeleted { message { ${MENTIONS} } } } }`;
    const read = async (person: Person) => {
      await person.ask('mutation { markAllRead { __typename } }');
      const feed = await openFeed(node.wsUrl, person.token, document, {}, 'inbox');
      await feed.next('StreamReady');
      return feed;
    };
    const [ofBob, ofCyd] = await Promise.all([read(bob), read(cyd)]);
    const expectNext = async (kind: string, toBob: object, toCyd: object) => {
      expect(await ofBob.next(kind)).toMatchObject(toBob);
      expect(await ofCyd.next(kind)).toMatchObject(toCyd);
    };
    const shows = (viewerIsMentioned: boolean, viewerUnreadMentionCount: number) => ({
      message: { viewerIsMentioned },
      room: { viewerUnreadMentionCount },
    });
    const { id } = await said(ada, at(bob));
    await expectNext('MessageCreated', shows(true, 1), shows(false, 0));
    await ada.change('editMessage', { messageId: id, text: `${at(bob)} and ${at(cyd)}` });
    await expectNext('MessageEdited', shows(true, 1), shows(true, 1));
    await ada.change('editMessage', { messageId: id, text: '@room' });
    await expectNext('MessageEdited', shows(true, 1), shows(true, 1));
    await ada.change('changeMemberRole', { roomId, userId: bob.userId, role: 'MODERATOR' });
    await ada.change('editMessage', { messageId: id, text: '@moderators' });
    await expectNext('MessageEdited', shows(true, 1), shows(false, 0));
    await ada.change('changeMemberRole', { roomId, userId: bob.userId, role: 'MEMBER' });
    await ada.change('editMessage', { messageId: id, text: `rather ${at(cyd)}` });
    await expectNext('MessageEdited', shows(false, 0), shows(true, 1));
    await ada.change('deleteMessage', { messageId: id });
    await expectNext('MessageDeleted', shows(false, 0), shows(false, 0));
    ofBob.close();
    ofCyd.close();
  });

  test('what is stored of a message that is gone is nothing, and sets are empty where all was taken out', async () => {
    const { ada, bob } = people;
    const id = (await said(ada, `${at(bob)} @room`)).id;
    const where = [numberIn(roomId), numberIn(id)];
    const rows = () =>
      queryRows(database.url, 'SELECT * FROM message_mentions WHERE room_id = $1 AND room_seq = $2', where);
    expect(await rows()).toHaveLength(2);
    await ada.change('deleteMessage', { messageId: id });
    expect(await rows()).toEqual([]);
    const wrong = await queryRows(database.url, 'SELECT * FROM tallies WHERE count <= 0', []);
    expect(wrong).toEqual([]);
  });

  test('51 people in one message are too many', async () => {
    const text = Array.from({ length: 51 }, (_, i) => `@name${i}`).join(' ');
    const input = { roomId, text, idempotencyKey: 'too many' };
    expect(await people.ada.change('sendMessage', input)).toMatchObject({
      __typename: 'ValidationError',
      path: ['input', 'text'],
    });
  });

  test('many posts at once, some with mentions, keep their own', async () => {
    const { ada, bob, cyd } = people;
    const texts = Array.from(
      { length: 40 },
      (_, i) => ['plain', at(bob), '@room', at(bob, cyd)][i % 4] as string,
    );
    const messages = await Promise.all(texts.map((text) => said(ada, text)));
    const expected = [usernames(), usernames(bob), usernames(), usernames(bob, cyd)];
    for (const [i, { mentions, mentionsEveryone }] of messages.entries())
      expect({ mentions, mentionsEveryone }).toEqual({
        mentions: expected[i % 4],
        mentionsEveryone: i % 4 === 2,
      });
  });

  test('erased users are mentioned no more', async () => {
    const { ada, cyd } = people;
    const { id } = await said(ada, at(cyd));
    await execute(database.url, `UPDATE users SET deleted_at = now() WHERE id = ${numberIn(cyd.userId)}`);
    const services = await openServices(database.url);
    expect(await eraseFromMessages(services.node.db.write, messageSatellites)).toBeGreaterThan(0);
    await services.close();
    expect(await seenBy(ada, id)).toMatchObject({ mentions: [] });
  });
});
