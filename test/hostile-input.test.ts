import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEventRegistry } from '../src/capabilities.ts';
import { InvalidCursor } from '../src/eventlog/cursors/bytes.ts';
import {
  decodeInboxCursor,
  encodeInboxCursor,
  type InboxPosition,
} from '../src/eventlog/cursors/inbox-cursor.ts';
import { decodeRoomCursor, encodeRoomCursor } from '../src/eventlog/cursors/room-cursor.ts';
import { allOf, attachedCases, capabilityCases, storedRows } from './capabilities/all.ts';
import type { ListCase } from './capabilities/cases.ts';
import { sayPoll } from './capabilities/polls.ts';
import { createDatabase, execute, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Answer, ask, type Person, signUp } from './harness/people.ts';

// Whatever comes in is refused in words, by its place; nothing is our mistake.

let database: TestDatabase;
let node: TestNode;
let ada: Person;
let roomId: string;

beforeAll(async () => {
  database = await createDatabase();
  for (const rows of storedRows) await execute(database.url, rows);
  const limits = ['POSTS', 'CHANGES', 'COST'].flatMap((what) => [
    [`${what}_PER_SECOND`, '1000000'],
    [`${what}_BURST`, '1000000'],
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
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+00:60',
    '2026-01-01T00:00:00',
    '2026-01-01',
    'now',
  ])('%s is refused', async (date) => {
    const { errors } = await ask(date);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(errors[0]?.message).toMatch(/\$date.*DateTime must be an RFC 3339 time/);
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
  test('of one list are no cursors of another', async () => {
    const eve = await signUp(node, 'eve');
    const roomId = await eve.createRoom('lists');
    await eve.say(roomId, 'one');
    const query = `query ($id: ID!) { rooms(first: 1) { pageInfo { endCursor } } viewer { rooms(first: 1) { pageInfo { endCursor } }
        sessions(first: 1) { pageInfo { endCursor } } }
        room(id: $id) { members(first: 1) { pageInfo { endCursor } } messages(first: 1) { pageInfo { endCursor } } } }`;
    let data: unknown;
    const complaints = async () => {
      const answer = await eve.ask(query, { id: roomId });
      data = answer.data;
      return answer.errors;
    };
    await expect.poll(complaints).toEqual([]); // a loaded server may ask to repeat
    const cursors = JSON.stringify(data).match(/(?<="endCursor":")[^"]+/g) ?? [];
    expect(cursors).toHaveLength(5);
    const lists = [
      'rooms(first: 1, after: $c) { nodes { id } }',
      'viewer { rooms(first: 1, after: $c) { nodes { id } } }',
      'viewer { sessions(first: 1, after: $c) { nodes { id } } }',
      'room(id: $id) { members(first: 1, after: $c) { nodes { id } } }',
      'room(id: $id) { messages(first: 1, after: $c) { nodes { id } } }',
    ];
    for (const [i, list] of lists.entries())
      for (const [j, cursor] of cursors.entries()) {
        const withId = list.includes('$id') ? ', $id: ID!' : '';
        const { errors } = await eve.ask(`query ($c: String${withId}) { ${list} }`, {
          c: cursor,
          id: roomId,
        });
        expect(errors.map(({ extensions }) => extensions.code)).toEqual(i === j ? [] : ['VALIDATION']);
      }
  });

  /** Bytes changed, cut, added, made huge; and what never was a cursor. */
  function* mutations(cursor: string): Generator<string> {
    // Those of lists are plain text, those of streams bytes.
    const encoding = cursor.includes(':') ? 'latin1' : 'base64url';
    const bytes = Buffer.from(cursor, encoding);
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        yield changed.toString(encoding);
      }
      yield bytes.subarray(0, at).toString(encoding);
      const huge = Buffer.from('ffffffffffffff0f', 'hex');
      yield Buffer.concat([bytes.subarray(0, at), huge, bytes.subarray(at)]).toString(encoding);
      yield Buffer.concat([bytes.subarray(0, at), huge, bytes.subarray(at + 1)]).toString(encoding);
    }
    const [list] = cursor.split(':');
    for (const parts of [
      '8640000000000000:1',
      '-8640000000000000:1',
      '1e308:1',
      `1:${2 ** 53}`,
      '-1:-1',
      '01:+1',
      'x',
      ':1',
      '%:1',
    ])
      yield `${list}:${parts}`;
    yield* [`${list}:%00:1`, `${list}:%ED%A0%80:1`, `${list}:\ud800:1`, `${list}:null`, `${list}`];
    yield* ['', '!', 'a'.repeat(5_000), '\u0000', '\ud800'];
    const random = dice();
    for (;;) {
      const changed = [...bytes];
      for (let times = random(3); times >= 0; times--) {
        const at = random(changed.length);
        const run = Array.from({ length: 1 + random(9) }, () => random(256));
        changed.splice(at, random(3), ...(random(2) ? run : [random(256)]));
      }
      yield Buffer.from(changed).toString(encoding);
    }
  }

  /** The same throws every time. */
  function dice(): (below: number) => number {
    let state = 1;
    return (below) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  }

  const first = (count: number, cursors: Iterable<string>) => {
    const taken: string[] = [];
    for (const cursor of cursors) if (taken.push(cursor) === count) break;
    return taken;
  };

  /** Well-formed, with numbers that cannot be. */
  function* forgedInboxes(cursor: string): Generator<string> {
    const real = decodeInboxCursor(cursor);
    const { xmin, xmax } = real.snapshot;
    const random = dice();
    const odd = [0, 1, 2, xmin - 1, xmin, xmax, xmax + 1, 2 ** 31, 2 ** 32, 2 ** 48, Number.MAX_SAFE_INTEGER];
    const any = () => odd[random(odd.length)] as number;
    const snapshot = () => {
      const low = random(2) ? xmin - random(9) : any();
      const high = random(2) ? Math.max(low, xmax - random(3)) : any();
      return { xmin: low, xmax: high, xip: Array.from({ length: random(4) }, any) };
    };
    for (;;) {
      const position: InboxPosition = {
        ...real,
        snapshot: snapshot(),
        accountSeq: random(2) ? real.accountSeq : any(),
        catchUp: random(2) ? null : { to: snapshot(), roomId: any(), offset: random(2) ? any() : -any() },
        moved: Array.from({ length: random(3) }, () => [any(), random(2) ? any() : -any()] as const),
      };
      yield encodeInboxCursor(position, () => []);
    }
  }

  function* forgedRooms(cursor: string): Generator<string> {
    const { epoch, roomId: id } = decodeRoomCursor(cursor);
    for (const roomSeq of [-1, 2 ** 31, 2 ** 32, 2 ** 48, 2 ** 52, Number.MAX_SAFE_INTEGER])
      for (const room of [0, id, id + 1, 2 ** 48, Number.MAX_SAFE_INTEGER])
        for (const at of [epoch, 0, 0xffff_ffff]) yield encodeRoomCursor(at, room, roomSeq);
  }

  const page = '(first: 1, after: $after, before: $before) { edges { cursor } }';
  const paged = (path: string) => `query ($after: String, $before: String) { ${path.replace('@', page)} }`;
  const ofRoom = (field: string) =>
    `query ($id: ID!, $after: String, $before: String) { room(id: $id) { ${field}${page} } }`;
  const lists: Record<string, { query: string; seed: string }> = {
    rooms: { query: paged('viewer { rooms@ }'), seed: 'viewer.rooms' },
    sessions: { query: paged('viewer { sessions@ }'), seed: 'viewer.sessions' },
    directory: { query: paged('rooms@'), seed: 'rooms' },
    members: { query: ofRoom('members'), seed: 'room.members' },
    messages: { query: ofRoom('messages'), seed: 'room.messages' },
    events: {
      query:
        'query ($id: ID!, $after: String) { room(id: $id) { events(first: 1, after: $after) { edges { cursor } } } }',
      seed: 'room.events',
    },
    ...allOf('lists'),
    inboxEvents: {
      query:
        'query ($after: String) { inboxEvents(first: 1, after: $after) { edges { cursor } pageInfo { endCursor } } }',
      seed: 'inboxEvents',
    },
  };
  const known = [
    'VALIDATION',
    'CURSOR_FOREIGN',
    'CURSOR_EXPIRED',
    'ACCESS_CHANGED',
    'GRAPHQL_VALIDATION_FAILED',
  ];
  const pick = (data: any, path: string) => path.split('.').reduce((at, name) => at[name], data);

  test.each(Object.keys(lists))('no cursor of %s is our mistake', async (name) => {
    const { query, seed, fill } = lists[name] as ListCase;
    const variables = query.includes('$id') ? { id: roomId } : {};
    const { message } = await sayPoll(ada, roomId, 'listed');
    for (const { attach } of attachedCases) await attach(ada, message.id);
    for (const { beneath } of capabilityCases) await beneath?.(ada, roomId, message.id);
    await fill?.(ada, message.id);
    const start = pick((await ada.ask(query, variables)).data, seed);
    const cursor: string = start.edges[0]?.cursor ?? start.pageInfo.endCursor;
    const forged =
      name === 'inboxEvents' ? forgedInboxes(cursor) : name === 'events' ? forgedRooms(cursor) : [];
    for (const side of query.includes('$before') ? ['after', 'before'] : ['after'])
      for (const bad of [...first(300, mutations(cursor)), ...first(300, forged)]) {
        const said = codes(await ada.ask(query, { ...variables, [side]: bad }));
        expect(
          said.filter((code) => !known.includes(code)),
          `${side}: ${bad}`,
        ).toEqual([]);
      }
    expect((await node.metrics())['parley_internal_errors_total'] ?? 0).toBe(0);
  });

  test('of the inbox has transactions in their order, rooms once, and no number beyond what is safe', () => {
    const real = {
      epoch: 1,
      userTag: 1,
      snapshot: { xmin: 10, xmax: 20, xip: [12, 15] },
      accountSeq: 1,
      catchUp: null,
      moved: [[3, 1] as const],
    };
    const open = (position: InboxPosition) =>
      decodeInboxCursor(encodeInboxCursor(position, () => [])).moved([]);
    expect(open(real)).toEqual([[3, 1]]);
    const huge = Number.MAX_SAFE_INTEGER;
    const wrong: Partial<InboxPosition>[] = [
      { snapshot: { xmin: 10, xmax: 20, xip: [12, 12] } },
      { snapshot: { xmin: 10, xmax: 20, xip: [12, 20] } },
      { snapshot: { xmin: 10, xmax: 20, xip: [huge] } },
      { catchUp: { to: { xmin: huge, xmax: huge + 20, xip: [] }, roomId: 1, offset: 0 } },
      { catchUp: { to: { xmin: 10, xmax: 20, xip: [25] }, roomId: 1, offset: 0 } },
      {
        moved: [
          [3, 1],
          [3, 2],
        ],
      },
      { moved: [[0, 1]] },
    ];
    for (const part of wrong)
      expect(() => open({ ...real, ...part }), JSON.stringify(part)).toThrow(InvalidCursor);
  });

  test.each(['room', 'inbox'])('a page of the %s says what is wrong with too long a cursor', async (what) => {
    const after = 'A'.repeat(4_097);
    const query =
      what === 'room'
        ? `{ room(id: "${roomId}") { events(after: "${after}") { nodes { __typename } } } }`
        : `{ inboxEvents(after: "${after}") { nodes { __typename } } }`;
    const { errors } = await ada.ask(query);
    expect(errors).toMatchObject([{ extensions: { code: 'VALIDATION', argument: 'after' } }]);
    expect(errors[0]?.message).toMatch(/4,096 characters/);
  });

  test('no cursor of a stream is our mistake', async () => {
    const { data } = await ada.ask('query ($id: ID!) { room(id: $id) { cursor } viewer { inboxCursor } }', {
      id: roomId,
    });
    const { cursor } = data.room;
    const { inboxCursor } = data.viewer;
    const { roomKinds, accountKinds } = createEventRegistry();
    const events = [...roomKinds, ...accountKinds].map(({ name }) => name);
    const rooms = [...first(700, mutations(cursor)), ...forgedRooms(cursor)].map(
      (after) => () => ada.watch(roomId, after),
    );
    const inboxes = [...first(700, mutations(inboxCursor)), ...first(600, forgedInboxes(inboxCursor))].map(
      (after) => () => ada.watchInbox(after),
    );
    for (const open of [...rooms, ...inboxes]) {
      const feed = await open();
      const item = await feed.next().catch(() => null);
      if (item)
        expect(['StreamReady', 'ResyncRequired', 'StreamClosed', ...events]).toContain(item.__typename);
      if (item?.__typename === 'StreamClosed') expect(item['closeReason']).toBe('INVALID_CURSOR');
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
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields());
      const given = type.isOneOf ? fields.filter((field) => hasText(field.type)).slice(0, 1) : fields;
      return Object.fromEntries(given.map((field) => [field.name, poisoned(field.type, bad)]));
    }
    const plain: Record<string, unknown> = {
      Int: 1,
      Float: 1,
      Boolean: true,
      DateTime: '2026-01-01T00:00:00Z',
    };
    return plain[getNamedType(type)?.name ?? ''] ?? bad;
  }

  const withText = Object.values(mutation.getFields()).filter(({ args }) =>
    args.some((argument) => hasText(argument.type)),
  );
  test.each(withText.map(({ name }) => name))('%s refuses it', async (name) => {
    const type = mutation.getFields()[name]?.args[0]?.type as GraphQLInputType;
    for (const bad of ['\u0000', 'a\u0000b', '\ud800', 'a\udc00b']) {
      const { data, errors } = await ada.ask(
        `mutation ($input: ${String(type)}) { ${name}(input: $input) { __typename ... on UserError { code path } } }`,
        { input: poisoned(type, bad) },
      );
      expect(errors).toEqual([]);
      expect(data[name].code).toMatch(/^(VALIDATION|NOT_FOUND|INVALID_CREDENTIALS)$/);
      expect(data[name].path[0]).toBe('input');
      expect(data[name].path.length).toBeGreaterThan(1);
    }
  });

  const query = schema.getQueryType() as GraphQLObjectType;
  const room = schema.getType('Room') as GraphQLObjectType;
  const viewer = schema.getType('Viewer') as GraphQLObjectType;
  const asked = [query, room, viewer].flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) =>
      field.args
        .filter(({ type: of }) => hasText(of))
        .map((argument) => [`${type.name}.${field.name}`, argument.name, type, field, argument] as const),
    ),
  );

  function firstText(type: GraphQLInputObjectType, bad: string): Record<string, unknown> {
    const field = Object.values(type.getFields()).find((each) => hasText(each.type));
    return field ? { [field.name]: bad } : {};
  }

  function hasText(type: GraphQLInputType): boolean {
    const named = getNamedType(type) as GraphQLInputType;
    if (isInputObjectType(named))
      return Object.values(named.getFields()).some((field) => hasText(field.type));
    return ['String', 'ID', 'Cursor'].includes(String(named));
  }

  /** The other arguments that must be given. */
  const required = (args: readonly GraphQLArgument[], given: GraphQLArgument): string =>
    args
      .filter((each) => each !== given && isRequiredArgument(each))
      .map(({ name, type }) => {
        const value = poisoned(type, 'x');
        return `${name}: ${isEnumType(getNamedType(type)) ? String(value) : JSON.stringify(value)}`;
      })
      .join(' ');

  test.each(asked)('%s(%s) refuses it', async (_field, _argument, type, field, argument) => {
    for (const bad of ['\u0000', 'a\u0000b', '\ud800', 'a\udc00b']) {
      const leaf = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
      const inner = `${field.name}(${argument.name}: $bad ${required(field.args, argument)})${leaf}`;
      const body =
        type === query ? inner : type === room ? `room(id: "${roomId}") { ${inner} }` : `viewer { ${inner} }`;
      const named = getNamedType(argument.type) as GraphQLInputType;
      const value = isInputObjectType(named) ? firstText(named, bad) : poisoned(argument.type, bad);
      const { errors } = await ada.ask(`query ($bad: ${String(argument.type)}) { ${body} }`, { bad: value });
      expect(errors).toMatchObject([{ extensions: { code: 'VALIDATION' } }]);
      expect(errors[0]?.extensions['argument']).toMatch(new RegExp(`^${argument.name}`));
    }
  });

  test('neither is it the id of a room to watch', async () => {
    for (const bad of ['\u0000', '\ud800']) {
      const feed = await ada.watch(bad);
      await feed.next().catch(() => null);
      expect(JSON.stringify(feed.errors)).toMatch(/"VALIDATION"/);
      feed.close();
    }
  });
});

