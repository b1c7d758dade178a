import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RoomHistoryDocument, type RoomHistoryQueryVariables } from './client/gql/graphql.ts';
import { createDatabase, execute, type TestDatabase } from './harness/database.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp, signUpAll } from './harness/people.ts';

let database: TestDatabase;
let node: TestNode;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({
    databaseUrl: database.url,
    env: { POSTS_PER_SECOND: '10000', POSTS_BURST: '10000', COST_BURST: '1000000000' },
  });
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

const history = async (person: Person, args: RoomHistoryQueryVariables) => {
  const { room } = await person.run(RoomHistoryDocument, args);
  const page = room?.messages;
  if (!page) throw new Error('no history');
  return { ...page.pageInfo, seqs: page.nodes.map((message) => message.seq), nodes: page.nodes };
};

describe('sending', () => {
  test('the same key and content give the first message, another content a refusal; for ever and at once', async () => {
    const ada = await signUp(node, 'ada');
    const roomId = await ada.createRoom('echo');
    const input = { roomId, text: 'once', idempotencyKey: randomUUID() };
    const sent = await Promise.all(
      Array.from({ length: 8 }, () =>
        ada.change('sendMessage', input, 'message { id seq } replayed roomSeq'),
      ),
    );
    expect(new Set(sent.map(({ message }) => message.id)).size).toBe(1);
    expect(sent.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await ada.change('sendMessage', { ...input, text: 'twice' })).toMatchObject({
      __typename: 'IdempotencyConflictError',
    });
    const { message } = await ada.say(roomId, 'next');
    expect(message.seq).toBe(2);
  });

  test('who was removed after posting still gets the own result, and no new post', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const roomId = await ada.createRoom('exit');
    await bob.join(roomId);
    const input = { roomId, text: 'before', idempotencyKey: randomUUID() };
    const first = await bob.change('sendMessage', input, 'roomSeq');
    await ada.change('removeMember', { roomId, userId: bob.userId });
    expect(await bob.change('sendMessage', input, 'roomSeq replayed message { text }')).toEqual({
      ...first,
      replayed: true,
      message: { text: 'before' },
    });
    expect(await bob.change('sendMessage', { ...input, idempotencyKey: 'other' })).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test.each([
    ['an astral text', '𝒜𝒹𝒶 👩‍🚀 ', '𝒜𝒹𝒶 👩‍🚀 '],
    ['markup', '<b>&amp;</b> `x`', '<b>&amp;</b> `x`'],
    ['leading space and inner breaks', '  a\n\nb \t', '  a\n\nb \t'],
    ['line breaks at the end', 'a\r\n\r\n', 'a'],
    ['direction marks', '\u202eabc\u200b', '\u202eabc\u200b'],
    ['5,000 code points of two units', '🙂'.repeat(5000), '🙂'.repeat(5000)],
  ])('%s is stored as written', async (_what, text, stored) => {
    const ada = await signUp(node, 'ada');
    const roomId = await ada.createRoom('verbatim');
    expect((await ada.say(roomId, text)).message.text).toBe(stored);
    expect((await history(ada, { id: roomId })).nodes[0]?.text).toBe(stored);
  });

  test.each([
    ['nothing', ''],
    ['white space only', ' \n\t\u2003'],
    ['5,001 characters', 'x'.repeat(5001)],
    ['a NUL', 'a\0b'],
    ['half a surrogate pair', 'a\udc00b'],
  ])('%s is refused with its path', async (_what, text) => {
    const ada = await signUp(node, 'ada');
    const roomId = await ada.createRoom('strict');
    const refused = await ada.change('sendMessage', { roomId, text, idempotencyKey: randomUUID() });
    expect(refused).toMatchObject({ __typename: 'ValidationError', path: ['input', 'text'] });
  });

  test('a quote must be of the same room', async () => {
    const ada = await signUp(node, 'ada');
    const [one, two] = [await ada.createRoom('one'), await ada.createRoom('two')];
    const { message } = await ada.say(one, 'quote me');
    const reply = await ada.say(one, 'as she said', { replyToId: message.id });
    expect(reply.message.replyTo).toEqual({ id: message.id, text: 'quote me' });
    for (const replyToId of [message.id, 'nonsense', two]) {
      const refused = await ada.change('sendMessage', {
        roomId: two,
        text: 'x',
        idempotencyKey: randomUUID(),
        replyToId,
      });
      expect(refused).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'replyToId'] });
    }
  });

  test('plainText is the text without its Markdown', async () => {
    const ada = await signUp(node, 'ada');
    const roomId = await ada.createRoom('plain');
    await ada.say(roomId, '# Hi **you**\n\n- [a link](https://example.org)\n- `code`\n\n<b>raw</b>');
    const { data } = await ada.ask(
      'query ($id: ID!) { room(id: $id) { messages { nodes { plainText } } } }',
      { id: roomId },
    );
    expect(data.room.messages.nodes[0].plainText).toBe('Hi you\na link\ncode\n<b>raw</b>');
  });

  test('plainText of a table is the table, not a cell for each place in its grid', async () => {
    const ada = await signUp(node, 'ada');
    const roomId = await ada.createRoom('tables');
    const table = `${'|a'.repeat(800)}\n${'|-'.repeat(800)}${'\n|'.repeat(800)}`;
    await ada.say(roomId, table);
    const { data } = await ada.ask(
      'query ($id: ID!) { room(id: $id) { messages { nodes { plainText } } } }',
      { id: roomId },
    );
    expect(data.room.messages.nodes[0].plainText).toBe(table);
  });
});

