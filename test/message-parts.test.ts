import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { MAX_METADATA, MAX_METADATA_KEY, MAX_METADATA_TEXT } from '../src/metadata/metadata.ts';
import { FORWARD, forward } from './capabilities/forwards.ts';
import { someMetadata } from './capabilities/metadata.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { everything } from './harness/everything.ts';
import { openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
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

  test('is replaced by an edit, also of the same text; repeating it changes nothing', async () => {
    const { message } = await send(someMetadata);
    const CHANGED = `roomSeq message { version editedAt ${METADATA} }`;
    const edit = (metadata: readonly Entry[], more: object = {}) =>
      people.ada.change('editMessage', { messageId: message.id, text: 'see', metadata, ...more }, CHANGED);
    const [first, second] = [[{ key: 'k', value: isTrue }], [...someMetadata].reverse()];
    const feed = await openFeed(
      far.wsUrl,
      people.bob.token,
      `subscription ($id: ID!) { room(id: $id) { __typename ... on MessageEdited { message { version ${METADATA} } } } }`,
      { id: roomId },
      'room',
    );
    await feed.next('StreamReady');
    const edited = await edit(first, { expectedVersion: 1 });
    expect(edited.message).toMatchObject({ version: 2, metadata: shown(first) });
    expect(edited.message.editedAt).not.toBeNull();
    expect((await feed.next('MessageEdited'))['message']).toMatchObject({
      version: 2,
      metadata: shown(first),
    });
    expect(await edit(first, { expectedVersion: 1 })).toEqual(edited);
    expect(await edit(second, { expectedVersion: 1 })).toMatchObject({ code: 'CONFLICT' });
    const both = await Promise.all([edit(second), edit(second, { text: 'see you' })]);
    expect(both.map((each) => each.message.metadata)).toEqual([shown(second), shown(second)]);
    expect(await metadataFor(people.bob.via(far), message.id)).toEqual(shown(second));
    await edit([]);
    expect(await metadataFor(people.bob, message.id)).toEqual([]);
    expect(await edit([{ key: '1st', value: isTrue }])).toMatchObject({
      code: 'VALIDATION',
      path: ['input', 'metadata', '0', 'key'],
    });
    feed.close();
  });

  test('of a forwarded message can be edited, and the message stays a forward', async () => {
    const { message } = await send([]);
    const forwarded = await forward(people.ada, message.id, roomId);
    const messageId = forwarded.message.id;
    const shownForward = async () =>
      (
        await people.ada.ask('query ($id: ID!) { node(id: $id) { ... on Message { forward { sentAt } } } }', {
          id: messageId,
        })
      ).data.node.forward;
    await people.ada.change('editMessage', { messageId, text: 'see', metadata: someMetadata });
    expect(await metadataFor(people.bob, messageId)).toEqual(shown(someMetadata));
    expect(await shownForward()).not.toBeNull();
    await people.ada.change('editMessage', { messageId, text: 'otherwise' });
    expect(await shownForward()).toBeNull();
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

describe('a forward', () => {
  let hall: string;
  let nook: string;

  /** Cyd is in the nook only. */
  beforeAll(async () => {
    hall = await people.ada.createRoom('where it was said');
    nook = await people.ada.createRoom('where it goes to');
    await people.bob.join(hall);
    for (const each of [people.bob, people.cyd]) await each.join(nook);
  });

  const forwardFor = async (person: Person, id: string, selection = FORWARD) => {
    const query = `query ($id: ID!) { node(id: $id) { ... on Message { text ${selection} } } }`;
    const { data, errors } = await person.ask(query, { id });
    expect(errors).toEqual([]);
    return data.node;
  };
  const invisible = { state: 'INVISIBLE', origin: null };

  test('has the text and the origin, for those who may see that', async () => {
    const { message } = await people.bob.say(hall, 'said by bob');
    const forwarded = (await forward(people.ada, message.id, nook)).message;
    const origin = { id: message.id, text: 'said by bob', author: { username: people.bob.username } };
    expect(forwarded).toMatchObject({ text: 'said by bob', forward: { state: 'VISIBLE', origin } });
    expect(await forwardFor(people.bob.via(far), forwarded.id)).toMatchObject({
      text: 'said by bob',
      forward: { state: 'VISIBLE', origin, sentAt: forwarded.forward.sentAt },
    });
    expect(await forwardFor(people.cyd, forwarded.id)).toEqual({
      text: 'said by bob',
      forward: { ...invisible, sentAt: forwarded.forward.sentAt },
    });
    expect((await forwardFor(people.bob, message.id)).forward).toBeNull();
  });

  test('is judged anew for each viewer when the origin or the rights change', async () => {
    const { message } = await people.bob.say(hall, 'for a while');
    const { id } = (await forward(people.bob, message.id, nook)).message;
    const seen = async (person: Person) => (await forwardFor(person, id)).forward;
    expect(await seen(people.cyd)).toMatchObject(invisible);
    await people.cyd.join(hall);
    expect(await seen(people.cyd)).toMatchObject({ state: 'VISIBLE', origin: { text: 'for a while' } });
    await people.bob.change('editMessage', { messageId: message.id, text: 'edited' });
    expect(await forwardFor(people.ada, id)).toMatchObject({
      text: 'for a while',
      forward: { state: 'VISIBLE', origin: { text: 'edited' } },
    });
    await people.cyd.change('leaveRoom', { roomId: hall });
    expect(await seen(people.cyd)).toMatchObject(invisible);
    await people.bob.change('deleteMessage', { messageId: message.id });
    expect(await forwardFor(people.ada, id)).toMatchObject({
      text: 'for a while',
      forward: { state: 'DELETED', origin: { id: message.id, text: null } },
    });
    expect(await seen(people.cyd)).toMatchObject(invisible);
  });

  test('shows nobody who may not see the origin whose it is, in no field of the API', async () => {
    const { message } = await people.bob.say(hall, 'hidden author');
    const { id } = (await forward(people.ada, message.id, nook)).message;
    const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
    const query = `query ($id: ID!) { node(id: $id) { ... on Message ${everything(schema, 'Message', 3)} ... on Message { forward ${everything(schema, 'Forward', 4)} } } }`;
    const { data, errors } = await people.cyd.ask(query, { id });
    expect(errors).toEqual([]);
    const answer = JSON.stringify(data);
    expect(answer).toContain('hidden author');
    for (const secret of [message.id, hall, people.bob.username, people.bob.userId])
      expect(answer).not.toContain(`"${secret}"`);
  });

  test('of a forward keeps the first origin, also if its sender cannot see that', async () => {
    const { message } = await people.bob.say(hall, 'from hand to hand');
    const first = (await forward(people.ada, message.id, nook)).message;
    const second = (await forward(people.cyd, first.id, nook)).message;
    expect(second).toMatchObject({ text: 'from hand to hand', forward: invisible });
    expect((await forwardFor(people.ada, second.id)).forward).toEqual({
      ...first.forward,
      state: 'VISIBLE',
    });
  });

  test('takes the text only: no poll, no metadata, no quote, no mentions', async () => {
    const { message: quoted } = await people.ada.say(hall, 'quoted');
    const { text: _text, ...rest } = inputOf(someMetadata, { roomId: hall, options: ['yes', 'no'] });
    const question = `@${people.bob.username} and @room?`;
    const input = { ...rest, question, replyToId: quoted.id };
    const { message } = await people.ada.change('createPoll', input, SENT);
    const { id } = (await forward(people.ada, message.id, nook)).message;
    const found = await forwardFor(
      people.bob,
      id,
      `${CONTENT} replyTo { id } quote { state } mentions { username } mentionsEveryone`,
    );
    const nothing = { poll: null, metadata: [], replyTo: null, quote: null, mentions: [] };
    expect(found).toEqual({ text: question, ...nothing, mentionsEveryone: false });
  });

  test('is an ordinary message again when its text is edited, and goes with its deletion', async () => {
    const { message } = await people.bob.say(hall, 'their words');
    const { id } = (await forward(people.ada, message.id, nook)).message;
    const edited = await people.ada.change(
      'editMessage',
      { messageId: id, text: 'my words' },
      `message { text ${FORWARD} }`,
    );
    expect(edited.message).toEqual({ text: 'my words', forward: null });
    expect(await forwardFor(people.bob.via(far), id)).toEqual({ text: 'my words', forward: null });
    const other = (await forward(people.ada, message.id, nook)).message;
    await people.ada.change('deleteMessage', { messageId: other.id });
    expect(await forwardFor(people.bob, other.id)).toEqual({ text: null, forward: null });
  });

  test('goes into threads, and into the room of the origin', async () => {
    const { message } = await people.ada.say(hall, 'to a thread');
    const { message: root } = await people.bob.say(nook, 'the root');
    const reply = await forward(people.ada, message.id, nook, { threadRootId: root.id });
    expect(reply.message).toMatchObject({ seq: null, threadSeq: 1, forward: { state: 'VISIBLE' } });
    const both = { threadRootId: root.id, alsoSendToRoom: true };
    expect((await forward(people.ada, reply.message.id, nook, both)).message).toMatchObject({
      threadSeq: 2,
      seq: expect.any(Number),
      forward: { origin: { id: message.id } },
    });
    expect((await forward(people.bob, message.id, hall)).message.forward.origin.id).toBe(message.id);
  });

  test('is refused where the message cannot be seen, and where nothing can be sent', async () => {
    const refused = { code: 'NOT_FOUND', path: ['input', 'messageId'] };
    const { message } = await people.ada.say(hall, 'secret');
    expect(await forward(people.cyd, message.id, nook)).toMatchObject(refused);
    for (const id of ['msg_999999_1', 'room_1', 'nonsense', `${message.id}000000`])
      expect(await forward(people.ada, id, nook)).toMatchObject(refused);
    await people.ada.change('deleteMessage', { messageId: message.id });
    expect(await forward(people.ada, message.id, nook)).toMatchObject(refused);

    const { message: open } = await people.cyd.say(nook, 'open');
    expect(await forward(people.cyd, open.id, hall)).toMatchObject({ code: 'NOT_FOUND' });
    const archived = await people.ada.createRoom('archived');
    await people.ada.change('archiveRoom', { roomId: archived });
    expect(await forward(people.ada, open.id, archived)).toMatchObject({ code: 'CONFLICT' });
  });

  test('is sent once for a key, whatever became of the origin and of the rights since', async () => {
    const { message } = await people.bob.say(hall, 'once');
    const idempotencyKey = randomUUID();
    const again = (more: object = {}, id = message.id) =>
      forward(people.bob, id, nook, { idempotencyKey, ...more });
    const first = await again();
    expect(first).toMatchObject({ replayed: false });
    await people.bob.change('editMessage', { messageId: message.id, text: 'edited' });
    expect(await again()).toMatchObject({ replayed: true, message: { id: first.message.id, text: 'once' } });
    await people.bob.change('leaveRoom', { roomId: hall });
    expect(await again()).toMatchObject({ replayed: true, message: { forward: invisible } });
    await people.bob.join(hall);
    await people.bob.change('deleteMessage', { messageId: message.id });
    expect(await again()).toMatchObject({ replayed: true, message: { id: first.message.id } });

    const conflict = { code: 'IDEMPOTENCY_CONFLICT' };
    expect(await again({ threadRootId: first.message.id })).toMatchObject(conflict);
    expect(await again({}, first.message.id)).toMatchObject(conflict);
    const plain = { roomId: nook, text: 'once', idempotencyKey };
    expect(await people.bob.change('sendMessage', plain)).toMatchObject(conflict);
  });

  test('beside the deletion of its origin has the whole text, or is refused', async () => {
    for (let n = 0; n < 10; n++) {
      const { message } = await people.bob.say(hall, `going ${n}`);
      const [forwarded] = await Promise.all([
        forward(people.ada.via(far), message.id, nook),
        people.bob.change('deleteMessage', { messageId: message.id }),
      ]);
      if (forwarded.code !== 'NOT_FOUND') expect(forwarded.message.text).toBe(`going ${n}`);
    }
  });

  test('is shown by its event, without what depends on another room', async () => {
    const { message } = await people.bob.say(hall, 'live');
    const watch = (selection: string) =>
      openFeed(
        far.wsUrl,
        people.cyd.token,
        `subscription ($id: ID!) { room(id: $id) { __typename ... on MessageCreated { message { text ${selection} } } } }`,
        { id: nook },
        'room',
      );
    const feed = await watch('forward { sentAt }');
    await feed.next('StreamReady');
    const sent = (await forward(people.ada, message.id, nook)).message;
    expect((await feed.next('MessageCreated'))['message']).toEqual({
      text: 'live',
      forward: { sentAt: sent.forward.sentAt },
    });
    feed.close();
    for (const field of ['state', 'origin { id }']) {
      const refused = await watch(`forward { ${field} }`);
      await expect(refused.next()).rejects.toThrow();
      expect(JSON.stringify(refused.errors)).toContain('cannot be selected in an event');
      refused.close();
    }
  });

  test('of an erased user shows a deleted user', async () => {
    const { message } = await people.cyd.say(nook, 'by somebody who goes');
    const { id } = (await forward(people.ada, message.id, nook)).message;
    await execute(
      database.url,
      `UPDATE users SET deleted_at = now(), username = 'gone-' || id, display_name = '' WHERE id = ${numberIn(people.cyd.userId)}`,
    );
    const seen = await forwardFor(
      people.bob.via(far),
      id,
      'forward { state origin { author { isDeleted displayName } } }',
    );
    expect(seen.forward).toMatchObject({ state: 'VISIBLE', origin: { author: { isDeleted: true } } });
  });
});

describe('a quote', () => {
  const QUOTE = 'replyTo { id text } quote { state message { id text } }';

  test('says whether its message is visible, was deleted, or is not for the viewer', async () => {
    const hall = await people.ada.createRoom('with quotes');
    await people.bob.join(hall);
    const { message: quoted } = await people.ada.say(hall, 'quoted');
    const { message } = await people.ada.say(hall, 'quotes', { replyToId: quoted.id });
    const query = `query ($id: ID!) { node(id: $id) { ... on Message { ${QUOTE} } } }`;
    const seen = async (person: Person, id = message.id) => (await person.ask(query, { id })).data.node;
    expect((await seen(people.bob, quoted.id)).quote).toBeNull();
    const shownQuote = { id: quoted.id, text: 'quoted' };
    expect(await seen(people.bob)).toEqual({
      replyTo: shownQuote,
      quote: { state: 'VISIBLE', message: shownQuote },
    });
    // The visible history of bob begins behind the quoted message.
    await execute(
      database.url,
      `UPDATE memberships SET visible_from_seq = 2, visible_from_room_seq = 1 WHERE room_id = ${numberIn(hall)} AND user_id = ${numberIn(people.bob.userId)}`,
    );
    const hidden = { replyTo: null, quote: { state: 'INVISIBLE', message: null } };
    expect(await seen(people.bob)).toEqual(hidden);
    const feeds = await Promise.all(
      [people.ada, people.bob].map((person) =>
        openFeed(
          node.wsUrl,
          person.token,
          `subscription ($id: ID!) { room(id: $id) { __typename ... on MessageCreated { message { ${QUOTE} } } } }`,
          { id: hall },
          'room',
        ),
      ),
    );
    for (const feed of feeds) await feed.next('StreamReady');
    await people.ada.say(hall, 'quotes again', { replyToId: quoted.id });
    const [adas, bobs] = await Promise.all(feeds.map((feed) => feed.next('MessageCreated')));
    expect(adas?.['message']).toMatchObject({ quote: { state: 'VISIBLE', message: shownQuote } });
    expect(bobs?.['message']).toEqual(hidden);
    for (const feed of feeds) feed.close();

    await people.ada.change('deleteMessage', { messageId: quoted.id });
    const deleted = { id: quoted.id, text: null };
    expect(await seen(people.ada)).toEqual({
      replyTo: deleted,
      quote: { state: 'DELETED', message: deleted },
    });
    expect(await seen(people.bob)).toEqual(hidden);
  });
});