describe('signing in', () => {
  const what =
    'viewer { user { username } inboxCursor rooms { nodes { viewerMembership { role } } } sessions { nodes { isCurrent } } }';
  const password = 'correct horse battery';

  test('shows the rooms of whoever has just signed in, as that person sees them', async () => {
    const bob = await signUp(node, 'bob');
    const document = `mutation ($input: LoginInput!) { login(input: $input) { ... on LoginSuccess { ${what} } } }`;
    const input = { usernameOrEmail: ada.username, password };
    for (const token of [undefined, bob.token, ada.token]) {
      const { data, errors } = await ask<any>(node.url, document, { input }, token);
      expect(errors).toEqual([]);
      const { user, inboxCursor, rooms, sessions } = data.login.viewer;
      expect(user.username).toBe(ada.username);
      expect(inboxCursor).toEqual(expect.any(String));
      expect(rooms.nodes).toEqual(Array(2).fill({ viewerMembership: { role: 'OWNER' } }));
      const current = sessions.nodes.map((session: { isCurrent: boolean }) => session.isCurrent);
      expect(current).toEqual(current.map((_: boolean, index: number) => index === 0));
    }
  });

  test('so does registering', async () => {
    const document = `mutation ($input: RegisterInput!) { register(input: $input) { ... on RegisterSuccess { ${what} } } }`;
    const input = { username: 'newcomer', email: 'newcomer@example.org', password };
    const { data, errors } = await ask<any>(node.url, document, { input });
    expect(errors).toEqual([]);
    expect(data.register.viewer).toEqual({
      user: { username: 'newcomer' },
      inboxCursor: expect.any(String),
      rooms: { nodes: [] },
      sessions: { nodes: [{ isCurrent: true }] },
    });
  });
});