describe('editing and deleting', () => {
  test('versions guard edits, repeats are no conflict, tombstones keep their number', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const roomId = await ada.createRoom('drafts');
    await bob.join(roomId);
    const { message } = await ada.say(roomId, 'v1');
    const edit = (text: string, expectedVersion?: number) =>
      ada.change(
        'editMessage',
        { messageId: message.id, text, expectedVersion },
        'roomSeq message { text version editedAt }',
      );
    const edited = await edit('v2', 1);
    expect(edited).toMatchObject({ message: { text: 'v2', version: 2 } });
    expect((await edit('v2', 1)).roomSeq).toBe(edited.roomSeq);
    expect(await edit('v3', 1)).toMatchObject({
      __typename: 'ConflictError',
      path: ['input', 'expectedVersion'],
    });
    expect(await bob.change('editMessage', { messageId: message.id, text: 'mine' })).toMatchObject({
      __typename: 'PermissionDeniedError',
    });
    expect(await bob.change('deleteMessage', { messageId: message.id })).toMatchObject({
      __typename: 'PermissionDeniedError',
    });
    const deleted = await ada.change(
      'deleteMessage',
      { messageId: message.id },
      'roomSeq message { seq text plainText version deletedAt }',
    );
    expect(deleted.message).toMatchObject({
      seq: 1,
      text: null,
      plainText: null,
      version: 3,
      deletedAt: expect.any(String),
    });
    expect((await ada.change('deleteMessage', { messageId: message.id })).roomSeq).toBe(deleted.roomSeq);
    expect(await edit('v4')).toMatchObject({ __typename: 'ConflictError' });
  });

  test('a moderator deletes what members said, not what the owner said', async () => {
    const { ada, mod, bob } = await signUpAll(node, 'ada', 'mod', 'bob');
    const roomId = await ada.createRoom('order');
    await ada.change('addMembers', { roomId, userIds: [mod.userId], role: 'MODERATOR' });
    await bob.join(roomId);
    const [owners, members] = [await ada.say(roomId, 'rules'), await bob.say(roomId, 'spam')];
    expect(await mod.change('deleteMessage', { messageId: members.message.id })).toMatchObject({
      __typename: 'DeleteMessageSuccess',
    });
    expect(await mod.change('deleteMessage', { messageId: owners.message.id })).toMatchObject({
      __typename: 'PermissionDeniedError',
    });
  });
});

const codesOf = ({ errors }: any) =>
  errors?.map(({ path, extensions: { code, argument } }: any) => ({ path, code, argument }));

