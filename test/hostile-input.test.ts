import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Answer, type Person, signUp } from './harness/people.ts';

// Whatever comes in is refused in words, by its place; nothing is our mistake.

let database: TestDatabase;
let node: TestNode;
let ada: Person;
let roomId: string;

beforeAll(async () => {
  database = await createDatabase();
  const limits = ['POSTS', 'CHANGES'].flatMap((what) => [
    [`${what}_PER_SECOND`, '100000'],
    [`${what}_BURST`, '100000'],
  ]);
  const env = {
    ...(Object.fromEntries(limits) as Record<string, string>),
    LOGINS_PER_MINUTE: '10000',
    REGISTRATIONS_PER_HOUR: '10000',
  };
  node = await startNode({ databaseUrl: database.url, env });
  ada = await signUp(node, 'ada');
  roomId = await ada.createRoom('hostile');
  for (let n = 0; n < 5; n++) await ada.say(roomId, `line ${n}`);
  await ada.createRoom('another');
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

const codes = ({ errors }: Answer<unknown>) => errors.map((error) => error.extensions.code);

describe('times', () => {
  const ask = (date: string) =>
    ada.ask(
      'query ($id: ID!, $date: DateTime!) { room(id: $id) { messages(first: 1, around: { date: $date }) { nodes { text } } } }',
      { id: roomId, date },
    );

  test.each([
    '+275760-09-13T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-01:00',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:01:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01',
    'now',
  ])('%s is refused', async (date) => {
    const { errors } = await ask(date);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    const literal = await ada.ask(
      `{ room(id: "${roomId}") { messages(first: 1, around: { date: "${date}" }) { nodes { text } } } }`,
    );
    expect(codes(literal)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });

  test.each([
    '2026-02-28T00:00:00Z',
    '2024-02-29T23:59:59.123456+05:30',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ])('%s is a time', async (date) => expect((await ask(date)).errors).toEqual([]));
});

describe('cursors', () => {
  /** Bytes changed, cut, added, made huge; and what never was a cursor. */
  function* mutations(cursor: string): Generator<string> {
    const bytes = Buffer.from(cursor, 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        yield changed.toString('base64url');
      }
      yield bytes.subarray(0, at).toString('base64url');
      const huge = Buffer.from('ffffffffffffff0f', 'hex');
      yield Buffer.concat([bytes.subarray(0, at), huge, bytes.subarray(at)]).toString('base64url');
      yield Buffer.concat([bytes.subarray(0, at), huge, bytes.subarray(at + 1)]).toString('base64url');
    }
    for (const parts of [
      [8.64e15, 1],
      [-8.64e15, 1],
      [1e308, 1],
      [1, 2 ** 53],
      [-1, -1],
      ['x'],
      ['', 1],
      ['\ud800', 1],
      [null],
      {},
    ])
      yield Buffer.from(JSON.stringify(parts)).toString('base64url');
    yield* ['', '!', 'a'.repeat(5_000), '\u0000', '\ud800'];
  }

  const room = 'query ($id: ID!, $after: String) { room(id: $id)';
  const lists: Record<string, { query: string; seed: string }> = {
    rooms: {
      query: 'query ($after: String) { viewer { rooms(first: 1, after: $after) { edges { cursor } } } }',
      seed: 'viewer.rooms',
    },
    sessions: {
      query: 'query ($after: String) { viewer { sessions(first: 1, after: $after) { edges { cursor } } } }',
      seed: 'viewer.sessions',
    },
    directory: {
      query: 'query ($after: String) { rooms(first: 1, after: $after) { edges { cursor } } }',
      seed: 'rooms',
    },
    members: {
      query: `${room} { members(first: 1, after: $after) { edges { cursor } } } }`,
      seed: 'room.members',
    },
    messages: {
      query: `${room} { messages(first: 1, after: $after) { edges { cursor } } } }`,
      seed: 'room.messages',
    },
    events: {
      query: `${room} { events(first: 1, after: $after) { edges { cursor } } } }`,
      seed: 'room.events',
    },
    inboxEvents: {
      query:
        'query ($after: String) { inboxEvents(first: 1, after: $after) { edges { cursor } pageInfo { endCursor } } }',
      seed: 'inboxEvents',
    },
  };
  const pick = (data: any, path: string) => path.split('.').reduce((at, name) => at[name], data);

  test.each(Object.keys(lists))('no cursor of %s is our mistake', { timeout: 60_000 }, async (name) => {
    const { query, seed } = lists[name] as { query: string; seed: string };
    const variables = query.includes('$id') ? { id: roomId } : {};
    const first = pick((await ada.ask(query, variables)).data, seed);
    const cursor: string = first.edges[0]?.cursor ?? first.pageInfo.endCursor;
    const known = [
      'VALIDATION',
      'CURSOR_FOREIGN',
      'CURSOR_EXPIRED',
      'ACCESS_CHANGED',
      'GRAPHQL_VALIDATION_FAILED',
    ];
    for (const after of mutations(cursor)) {
      const said = codes(await ada.ask(query, { ...variables, after }));
      expect(
        said.filter((code) => !known.includes(code)),
        after,
      ).toEqual([]);
    }
  });

  test('no cursor of a stream is our mistake', { timeout: 60_000 }, async () => {
    const { data } = await ada.ask('query ($id: ID!) { room(id: $id) { cursor } viewer { inboxCursor } }', {
      id: roomId,
    });
    const rooms = [...mutations(data.room.cursor)]
      .slice(0, 120)
      .map((after) => () => ada.watch(roomId, after));
    const inboxes = [...mutations(data.viewer.inboxCursor)]
      .slice(0, 120)
      .map((after) => () => ada.watchInbox(after));
    for (const open of [...rooms, ...inboxes]) {
      const feed = await open();
      const item = await feed.next().catch(() => null);
      const kinds = [
        'StreamReady',
        'ResyncRequired',
        'StreamClosed',
        'RoomAccessGranted',
        'MessageCreated',
        'MemberJoined',
        'RoomCreated',
      ];
      if (item) expect(kinds).toContain(item.__typename);
      else expect(JSON.stringify(feed.errors)).not.toMatch(/INTERNAL/);
      feed.close();
    }
    expect((await node.metrics())['parley_internal_errors_total'] ?? 0).toBe(0);
  });
});

describe('what cannot be stored', () => {
  const schema = buildSchema(readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'));
  const mutation = schema.getMutationType() as GraphQLObjectType;

  /** A value of that type with the bad text in every text. */
  function poisoned(type: GraphQLInputType, bad: string): unknown {
    if (isNonNullType(type)) return poisoned(type.ofType, bad);
    if (isListType(type)) return [poisoned(type.ofType, bad)];
    if (isEnumType(type)) return type.getValues()[0]?.name;
    if (isInputObjectType(type))
      return Object.fromEntries(
        Object.values(type.getFields()).map((field) => [field.name, poisoned(field.type, bad)]),
      );
    return getNamedType(type)?.name === 'Int' ? 1 : bad;
  }

  const withInput = Object.values(mutation.getFields()).filter((field) => field.args.length > 0);
  test.each(withInput.map(({ name }) => name))('%s refuses it', async (name) => {
    const type = mutation.getFields()[name]?.args[0]?.type as GraphQLInputType;
    for (const bad of ['\u0000', 'a\u0000b', '\ud800', 'a\udc00b']) {
      const { data, errors } = await ada.ask(
        `mutation ($input: ${String(type)}) { ${name}(input: $input) { __typename ... on UserError { code path } } }`,
        { input: poisoned(type, bad) },
      );
      expect(errors).toEqual([]);
      expect(data[name].code).toMatch(/VALIDATION|NOT_FOUND|INVALID_CREDENTIALS/);
      expect(data[name].path[0]).toBe('input');
    }
  });
});

describe('signing in', () => {
  test('shows the rooms of whoever has just signed in, as that person sees them', async () => {
    const { data } = await ada.ask(
      'mutation ($input: LoginInput!) { login(input: $input) { ... on LoginSuccess { viewer { rooms { nodes { viewerMembership { role } } } sessions { nodes { isCurrent } } } } } }',
      { input: { usernameOrEmail: ada.username, password: 'correct horse battery' } },
    );
    const { rooms, sessions } = data.login.viewer;
    expect(rooms.nodes).toEqual([
      { viewerMembership: { role: 'OWNER' } },
      { viewerMembership: { role: 'OWNER' } },
    ]);
    expect(sessions.nodes.map((session: { isCurrent: boolean }) => session.isCurrent)).toEqual([true, false]);
  });
});

describe('leaving', () => {
  test('tells a stranger nothing of a public room, and whoever left the same again', async () => {
    const bob = await signUp(node, 'bob');
    expect(await bob.change('leaveRoom', { roomId })).toMatchObject({ code: 'NOT_FOUND' });
    await bob.join(roomId);
    const left = await bob.change('leaveRoom', { roomId });
    await ada.say(roomId, 'afterwards');
    expect(await bob.change('leaveRoom', { roomId })).toEqual(left);
  });
});