describe('strangers', () => {
  const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
  const mutations = schema.getMutationType()?.getFields() ?? {};
  const inputOf = (name: string) =>
    getNamedType(mutations[name]?.args[0]?.type as GraphQLInputType) as GraphQLInputObjectType;
  /** For everybody who sees a public room. Their answers to strangers have no number of its log. */
  const forStrangers = new Set(['joinRoom', 'requestToJoin', 'cancelJoinRequest']);
  /** Mutations of what a room contains. */
  const aboutRooms = Object.keys(mutations).filter(
    (name) =>
      !forStrangers.has(name) &&
      mutations[name]?.args.length === 1 &&
      ['roomId', 'messageId'].some((field) => field in inputOf(name).getFields()),
  );

  test('learn from no mutation how far the log of a public room goes', async () => {
    const bob = await signUp(node, 'bob');
    const { data } = await ada.ask(
      'query ($id: ID!) { room(id: $id) { messages(first: 1) { nodes { id } } } }',
      {
        id: roomId,
      },
    );
    const messageId = data.room.messages.nodes[0].id;
    const values = {
      roomId,
      messageId,
      userId: bob.userId,
      userIds: [bob.userId],
      role: 'GUEST',
      name: 'mine now',
      text: 'hello?',
      idempotencyKey: 'stranger',
      expectedVersion: 1,
      ...allOf('inputs'),
    };
    for (const name of aboutRooms) {
      const fields = Object.keys(inputOf(name).getFields());
      const all = Object.fromEntries(Object.entries(values).filter(([field]) => fields.includes(field)));
      const required = fields.filter((field) =>
        isRequiredInputField(inputOf(name).getFields()[field] as GraphQLInputField),
      );
      const least = Object.fromEntries(required.map((field) => [field, all[field]]));
      const inputs = [all, least, ...(fields.includes('userId') ? [{ ...all, userId: ada.userId }] : [])];
      for (const input of inputs) {
        const answer = await bob.change(name, input, '__typename');
        expect(answer.__typename, name).not.toMatch(/Success$/);
        expect(answer.code, name).toMatch(/^(NOT_FOUND|PERMISSION_DENIED)$/);
      }
    }
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