describe('history', () => {
  let ada: Person;
  let roomId: string;

  beforeAll(async () => {
    ada = await signUp(node, 'ada');
    roomId = await ada.createRoom('long story');
    for (let i = 1; i <= 45; i++) await ada.say(roomId, `line ${i}`);
  });

  const from = (a: number, b: number) => Array.from({ length: b - a + 1 }, (_, i) => a + i);

  test('the newest 20, oldest first, when nothing is said', async () => {
    expect(await history(ada, { id: roomId })).toMatchObject({
      seqs: from(26, 45),
      hasPreviousPage: true,
      hasNextPage: false,
    });
  });

  test('forwards and backwards meet every message once, with exact ends', async () => {
    const walk = async (direction: 'forwards' | 'backwards') => {
      const seen: number[][] = [];
      for (let cursor: string | null = null; ; ) {
        const args: RoomHistoryQueryVariables =
          direction === 'forwards'
            ? { id: roomId, first: 15, after: cursor }
            : { id: roomId, last: 15, before: cursor };
        const page = await history(ada, args);
        seen.push(page.seqs as number[]);
        const more = direction === 'forwards' ? page.hasNextPage : page.hasPreviousPage;
        if (!more) return seen;
        cursor = (direction === 'forwards' ? page.endCursor : page.startCursor) ?? null;
      }
    };
    expect(await walk('forwards')).toEqual([from(1, 15), from(16, 30), from(31, 45)]);
    expect(await walk('backwards')).toEqual([from(31, 45), from(16, 30), from(1, 15)]);
  });

  test.each([
    [{ seq: 20 }, undefined, undefined, from(10, 29)],
    [{ seq: 20 }, 3, 2, from(18, 22)],
    [{ seq: 1 }, 3, 5, from(1, 3)],
    [{ seq: 45 }, 3, 2, from(43, 45)],
    [{ seq: 999 }, 3, 2, from(44, 45)],
    [{ seq: -5 }, 2, 2, from(1, 2)],
    [{ date: '2000-01-01T00:00:00.000Z' }, 2, 2, from(1, 2)],
    [{ date: '2100-01-01T00:00:00.000Z' }, 2, 2, from(44, 45)],
    [{ firstUnread: true }, 2, 2, from(44, 45)],
  ])('around %j', async (around, first, last, seqs) => {
    const page = await history(ada, {
      id: roomId,
      around: around as never,
      ...(first && { first }),
      ...(last && { last }),
    });
    expect(page.seqs).toEqual(seqs);
    expect(page.hasPreviousPage).toBe(seqs[0] !== 1);
    expect(page.hasNextPage).toBe(seqs.at(-1) !== 45);
  });

  test('each of several pages in one operation is as it would be alone', async () => {
    const { bob, eve } = await signUpAll(node, 'bob', 'eve');
    const other = await ada.createRoom('several pages');
    await ada.change('addMembers', { roomId: other, userIds: [bob.userId, eve.userId] });
    for (const text of ['one', 'two', 'three']) await ada.say(other, text);
    const pages = [
      'messages(first: 3)',
      'messages(first: 2, last: 2, around: { seq: 3 })',
      'messages(first: 2, around: { date: "2000-01-01T00:00:00Z" })',
      'messages(last: 2, around: { date: "2100-01-01T00:00:00Z" })',
      'events(first: 2)',
      'events(first: 4)',
      'members(first: 1)',
      'members(first: 2)',
      'members(last: 2)',
    ].map((page) => `${page} { edges { cursor } pageInfo { hasNextPage hasPreviousPage } }`);
    const read = async (fields: string) => {
      const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Room { ${fields} } } }`;
      const { data, errors } = await ada.ask(query, { ids: [roomId, other] });
      expect(errors).toEqual([]);
      return (data as { nodes: Record<string, unknown>[] }).nodes;
    };
    const together = await read(pages.map((page, i) => `page${i}: ${page}`).join(' '));
    for (const [i, page] of pages.entries()) {
      const alone = await read(`page${i}: ${page}`);
      expect(alone).toEqual(together.map((room) => ({ [`page${i}`]: room[`page${i}`] })));
    }
  });

  test('around a message and around its time', async () => {
    const { nodes } = await history(ada, {
      id: roomId,
      first: 1,
      after: (await history(ada, { id: roomId, first: 30 })).endCursor ?? null,
    });
    const message = nodes[0];
    expect(message?.seq).toBe(31);
    for (const around of [{ messageId: message?.id }, { date: message?.sentAt }]) {
      expect((await history(ada, { id: roomId, around: around as never, first: 1 })).seqs).toEqual([31]);
    }
  });

  test.each([
    [{ first: 0 }, 'first'],
    [{ first: 101 }, 'first'],
    [{ last: -1 }, 'last'],
    [{ first: 1, last: 1 }, 'last'],
    [{ after: 'nonsense' }, 'after'],
    [{ before: '' }, 'before'],
    [{ around: { seq: 1 }, after: 'x' }, 'after'],
    [{ around: { messageId: 'nonsense' } }, 'around.messageId'],
    [{ around: { firstUnread: false } }, 'around.firstUnread'],
  ])('%j is refused by name', async (args, argument) => {
    const { errors } = await ada.ask(RoomHistoryDocument.toString(), { id: roomId, ...args });
    expect(errors[0]?.extensions).toMatchObject({ argument });
    expect(errors[0]?.extensions.code).toMatch(/VALIDATION|NOT_FOUND/);
  });

  // `room` reads a room and its page in one statement, `node` one after the other.
  test('a page is the same by whatever way the room was reached', async () => {
    const { bob, eve } = await signUpAll(node, 'bob', 'eve');
    const short = await ada.createRoom('short story', 'PRIVATE');
    const empty = await ada.createRoom('no story');
    for (let i = 1; i <= 7; i++) await ada.say(short, `line ${i}`);
    for (const roomId of [short, empty]) await ada.change('addMembers', { roomId, userIds: [bob.userId] });
    const [room, user] = [short, bob.userId].map(numberIn);
    await execute(
      database.url,
      `UPDATE memberships SET visible_from_seq = 4 WHERE room_id = ${room} AND user_id = ${user}`,
    );
    const places = [undefined, ...[1, 4, 7].map((seq) => `messages:${room}:${seq}`), 'nonsense'];
    const sizes = [
      {},
      { first: 3 },
      { last: 3 },
      { first: 100 },
      { last: 1 },
      { first: 0 },
      { first: 1, last: 1 },
    ];
    const pages = sizes.flatMap((size) =>
      places.flatMap((after) => places.map((before) => ({ ...size, after, before }))),
    );
    const args = 'first: $first, last: $last, after: $after, before: $before';
    const fields = `id name viewerMembership { readSeq joinedAt } messages(${args}) {
      pageInfo { hasPreviousPage hasNextPage startCursor endCursor } nodes { id seq text sentAt author { username } } }`;
    const variables = '$id: ID!, $first: Int, $last: Int, $after: String, $before: String';
    for (const person of [ada, bob, eve])
      for (const id of [short, empty])
        for (const page of id === short && person !== eve ? pages : pages.slice(0, 3)) {
          const one = await person.ask(`query (${variables}) { at: room(id: $id) { ${fields} } }`, {
            id,
            ...page,
          });
          const two = await person.ask(
            `query (${variables}) { at: node(id: $id) { ... on Room { ${fields} } } }`,
            {
              id,
              ...page,
            },
          );
          expect({ page, data: one.data }).toEqual({ page, data: two.data });
          expect(codesOf(one)).toEqual(codesOf(two));
        }
  });

  test('a cursor of one room is none of another', async () => {
    const other = await ada.createRoom('elsewhere');
    const { endCursor } = await history(ada, { id: roomId });
    const { errors } = await ada.ask(RoomHistoryDocument.toString(), { id: other, after: endCursor });
    expect(errors[0]?.extensions).toMatchObject({ code: 'VALIDATION', argument: 'after' });
  });
});
