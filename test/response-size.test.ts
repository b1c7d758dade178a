import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_OPERATIONS_PER_USER } from '../src/delivery/operation-quota.ts';
import { MAX_EVENT_CHARACTERS } from '../src/delivery/shared-operation.ts';
import { MAX_RESPONSE_CHARACTERS, MAX_RESPONSE_ERRORS } from '../src/server/operations/operations.ts';
import { RawSocket } from './harness/client.ts';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp } from './harness/people.ts';

// An operation may be cheap by its fields and large by its texts.

const LONG = 'x'.repeat(5_000);
const tooLarge = { code: 'OPERATION_TOO_LARGE' };

let database: TestDatabase;
let node: TestNode;
let ada: Person;
let roomId: string;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({
    databaseUrl: database.url,
    env: { COST_BURST: '300000', COST_PER_SECOND: '100' },
  });
  ada = await signUp(node, 'ada');
  roomId = await ada.createRoom('long texts');
  for (let i = 0; i < 10; i++) await ada.say(roomId, LONG);
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

const CONTENT = `content { blocks { __typename depth ... on HeadingBlock { level } ... on CodeBlock { language text } ... on ListBlock { start }
  ... on InlinesBlock { inlines { __typename text styles url ... on UserMentionInline { username user { id username displayName } }
  ... on GroupMentionInline { group } } } } }`;

const often = (fields: string, times: number) =>
  ada.ask(`query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Room { ${fields} } } }`, {
    ids: Array(times).fill(roomId),
  });

describe('a response', () => {
  test('has a limit of characters in its texts', async () => {
    const texts = 'messages(last: 10) { nodes { text } }';
    const fitting = Math.floor(MAX_RESPONSE_CHARACTERS / (10 * LONG.length)) - 1;
    expect((await often(texts, fitting)).errors).toEqual([]);
    const { data, errors } = await often(texts, fitting + 2);
    expect([data, errors]).toEqual([null, [expect.objectContaining({ extensions: tooLarge })]]);
  });

  test('has room for fifty messages with as much markup as they can have', async () => {
    const hostile = await ada.createRoom('markup');
    for (const part of ['*a*b', '@ada ', '😀a', '- a\n', '[*a*b](https://example.org/a)'])
      await ada.say(hostile, part.repeat(5_000 / part.length));
    const { errors } = await ada.ask(
      `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Room { messages(last: 5) { nodes { id text ${CONTENT} } } } } }`,
      { ids: Array(10).fill(hostile) },
    );
    expect(errors).toEqual([]);
  });

  test('counts the names that clients give', async () => {
    const { errors } = await often(`${'a'.repeat(40_000)}: id`, 70);
    expect(errors).toEqual([expect.objectContaining({ extensions: tooLarge })]);
  });

  test('counts the paths of errors', async () => {
    const fields = `${'a'.repeat(30_000)}: messages(last: 1) { nodes { room { messages(last: 0) { nodes { id } } } } }`;
    expect((await often(fields, 35)).errors).toHaveLength(35);
    expect((await often(fields, 45)).errors).toEqual([expect.objectContaining({ extensions: tooLarge })]);
  });

  test('has no data where too many fields fail', async () => {
    const fails = 'messages(first: 0) { nodes { id } }';
    const some = await often(fails, MAX_RESPONSE_ERRORS);
    expect([some.data?.nodes, some.errors]).toEqual([expect.anything(), expect.anything()]);
    expect(some.errors).toHaveLength(MAX_RESPONSE_ERRORS);
    const { data, errors } = await often(`${fails} other: ${fails}`, 60);
    expect([data, errors.length]).toEqual([null, MAX_RESPONSE_ERRORS]);
  });

  test('is paid by its length', async () => {
    const bob = await signUp(node, 'bob');
    await bob.join(roomId);
    const query =
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Room { messages(last: 10) { nodes { text } } } } }';
    const large = () => bob.ask(query, { ids: Array(48).fill(roomId) });
    const answers = [];
    for (let i = 0; i < 20; i++) answers.push(await large());
    expect(answers.map(({ status }) => status)).toContain(429);
  });
});

describe('an event', () => {
  test('that is too large as it was selected keeps its place', async () => {
    const aliases = Array.from({ length: 25 }, (_, i) => `t${i}: text`).join(' ');
    expect(25 * LONG.length).toBeGreaterThan(MAX_EVENT_CHARACTERS);
    const socket = await RawSocket.connect(node.wsUrl, ada.token);
    socket.subscribe(
      '1',
      `subscription ($id: ID!) { room(id: $id) { __typename ... on RoomEvent { roomSeq } ... on MessageCreated { message { ${aliases} } } } }`,
      { id: roomId },
    );
    await socket.item('1', 'StreamReady');
    const { roomSeq } = await ada.say(roomId, LONG);
    expect(await socket.item('1', 'EventUnavailable')).toMatchObject({ roomSeq });
    await ada.say(roomId, 'short');
    expect(await socket.item('1', 'MessageCreated')).toMatchObject({ roomSeq: roomSeq + 1 });
    socket.close();
  });
});

describe('the subscriptions of one person', () => {
  const watch = (i: number) => `subscription ($id: ID!) { room(id: $id) { __typename a${i}: __typename } }`;

  test('select so many different things', async () => {
    const cleo = await signUp(node, 'cleo');
    await cleo.join(roomId);
    const socket = await RawSocket.connect(node.wsUrl, cleo.token);
    for (let i = 0; i < MAX_OPERATIONS_PER_USER; i++) {
      socket.subscribe(`${i}`, watch(i), { id: roomId });
      await socket.item(`${i}`, 'StreamReady');
    }
    socket.subscribe('same', watch(0), { id: roomId });
    await socket.item('same', 'StreamReady');

    const opened = (id: string, i: number) => {
      socket.subscribe(id, watch(i), { id: roomId });
      return socket.next('next', id);
    };
    const refused = await opened('other', MAX_OPERATIONS_PER_USER);
    expect(refused.payload.errors[0].extensions.code).toBe('RATE_LIMITED');

    socket.complete('1');
    let attempts = 0;
    const again = async () => (await opened(`again ${attempts++}`, MAX_OPERATIONS_PER_USER)).payload;
    await expect.poll(async () => (await again()).errors).toBeUndefined();
    socket.close();
  });
});
