import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { MAX_METADATA, MAX_METADATA_KEY, MAX_METADATA_TEXT } from '../src/metadata/metadata.ts';
import { someMetadata } from './capabilities/metadata.ts';
import { createDatabase, queryRows, type TestDatabase } from './harness/database.ts';
import { openFeed } from './harness/feed.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';

let database: TestDatabase;
let node: TestNode;
let far: TestNode;
let people: Record<'ada' | 'bob' | 'cyd', Person>;
let roomId: string;

beforeAll(async () => {
  database = await createDatabase();
  const env = { POSTS_PER_SECOND: '10000', CHANGES_PER_SECOND: '10000', HEAD_CHECK_MS: '10000' };
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

const METADATA = 'metadata { key value { text number isTrue } }';
const CONTENT = `text ${METADATA} poll { options { text } }`;
const SENT = `replayed roomSeq message { id seq threadSeq ${CONTENT} mentions { username } }`;

type Entry = (typeof someMetadata)[number] | { key: string; value: object };

const inputOf = (metadata: readonly Entry[], more: object = {}) => ({
  roomId,
  text: 'see',
  idempotencyKey: randomUUID(),
  metadata,
  ...more,
});
const send = (metadata: readonly Entry[], more: object = {}) =>
  people.ada.change('sendMessage', inputOf(metadata, more), SENT);

const whole = { text: null, number: null, isTrue: null };
const shown = (entries: readonly Entry[]) =>
  entries.map(({ key, value }) => ({ key, value: { ...whole, ...value } }));

/** The refusal of such a message, with the path to what is wrong. */
async function refusalOf(metadata: readonly Entry[], more: object = {}) {
  const mutation = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename ... on UserError { code path } } }`;
  const { data } = await people.ada.ask(mutation, { input: inputOf(metadata, more) });
  return data.sendMessage;
}

async function metadataFor(person: Person, id: string) {
  const query = `query ($id: ID!) { node(id: $id) { ... on Message { ${METADATA} } } }`;
  return (await person.ask(query, { id })).data.node?.metadata ?? null;
}

const createdFor = (person: Person) =>
  openFeed(
    far.wsUrl,
    person.token,
    `subscription ($id: ID!) { room(id: $id) { __typename ... on MessageCreated { message { ${CONTENT} } } } }`,
    { id: roomId },
    'room',
  );

describe('metadata', () => {
  test('has the types and the order in which it was sent, in the answer, in the event and later', async () => {
    const feed = await createdFor(people.bob);
    await feed.next('StreamReady');
    const { message } = await send(someMetadata);
    expect(message.metadata).toEqual(shown(someMetadata));
    expect((await feed.next('MessageCreated'))['message']).toMatchObject({ metadata: message.metadata });
    expect(await metadataFor(people.bob.via(far), message.id)).toEqual(message.metadata);
    feed.close();
  });

  test.each([
    ['numbers that JSON and doubles have', [0, -0, 0.1, 5e-324, -1.7976931348623157e308, 2 ** 53 + 2]],
    [
      'texts that look like something else',
      ['', ' ', '\\', '"},{"', '{1,2}', 'null', '\u2028', '👩‍👩‍👧', 'x'.repeat(500)],
    ],
  ])('keeps %s', async (_what, values) => {
    const metadata = values.map((value, i) => ({
      key: `k${i}`,
      value: typeof value === 'number' ? { number: value } : { text: value },
    }));
    const { message } = await send(metadata);
    expect(message.metadata).toEqual(await metadataFor(people.bob, message.id));
    const kept = message.metadata.map(({ value }: any) => value.text ?? value.number);
    expect(kept).toEqual(values.map((value) => (value === 0 ? 0 : value)));
  });

  const long = `k${'x'.repeat(MAX_METADATA_KEY - 1)}`;
  const isTrue = { isTrue: true };

  test('is at most 16 entries, with keys of at most 64 characters', async () => {
    const most = Array.from({ length: MAX_METADATA }, (_, i) => ({ key: `k-${i}.A_`, value: isTrue }));
    expect((await send(most)).message.metadata).toEqual(shown(most));
    expect((await send([{ key: long, value: isTrue }])).message.metadata).toHaveLength(1);
    expect(await refusalOf([...most, { key: 'more', value: isTrue }])).toMatchObject({
      code: 'VALIDATION',
      path: ['input', 'metadata'],
    });
  });

  test.each(['', 'Key', '1st', ' key', 'key ', 'k\n', 'ключ', 'a b', 'a:b', '__proto__', `${long}x`])(
    'has no key %j',
    async (key) => {
      const entries = [
        { key: 'good', value: isTrue },
        { key, value: isTrue },
      ];
      expect(await refusalOf(entries)).toMatchObject({
        code: 'VALIDATION',
        path: ['input', 'metadata', '1', 'key'],
      });
    },
  );

  test('has each key once, and no text that is too long', async () => {
    const twice = ['key', 'key'].map((key) => ({ key, value: isTrue }));
    expect(await refusalOf(twice)).toMatchObject({ code: 'VALIDATION', path: ['input', 'metadata'] });
    const text = '𝕏'.repeat(MAX_METADATA_TEXT);
    expect((await send([{ key: 'key', value: { text } }])).message.metadata[0].value.text).toBe(text);
    expect(await refusalOf([{ key: 'key', value: { text: `${text}x` } }])).toMatchObject({
      code: 'VALIDATION',
      path: ['input', 'metadata', '0', 'value', 'text'],
    });
  });

  test('keys with the names of built-in properties are ordinary keys', async () => {
    const metadata = ['constructor', 'toString', 'hasOwnProperty'].map((key) => ({ key, value: isTrue }));
    expect((await send(metadata)).message.metadata).toEqual(shown(metadata));
  });

  test('is in threads, and beside a poll and mentions', async () => {
    const { message: root } = await people.ada.say(roomId, 'the root');
    const reply = await send(someMetadata, { threadRootId: root.id, text: `@${people.bob.username}` });
    expect(reply.message).toMatchObject({ seq: null, threadSeq: 1, metadata: shown(someMetadata) });
    expect(reply.message.mentions).toEqual([{ username: people.bob.username }]);
    const { text: question, ...rest } = inputOf(someMetadata, { options: ['yes', 'no'] });
    const { message } = await people.ada.change('createPoll', { ...rest, question }, SENT);
    const both = { metadata: shown(someMetadata), poll: { options: [{ text: 'yes' }, { text: 'no' }] } };
    expect(message).toMatchObject(both);
    const found = await people.bob.ask(
      `query ($id: ID!) { node(id: $id) { ... on Message { ${CONTENT} } } }`,
      { id: message.id },
    );
    expect(found.data.node).toMatchObject(both);
  });

  test('stays when the text is edited, and is erased with the message', async () => {
    const { message } = await send(someMetadata);
    const edited = await people.ada.change(
      'editMessage',
      { messageId: message.id, text: 'otherwise' },
      `message { ${METADATA} }`,
    );
    expect(edited.message.metadata).toEqual(shown(someMetadata));
    const deleted = await people.ada.change(
      'deleteMessage',
      { messageId: message.id },
      `message { ${METADATA} }`,
    );
    expect(deleted.message.metadata).toEqual([]);
    expect(await metadataFor(people.bob, message.id)).toEqual([]);
    const [room, seq] = message.id.split('_').slice(1);
    const left = await queryRows(
      database.url,
      'SELECT FROM message_metadata WHERE room_id = $1 AND room_seq = $2',
      [room, seq],
    );
    expect(left).toEqual([]);
  });

  test('is shown to nobody else', async () => {
    const { message } = await send(someMetadata);
    expect(await metadataFor(people.cyd, message.id)).toBeNull();
  });
});

describe('the idempotency key of a message with parts', () => {
  const conflict = { __typename: 'IdempotencyConflictError' };

  test('replays the same parts, once for many calls at the same time', async () => {
    const input = inputOf(someMetadata);
    const calls = [people.ada, people.ada.via(far), people.ada, people.ada.via(far)];
    const answers = await Promise.all(calls.map((ada) => ada.change('sendMessage', input, SENT)));
    expect(new Set(answers.map(({ message }) => message.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    for (const { message } of answers) expect(message.metadata).toEqual(shown(someMetadata));
  });

  test.each([
    ['another value', [{ key: 'ticket', value: { text: 'A-18' } }, ...someMetadata.slice(1)]],
    ['another type', [{ key: 'ticket', value: { isTrue: true } }, ...someMetadata.slice(1)]],
    ['another order', someMetadata.toReversed()],
    ['fewer entries', someMetadata.slice(1)],
    ['none', []],
  ])('conflicts with %s', async (_what, metadata: readonly Entry[]) => {
    const input = inputOf(someMetadata);
    await people.ada.change('sendMessage', input, SENT);
    expect(await refusalOf(metadata, { idempotencyKey: input.idempotencyKey })).toMatchObject(conflict);
  });

  test('no entries are the same as no metadata', async () => {
    const { metadata: _none, ...plain } = inputOf([]);
    const first = await people.ada.change('sendMessage', plain, SENT);
    const again = await people.ada.change('sendMessage', { ...plain, metadata: [] }, SENT);
    expect(again).toMatchObject({ replayed: true, message: { id: first.message.id, metadata: [] } });
    expect(await refusalOf(someMetadata, { idempotencyKey: plain.idempotencyKey })).toMatchObject(conflict);
  });

  test('is answered to an author who was removed since, and others are refused', async () => {
    const hall = await people.ada.createRoom('another hall');
    await people.cyd.join(hall);
    const input = inputOf(someMetadata, { roomId: hall });
    const { message } = await people.cyd.change('sendMessage', input, SENT);
    await people.ada.change('removeMember', { roomId: hall, userId: people.cyd.userId });
    const again = await people.cyd.change('sendMessage', input, `replayed message { id ${METADATA} }`);
    expect(again).toMatchObject({
      replayed: true,
      message: { id: message.id, metadata: shown(someMetadata) },
    });
    const mutation = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }`;
    const other = { ...input, idempotencyKey: randomUUID() };
    const { data } = await people.cyd.ask(mutation, { input: other });
    expect(data.sendMessage.__typename).toBe('NotFoundError');
  });
});
