import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema as built } from '../src/schema.ts';
import { allOf } from './capabilities/all.ts';
import { createDatabase, queryRows, type TestDatabase } from './harness/database.ts';
import { numberIn } from './harness/ids.ts';
import { importPeople } from './harness/imported.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { Person, signUp } from './harness/people.ts';

// A guest reaches one room. Every argument that is an id gets ids from elsewhere, and the answer is that for ids that do
// not exist. The calls are made from the schema, so a new argument joins by itself.

const schema = buildSchema(readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'));
const typeNamed = (name: string) => schema.getType(name) as GraphQLObjectType;

type NodeName =
  | 'Room'
  | 'Message'
  | 'Thread'
  | 'RoomMembership'
  | 'User'
  | 'Session'
  | 'Invite'
  | 'JoinRequest'
  | 'Passkey';
type Ids = Record<NodeName, string>;

/** What is there, in the rooms of others. */
const elsewhere: { open: Ids; closed: Ids } = { open: {} as Ids, closed: {} as Ids };
/** What is there for the guest. */
let own: Ids;
const missing: Ids = {
  Room: 'room_99999999',
  Message: 'msg_99999999_1',
  Thread: 'thread_99999999_1',
  RoomMembership: 'member_99999999_1',
  User: 'user_99999999',
  Session: 'session_99999999',
  Invite: 'invite_99999999',
  JoinRequest: 'request_99999999_1',
  Passkey: 'passkey_99999999',
};

let database: TestDatabase;
let node: TestNode;
let guest: Person;

beforeAll(async () => {
  database = await createDatabase();
  const env = { CHANGES_BURST: '100000', POSTS_BURST: '100000', COST_PER_SECOND: '1000000' };
  node = await startNode({ databaseUrl: database.url, env });
  const [ada, eve] = (await importPeople(database.url, [node], ['ada', 'eve'])) as [Person, Person];
  for (const kind of ['open', 'closed'] as const) {
    const roomId = await eve.createRoom(kind, kind === 'open' ? 'PUBLIC' : 'PRIVATE');
    elsewhere[kind] = await idsIn(eve, roomId);
  }
  const hall = await ada.createRoom('the hall', 'PRIVATE');
  const ofHost = await idsIn(ada, hall);
  guest = await enter(ada, hall);
  own = { ...ofHost, ...(await messageIn(guest, hall)) };
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

async function enter(host: Person, roomId: string): Promise<Person> {
  const { inviteCode } = await host.change('createInvite', { roomId, role: 'GUEST' }, 'inviteCode');
  const fields = 'tokens { accessToken refreshToken } viewer { user { id username } }';
  const { tokens, viewer } = await host.change('joinAsGuest', { inviteCode, displayName: 'Gus' }, fields);
  return new Person(node, viewer.user.id, viewer.user.username, tokens.accessToken, tokens.refreshToken);
}

async function messageIn(by: Person, roomId: string) {
  const { message } = await by.say(roomId, 'a root');
  const reply = { roomId, text: 'a reply', threadRootId: message.id, idempotencyKey: randomUUID() };
  const answer = await by.change('sendMessage', reply, 'message { thread { id } }');
  return { Message: message.id as string, Thread: answer.message.thread.id as string };
}

async function idsIn(by: Person, Room: string): Promise<Ids> {
  const { invite } = await by.change('createInvite', { roomId: Room, role: 'GUEST' }, 'invite { id }');
  const { data } = await by.ask(
    'query ($id: ID!) { room(id: $id) { viewerMembership { id } } viewer { sessions { nodes { id } } } }',
    { id: Room },
  );
  return {
    Room,
    ...(await messageIn(by, Room)),
    RoomMembership: data.room.viewerMembership.id,
    User: by.userId,
    Session: data.viewer.sessions.nodes[0].id,
    Invite: invite.id,
    Passkey: await passkeyOf(by),
    JoinRequest: await requestFor(Room),
  };
}

async function requestFor(roomId: string): Promise<string> {
  const asker = await signUp(node, 'asker');
  await queryRows(
    database.url,
    "INSERT INTO join_requests (room_id, user_id, text, created_at) VALUES ($1, $2, 'please', now())",
    [numberIn(roomId), numberIn(asker.userId)],
  );
  return `request_${numberIn(roomId)}_${numberIn(asker.userId)}`;
}

async function passkeyOf({ userId }: Person): Promise<string> {
  const [row] = await queryRows<{ id: string }>(
    database.url,
    `INSERT INTO passkeys (user_id, credential_id, public_key, counter, name, is_synced, domain)
     VALUES ($1, gen_random_uuid()::text::bytea, '', 0, 'a key', false, 'localhost') RETURNING id`,
    [numberIn(userId)],
  );
  return `passkey_${row?.id}`;
}

// -- arguments that are ids --------------------------------------------------------------------

/** What the id in an argument or field of that name is of. */
const typesByName: Record<string, readonly NodeName[]> = {
  id: Object.keys(missing) as NodeName[],
  ids: Object.keys(missing) as NodeName[],
  roomId: ['Room'],
  messageId: ['Message'],
  messageIds: ['Message'],
  replyToId: ['Message'],
  quotedMessageId: ['Message'],
  threadRootId: ['Message'],
  threadId: ['Thread'],
  userId: ['User'],
  actorId: ['User'],
  userIds: ['User'],
  sessionId: ['Session'],
  inviteId: ['Invite'],
  passkeyId: ['Passkey'],
  requestId: ['JoinRequest'],
};

/** Keys that the client chooses, and parts of the message that is named beside them. */
const noIds = ['idempotencyKey', 'optionIds'];

const typeOf = (name: string): readonly NodeName[] => {
  const types = typesByName[name];
  if (!types) throw new Error(`say in typesByName what ${name} is the id of`);
  return types;
};

/** Where in an argument there is an id: the names of the fields. */
function pathsIn(of: GraphQLArgument | GraphQLInputField): string[][] {
  const type = getNamedType(of.type) as GraphQLInputType;
  if (isInputObjectType(type))
    return Object.values(type.getFields()).flatMap((field) =>
      pathsIn(field).map((path) => [of.name, ...path]),
    );
  return String(type) === 'ID' && !noIds.includes(of.name) ? [[of.name]] : [];
}

/** A valid value, with that id at the end of the path. */
function valueOf(
  of: GraphQLArgument | GraphQLInputField,
  path: readonly string[] | null,
  id: string,
): unknown {
  return valueOfType(of.type, of.name, path, id);
}

function valueOfType(
  type: GraphQLInputType,
  name: string,
  path: readonly string[] | null,
  id: string,
): unknown {
  if (!path && name in known) return known[name];
  if (isNonNullType(type)) return valueOfType(type.ofType, name, path, id);
  if (isListType(type)) return [valueOfType(type.ofType, name, path, id)];
  if (isInputObjectType(type)) {
    const [at, ...rest] = path ?? [];
    const fields = Object.values(type.getFields()).filter(
      (field) => isRequiredInputField(field) || field.name === at,
    );
    return Object.fromEntries(
      fields.map((field) => [field.name, valueOf(field, field.name === at ? rest : null, id)]),
    );
  }
  if (path) return id;
  if (isEnumType(type)) return type.getValues().at(-1)?.name;
  return plainValue(String(type), name);
}

const known: Record<string, unknown> = {
  ...allOf('inputs'),
  text: 'hello',
  name: 'a name',
  displayName: 'Gus',
};

function plainValue(type: string, name: string): unknown {
  if (type === 'ID' && noIds.includes(name)) return randomUUID();
  if (type === 'ID') return own[typeOf(name)[0] as NodeName];
  const byType: Record<string, unknown> = { Int: 1, Boolean: true, DateTime: '2999-01-01T00:00:00Z' };
  return byType[type] ?? 'something';
}

interface Case {
  readonly field: GraphQLField<unknown, unknown>;
  readonly argument: GraphQLArgument;
  readonly path: readonly string[];
}

const casesOf = (type: string): [string, Case][] =>
  Object.values(typeNamed(type).getFields()).flatMap((field) =>
    field.args.flatMap((argument) =>
      pathsIn(argument).map((path): [string, Case] => [
        `${type}.${field.name}(${path.join('.')})`,
        { field, argument, path },
      ]),
    ),
  );

/** The same for an id that is not there as for one from elsewhere, whatever is in the answer of the ids. */
async function expectNoDifference(name: string, call: (id: string) => Promise<unknown>): Promise<void> {
  for (const type of typeOf(name)) {
    const expected = await call(missing[type]);
    for (const ids of [elsewhere.open, elsewhere.closed])
      expect([ids[type], await call(ids[type])]).toEqual([ids[type], expected]);
  }
}

const selectionOf = ({ type }: GraphQLField<unknown, unknown>) =>
  isLeafType(getNamedType(type)) ? '' : '{ __typename }';

test.each(['Query', 'Room', 'Viewer', 'Message', 'Thread'].flatMap(casesOf))(
  '%s',
  async (name, { field, argument, path }) => {
    const required = field.args.filter((each) => each !== argument && isRequiredInputField(each));
    const inner = (id: string) => {
      const values = [[argument, path.slice(1)] as const, ...required.map((each) => [each, null] as const)];
      const given = Object.fromEntries(values.map(([each, at]) => [each.name, valueOf(each, at, id)]));
      const declared = values.map(([each]) => `$${each.name}: ${String(each.type)}`).join(', ');
      const passed = values.map(([each]) => `${each.name}: $${each.name}`).join(', ');
      return { given, declared, call: `${field.name}(${passed}) ${selectionOf(field)}` };
    };
    const parents: Record<string, (call: string) => string> = {
      Query: (call) => call,
      Room: (call) => `room(id: "${own.Room}") { ${call} }`,
      Viewer: (call) => `viewer { ${call} }`,
      Message: (call) => `node(id: "${own.Message}") { ... on Message { ${call} } }`,
      Thread: (call) => `node(id: "${own.Thread}") { ... on Thread { ${call} } }`,
    };
    const wrap = parents[name.split('.')[0] as string] as (call: string) => string;
    await expectNoDifference(path.at(-1) as string, async (id) => {
      const { given, declared, call } = inner(id);
      const { data, errors } = await guest.ask(`query (${declared}) { ${wrap(call)} }`, given);
      return { data, codes: errors.map(({ extensions }) => extensions.code) };
    });
  },
);

/** Of a mutation that refuses single ids, also those. */
function refusalsOf({ name }: GraphQLField<unknown, unknown>): string {
  const success = `${name[0]?.toUpperCase()}${name.slice(1)}Success`;
  const refusesSome = typeNamed(success)?.getFields()['refused'];
  return `... on UserError { code detail path } ${refusesSome ? `... on ${success} { refused { code detail } }` : ''}`;
}

test.each(casesOf('Mutation'))('%s', async (_name, { field, argument, path }) => {
  await expectNoDifference(path.at(-1) as string, async (id) => {
    const { data, errors } = await guest.ask(
      `mutation ($input: ${String(argument.type)}) { ${field.name}(input: $input) { __typename ${refusalsOf(field)} } }`,
      { input: valueOf(argument, path.slice(1), id) },
    );
    expect(errors).toEqual([]);
    const [answer] = data[field.name].refused ?? [data[field.name]];
    expect(answer.code).toMatch(/^(NOT_FOUND|PERMISSION_DENIED)$/);
    return data[field.name];
  });
});

test.each(casesOf('Subscription'))('%s', async (_name, { path }) => {
  await expectNoDifference(path.at(-1) as string, async (id) => {
    const feed = await guest.watch(id);
    const item = await feed.next().catch(() => null);
    feed.close();
    return [item?.__typename, item?.['closeReason'], feed.errors];
  });
});

// -- what needs no id --------------------------------------------------------------------------

test('lists, names and streams show one room, and nothing was changed elsewhere', async () => {
  const { data } = await guest.ask('{ viewer { rooms { nodes { id } } } }');
  expect(data.viewer.rooms.nodes).toEqual([{ id: own.Room }]);
  for (const query of ['{ rooms { nodes { id } } }', '{ userByName(username: "eve") { id } }']) {
    const { errors } = await guest.ask(query);
    expect(errors).toMatchObject([{ extensions: { code: 'PERMISSION_DENIED' } }]);
  }
  const host = await guest.ask('query ($id: ID!) { user(id: $id) { username } }', { id: own.User });
  expect(host.data.user).toEqual({ username: 'ada' });
  expect(
    await queryRows(database.url, 'SELECT room_id::int AS id FROM memberships WHERE user_id = $1', [
      numberIn(guest.userId),
    ]),
  ).toEqual([{ id: numberIn(own.Room) }]);
  for (const { Room } of [elsewhere.open, elsewhere.closed]) {
    const rows = await queryRows(database.url, 'SELECT kind FROM room_events WHERE room_id = $1', [
      numberIn(Room),
    ]);
    expect(rows).toHaveLength(4); // created, joined, two messages
  }
});

test('mutations are for guests only if they say so', () => {
  const mayCall = Object.values(built.getMutationType()?.getFields() ?? {})
    .filter(({ extensions }) => extensions['forGuests'] === true)
    .map(({ name }) => name);
  for (const name of [
    'createRoom',
    'joinRoom',
    'openDirectRoom',
    'addMembers',
    'removeMember',
    'changeMemberRole',
  ])
    expect(mayCall).not.toContain(name);
  for (const name of [
    'updateRoom',
    'archiveRoom',
    'deleteRoom',
    'createInvite',
    'revokeInvite',
    'acceptInvite',
  ])
    expect(mayCall).not.toContain(name);
  expect(mayCall).toEqual(expect.arrayContaining(['sendMessage', 'upgradeGuest', 'leaveRoom', 'logout']));
});
