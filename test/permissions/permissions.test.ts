import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { MAX_MEMBER_OVERRIDES } from '../../src/permissions/overrides.ts';
import { createDatabase, queryRows, type TestDatabase } from '../harness/database.ts';
import { type Feed, openFeed } from '../harness/feed.ts';
import { numberIn } from '../harness/ids.ts';
import { importPeople } from '../harness/imported.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import type { Person } from '../harness/people.ts';
import {
  EFFECTS,
  type Effects,
  NEVER_FOR_GUESTS,
  PERMISSIONS,
  permissionsOf,
  ROLES,
  type Role,
  stepsOf,
} from '../harness/permissions.ts';
import { type Redis, startRedis } from '../harness/redis.ts';
import { RandomRoom } from './random.ts';

// Overrides of roles and members. The last node has a bus of its own: it misses every announcement, and reads the log.

let database: TestDatabase;
let redis: Redis;
let nodes: [TestNode, TestNode, TestNode];
let people: Record<'ada' | 'adm' | 'mod' | 'bob' | 'cyd' | 'gus' | 'eve', Person>;

beforeAll(async () => {
  [database, redis] = await Promise.all([createDatabase(), startRedis()]);
  const env = { CHANGES_PER_SECOND: '100000', CHANGES_BURST: '100000', COST_PER_SECOND: '10000000' };
  const options = { databaseUrl: database.url, env };
  const withBus = { ...options, redisUrl: inject('redisUrl') };
  nodes = await Promise.all([
    startNode(withBus),
    startNode(withBus),
    startNode({ ...options, redisUrl: redis.url }),
  ]);
  const names = ['ada', 'adm', 'mod', 'bob', 'cyd', 'gus', 'eve'] as const;
  const made = await importPeople(database.url, [nodes[0]], names);
  people = Object.fromEntries(names.map((name, i) => [name, made[i]])) as typeof people;
});

afterAll(async () => {
  await Promise.all((nodes ?? []).map((node) => node.stop()));
  await redis?.stop();
  await database?.drop();
});

/** A room of Ada with one member of each lower role; Bob and Cyd are plain members. */
async function hall(kind: 'PUBLIC' | 'PRIVATE' = 'PRIVATE'): Promise<string> {
  const { ada, adm, mod, bob, cyd, gus } = people;
  const roomId = await ada.createRoom('the hall', kind);
  const add = (role: Role, ...members: Person[]) =>
    ada.change('addMembers', { roomId, userIds: members.map(({ userId }) => userId), role });
  await add('ADMIN', adm);
  await add('MODERATOR', mod);
  await add('MEMBER', bob, cyd);
  await add('GUEST', gus);
  return roomId;
}

const OVERRIDE = 'override { role user { id } allowed denied } roomSeq room { id }';
type Target = { role: Role } | { userId: string };

const set = (by: Person, roomId: string, target: object, effects: Effects) =>
  by.change(
    'setRoomPermissionOverride',
    {
      roomId,
      target,
      changes: Object.entries(effects).map(([permission, effect]) => ({ permission, effect })),
    },
    OVERRIDE,
  );

async function overridesIn(by: Person, roomId: string, args = ''): Promise<any> {
  const { data, errors } = await by.ask(
    `query ($id: ID!) { room(id: $id) { permissionOverrides${args} { nodes { role user { id } allowed denied }
      pageInfo { hasNextPage endCursor } } } }`,
    { id: roomId },
  );
  expect(errors).toEqual([]);
  return data.room?.permissionOverrides ?? null;
}

async function permissionsIn(roomId: string, by = people.ada): Promise<Record<string, string[]>> {
  const { data } = await by.ask(
    'query ($id: ID!) { room(id: $id) { members(first: 20) { nodes { user { username } permissions } } } }',
    { id: roomId },
  );
  const nodes: { user: { username: string }; permissions: string[] }[] = data.room.members.nodes;
  return Object.fromEntries(nodes.map(({ user, permissions }) => [user.username, permissions.toSorted()]));
}

const refused = (type: string, path?: string[]) =>
  expect.objectContaining({ __typename: type, ...(path && { path }) });

// -- rules -------------------------------------------------------------------------------------

describe('an override', () => {
  test('of a role, then of a member: a denial beats an allowance, and setting it again changes nothing', async () => {
    const { ada, bob, cyd } = people;
    const roomId = await hall();
    const ofRole = await set(
      ada,
      roomId,
      { role: 'MEMBER' },
      { SEND_MESSAGES: 'DENY', PIN_MESSAGES: 'ALLOW' },
    );
    expect(ofRole).toMatchObject({
      override: { role: 'MEMBER', user: null, allowed: ['PIN_MESSAGES'], denied: ['SEND_MESSAGES'] },
      room: { id: roomId },
    });
    const target = { userId: cyd.userId };
    const ofMember = await set(ada, roomId, target, { SEND_MESSAGES: 'ALLOW', PIN_MESSAGES: 'DENY' });
    expect(ofMember.override).toMatchObject({ role: null, user: { id: cyd.userId } });
    expect(ofMember.roomSeq).toBe(ofRole.roomSeq + 1);
    expect(await permissionsIn(roomId)).toMatchObject({
      bob: ['PIN_MESSAGES'],
      cyd: ['SEND_MESSAGES'],
      gus: ['SEND_MESSAGES'],
    });
    expect(await set(ada, roomId, target, { SEND_MESSAGES: 'ALLOW' })).toMatchObject({
      override: ofMember.override,
      roomSeq: ofMember.roomSeq,
    });
    expect((await bob.change('sendMessage', { roomId, text: 'no', idempotencyKey: 'no' })).code).toBe(
      'PERMISSION_DENIED',
    );
    await cyd.say(roomId, 'yes');
    const removed = await set(ada, roomId, target, { SEND_MESSAGES: 'INHERIT', PIN_MESSAGES: 'INHERIT' });
    expect(removed.override).toMatchObject({ allowed: [], denied: [] });
    expect((await overridesIn(bob, roomId)).nodes).toEqual([ofRole.override]);
  });

  test('is for targets below the actor, of permissions that the actor has', async () => {
    const { ada, adm, mod, bob, gus, eve } = people;
    const roomId = await hall();
    const { roomSeq } = await ada.say(roomId, 'before');
    const denied = refused('PermissionDeniedError');
    const attempts: [Person, object, Effects, unknown][] = [
      [bob, { role: 'GUEST' }, { SEND_MESSAGES: 'DENY' }, denied],
      [gus, { userId: bob.userId }, { SEND_MESSAGES: 'DENY' }, denied],
      [mod, { role: 'MODERATOR' }, { SEND_MESSAGES: 'DENY' }, denied],
      [mod, { role: 'ADMIN' }, { PIN_MESSAGES: 'DENY' }, denied],
      [mod, { userId: mod.userId }, { PIN_MESSAGES: 'ALLOW' }, denied],
      [mod, { userId: adm.userId }, { PIN_MESSAGES: 'DENY' }, denied],
      [mod, { userId: ada.userId }, { PIN_MESSAGES: 'DENY' }, denied],
      [mod, { role: 'MEMBER' }, { UPDATE_ROOM: 'ALLOW' }, denied],
      [mod, { role: 'MEMBER' }, { UPDATE_ROOM: 'DENY' }, denied],
      [adm, { userId: bob.userId }, { DELETE_ROOM: 'ALLOW' }, denied],
      [ada, { role: 'OWNER' }, { DELETE_ROOM: 'DENY' }, denied],
      [ada, { userId: ada.userId }, { DELETE_ROOM: 'DENY' }, denied],
      [ada, { role: 'GUEST' }, { MANAGE_MEMBERS: 'ALLOW' }, refused('ValidationError', ['input', 'changes'])],
      [
        ada,
        { userId: gus.userId },
        { ADD_MEMBERS: 'ALLOW' },
        refused('ValidationError', ['input', 'changes']),
      ],
      [
        ada,
        { userId: eve.userId },
        { PIN_MESSAGES: 'ALLOW' },
        refused('NotFoundError', ['input', 'target', 'userId']),
      ],
      [
        ada,
        { userId: 'nobody' },
        { PIN_MESSAGES: 'ALLOW' },
        refused('NotFoundError', ['input', 'target', 'userId']),
      ],
      [eve, { role: 'MEMBER' }, { PIN_MESSAGES: 'ALLOW' }, refused('NotFoundError', ['input', 'roomId'])],
      [ada, { role: 'MEMBER' }, {}, refused('ValidationError', ['input', 'changes'])],
    ];
    for (const [by, target, effects, expected] of attempts) {
      const what = `${by.username} ${JSON.stringify(target)} ${JSON.stringify(effects)}`;
      expect([what, await set(by, roomId, target, effects)]).toEqual([what, expected]);
    }
    const twice = [
      { permission: 'PIN_MESSAGES', effect: 'ALLOW' },
      { permission: 'PIN_MESSAGES', effect: 'DENY' },
    ];
    const both = await ada.change('setRoomPermissionOverride', {
      roomId,
      target: { role: 'GUEST' },
      changes: twice,
    });
    expect(both).toEqual(refused('ValidationError', ['input', 'changes']));
    // Nobody lifts what they do not have themselves: the moderator lost it by an override.
    await set(ada, roomId, { role: 'MODERATOR' }, { PIN_MESSAGES: 'DENY' });
    await set(ada, roomId, { role: 'MEMBER' }, { PIN_MESSAGES: 'DENY' });
    expect(await set(mod, roomId, { role: 'MEMBER' }, { PIN_MESSAGES: 'INHERIT' })).toEqual(denied);
    expect((await ada.say(roomId, 'after')).roomSeq).toBe(roomSeq + 3);
  });

  test('is refused in direct and archived rooms, and of more members than the limit', async () => {
    const { ada, bob, cyd } = people;
    const direct = await ada.change('openDirectRoom', { userIds: [bob.userId] }, 'room { id }');
    await ada.say(direct.room.id, 'hello');
    const conflict = refused('ConflictError');
    expect(await set(ada, direct.room.id, { userId: bob.userId }, { PIN_MESSAGES: 'DENY' })).toEqual(
      conflict,
    );
    const roomId = await hall();
    await queryRows(
      database.url,
      `INSERT INTO permission_overrides SELECT $1::bigint, 1000000 + i, 0, 1 FROM generate_series(1, $2::int - 1) AS i`,
      [numberIn(roomId), MAX_MEMBER_OVERRIDES],
    );
    const first = await set(ada, roomId, { userId: bob.userId }, { PIN_MESSAGES: 'ALLOW' });
    expect(first.__typename).toMatch(/Success$/);
    const pinning: Effects = { PIN_MESSAGES: 'DENY' };
    expect(await set(ada, roomId, { userId: cyd.userId }, pinning)).toEqual(conflict);
    expect((await set(ada, roomId, { userId: bob.userId }, pinning)).__typename).toMatch(/Success$/);
    expect((await set(ada, roomId, { role: 'MEMBER' }, pinning)).__typename).toMatch(/Success$/);
    await ada.change('archiveRoom', { roomId });
    expect(await set(ada, roomId, { role: 'MEMBER' }, { PIN_MESSAGES: 'INHERIT' })).toEqual(conflict);
    await ada.change('deleteRoom', { roomId });
    const left = await queryRows(database.url, 'SELECT 1 FROM permission_overrides WHERE room_id = $1', [
      numberIn(roomId),
    ]);
    expect(left).toEqual([]);
  });

  test('of a member ends with leaving as far as it allows; what it denies stays, and an owner can remove it', async () => {
    const { ada, bob, mod } = people;
    const roomId = await hall('PUBLIC');
    const target = { userId: bob.userId };
    await set(ada, roomId, target, { SEND_MESSAGES: 'DENY', PIN_MESSAGES: 'ALLOW' });
    const comeBack = async () => {
      await bob.change('leaveRoom', { roomId });
      return bob.change('joinRoom', { roomId }, 'membership { permissions }');
    };
    expect((await comeBack()).membership.permissions).toEqual([]);
    await ada.change('removeMember', { roomId, userId: bob.userId });
    const invite = await ada.change('createInvite', { roomId, role: 'MEMBER' }, 'inviteCode');
    const accepted = await bob.change(
      'acceptInvite',
      { inviteCode: invite.inviteCode },
      'membership { permissions }',
    );
    expect(accepted.membership.permissions).toEqual([]);
    await bob.change('leaveRoom', { roomId });
    const added = await ada.change(
      'addMembers',
      { roomId, userIds: [bob.userId] },
      'memberships { permissions }',
    );
    expect(added.memberships).toEqual([{ permissions: [] }]);
    await bob.change('leaveRoom', { roomId });
    // Nobody knows the rank that the user will have: only owners are above every role.
    expect((await set(mod, roomId, target, { SEND_MESSAGES: 'INHERIT' })).__typename).toBe(
      'PermissionDeniedError',
    );
    expect((await set(ada, roomId, target, { SEND_MESSAGES: 'INHERIT' })).__typename).toMatch(/Success$/);
    expect((await set(ada, roomId, target, { SEND_MESSAGES: 'DENY' })).__typename).toBe('NotFoundError');
    expect((await comeBack()).membership.permissions).toEqual(['SEND_MESSAGES']);
  });

  test('cannot be escaped by a lower role', async () => {
    const { ada, bob, mod } = people;
    const roomId = await hall();
    await set(ada, roomId, { role: 'MEMBER' }, { SEND_MESSAGES: 'DENY' });
    const down = (by: Person, role: Role) =>
      by.change('changeMemberRole', { roomId, userId: by.userId, role });
    expect(await down(bob, 'GUEST')).toEqual(refused('PermissionDeniedError'));
    expect((await down(mod, 'MEMBER')).__typename).toMatch(/Success$/);
    expect((await down(mod, 'GUEST')).__typename).toBe('PermissionDeniedError');
    const lowered = await ada.change('changeMemberRole', { roomId, userId: bob.userId, role: 'GUEST' });
    expect(lowered.__typename).toMatch(/Success$/);
  });
});

test('the list shows roles first, by page, to members only', async () => {
  const { ada, bob, cyd, eve, gus } = people;
  const roomId = await hall('PUBLIC');
  expect(await overridesIn(gus, roomId)).toMatchObject({ nodes: [] });
  for (const userId of [cyd.userId, bob.userId])
    await set(ada, roomId, { userId }, { PIN_MESSAGES: 'ALLOW' });
  for (const role of ['GUEST', 'ADMIN'] as const) await set(ada, roomId, { role }, { PIN_MESSAGES: 'ALLOW' });
  const names = ({ nodes }: any) => nodes.map((each: any) => each.role ?? each.user.id);
  const first = await overridesIn(gus, roomId, '(first: 3)');
  const second = await overridesIn(gus, roomId, `(first: 3, after: "${first.pageInfo.endCursor}")`);
  expect([...names(first), ...names(second)]).toEqual(['ADMIN', 'GUEST', bob.userId, cyd.userId]);
  expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
  expect(await overridesIn(eve, roomId)).toBeNull();
});

// -- explanations ------------------------------------------------------------------------------

const explanation = (by: Person, roomId: string, userId: string, permission = 'PIN_MESSAGES') =>
  by.ask(
    `query ($roomId: ID!, $userId: ID!, $permission: RoomPermission!) {
      explainPermission(roomId: $roomId, userId: $userId, permission: $permission) { isAllowed steps { kind effect } } }`,
    { roomId, userId, permission },
  );

test('explanations of others need MANAGE_MEMBERS, and tell nobody what exists', async () => {
  const { ada, mod, bob, cyd, eve } = people;
  const [closed, open] = [await hall(), await hall('PUBLIC')];
  const answer = async (by: Person, roomId: string, userId: string) =>
    (await explanation(by, roomId, userId)).data.explainPermission;
  const outside = { isAllowed: false, steps: [{ kind: 'NOT_A_MEMBER', effect: 'DENY' }] };
  expect(await answer(bob, closed, bob.userId)).toMatchObject({ isAllowed: false });
  expect(await answer(mod, closed, ada.userId)).toEqual({
    isAllowed: true,
    steps: [{ kind: 'OWNER', effect: 'ALLOW' }],
  });
  for (const userId of [eve.userId, 'user_99999999'])
    expect(await answer(mod, closed, userId)).toEqual(outside);
  expect(await answer(eve, open, eve.userId)).toEqual(outside);
  const hidden: [Person, string, string][] = [
    [bob, closed, cyd.userId],
    [bob, closed, eve.userId],
    [bob, closed, 'user_99999999'],
    [eve, open, bob.userId],
    [eve, closed, eve.userId],
    [eve, 'room_99999999', eve.userId],
    [eve, 'nowhere', eve.userId],
    [ada, closed, 'nobody'],
  ];
  for (const [by, roomId, userId] of hidden)
    expect(await explanation(by, roomId, userId)).toMatchObject({
      data: { explainPermission: null },
      errors: [],
    });
});

const pairs = EFFECTS.flatMap((ofRole) => EFFECTS.map((ofMember) => [ofRole, ofMember] as const));

/** Effects of the n-th room: over all rooms, each permission gets each pair, beside others that differ. */
function effectsOf(nth: number): [ofRole: Effects, ofMember: Effects] {
  const pairOf = (at: number) => pairs[(at * 2 + nth) % pairs.length] as (typeof pairs)[number];
  const side = (which: 0 | 1) =>
    Object.fromEntries(PERMISSIONS.map((permission, at) => [permission, pairOf(at)[which]]));
  return [side(0), side(1)];
}

interface Attempted {
  readonly roomId: string;
  readonly actor: Person;
  /** Of a user who has left; it is deleted already in a room that is not archived. */
  readonly doomed: string;
  readonly message: string;
}

type Attempt = (at: Attempted) => Promise<any>;
const attempts: Readonly<Record<string, Attempt>> = {
  SEND_MESSAGES: ({ actor, roomId }) =>
    actor.change('sendMessage', { roomId, text: 'hello', idempotencyKey: 'hello' }),
  ADD_MEMBERS: ({ actor, roomId }) =>
    actor.change('addMembers', { roomId, userIds: [people.ada.userId], role: 'GUEST' }),
  MANAGE_MEMBERS: ({ actor, roomId }) => actor.change('removeMember', { roomId, userId: people.eve.userId }),
  UPDATE_ROOM: ({ actor, roomId }) => actor.change('updateRoom', { roomId, description: 'attempted' }),
  DELETE_MESSAGES: ({ actor, doomed }) => actor.change('deleteMessage', { messageId: doomed }),
  async MENTION_EVERYONE({ actor, roomId }) {
    const input = { roomId, text: '@room hello', idempotencyKey: 'everyone' };
    const answer = await actor.change('sendMessage', input, 'message { mentionsEveryone }');
    return answer.message?.mentionsEveryone === false ? { __typename: 'no mention' } : answer;
  },
  PIN_MESSAGES: ({ actor, message }) => actor.change('pinMessage', { messageId: message }),
  TIMEOUT_MEMBERS: ({ actor, roomId }) =>
    actor.change('timeoutMember', { roomId, userId: people.gus.userId, until: null }),
  BAN_MEMBERS: ({ actor, roomId }) => actor.change('banUser', { roomId, userId: people.eve.userId }),
  async VIEW_AUDIT_LOG({ actor, roomId }) {
    const query = 'query ($roomId: ID!) { room(id: $roomId) { auditLog { nodes { action } } } }';
    const { data } = await actor.ask(query, { roomId });
    return { __typename: data.room.auditLog ? 'a Success' : 'nothing' };
  },
  // The second of two messages, the first one if the actor may send none.
  async BYPASS_SLOW_MODE({ actor, roomId }) {
    await people.ada.change('updateRoomSettings', { roomId, slowModeSeconds: 3_600 });
    const send = (text: string) => actor.change('sendMessage', { roomId, text, idempotencyKey: text });
    await send('slow one');
    const answer = await send('slow two');
    await people.ada.change('updateRoomSettings', { roomId, slowModeSeconds: 0 });
    return answer;
  },
  ADD_REACTIONS: ({ actor, message }) => actor.change('addReaction', { messageId: message, emoji: '👍' }),
  REPLY_IN_THREADS: ({ actor, roomId, message }) =>
    actor.change('sendMessage', { roomId, text: 'a reply', threadRootId: message, idempotencyKey: 'reply' }),
  ARCHIVE_ROOM: ({ actor, roomId }) => actor.change('archiveRoom', { roomId }),
  DELETE_ROOM: ({ actor, roomId }) => actor.change('deleteRoom', { roomId }, 'roomId'),
};

/** Root fields that one document may have. */
const MAX_FIELDS = 10;

async function explainAll(actor: Person, roomId: string): Promise<Record<string, any>> {
  const explained: Record<string, any> = {};
  for (let first = 0; first < PERMISSIONS.length; first += MAX_FIELDS) {
    const fields = PERMISSIONS.slice(first, first + MAX_FIELDS).map(
      (name) =>
        `${name}: explainPermission(roomId: $roomId, userId: $userId, permission: ${name}) { isAllowed steps { kind effect } }`,
    );
    const { data, errors } = await actor.ask(`query ($roomId: ID!, $userId: ID!) { ${fields.join(' ')} }`, {
      roomId,
      userId: actor.userId,
    });
    expect(errors).toEqual([]);
    Object.assign(explained, data);
  }
  return explained;
}

/** A room where the actor has that role and these effects; the member's were set while the actor had another role. */
async function roomWith(actor: Person, role: Role, nth: number): Promise<Attempted> {
  const { ada, gus, eve } = people;
  const [ofRole, ofMember] = effectsOf(nth);
  const roomId = await ada.createRoom('explained', 'PUBLIC');
  await ada.change('addMembers', { roomId, userIds: [actor.userId, eve.userId] });
  await ada.change('addMembers', { roomId, userIds: [gus.userId], role: 'GUEST' });
  const [doomed, { message }] = [
    await eve.say(roomId, 'of a user who leaves'),
    await ada.say(roomId, 'stays'),
  ];
  await eve.change('leaveRoom', { roomId });
  await set(ada, roomId, { userId: actor.userId }, ofMember);
  await ada.change('changeMemberRole', { roomId, userId: actor.userId, role });
  if (role !== 'OWNER') {
    const possible = Object.entries(ofRole).filter(
      ([name, effect]) => !(role === 'GUEST' && effect === 'ALLOW' && NEVER_FOR_GUESTS.has(name)),
    );
    expect((await set(ada, roomId, { role }, Object.fromEntries(possible))).__typename).toMatch(/Success$/);
  }
  return { roomId, actor, doomed: doomed.message.id, message: message.id };
}

async function compare(at: Attempted, names: readonly string[], what: string) {
  const explained = await explainAll(at.actor, at.roomId);
  for (const name of names) {
    const { isAllowed, steps } = explained[name];
    const answer: { __typename: string } = await (attempts[name] as Attempt)(at);
    const where = `${what}: ${name} by ${JSON.stringify(steps)}`;
    expect([where, answer.__typename.endsWith('Success')]).toEqual([where, isAllowed]);
    expect([where, steps.findLast((step: any) => step.effect !== 'INHERIT')?.effect === 'ALLOW']).toEqual([
      where,
      isAllowed,
    ]);
  }
  return explained;
}

describe('an explanation agrees with what happens', () => {
  const ends = ['ARCHIVE_ROOM', 'DELETE_ROOM'];
  const lasting = PERMISSIONS.filter((name) => !ends.includes(name));

  test.each(ROLES)('with the role %s', async (role) => {
    const { ada, bob } = people;
    for (const nth of pairs.keys()) {
      const at = await roomWith(bob, role, nth);
      const [ofRole, ofMember] = effectsOf(nth);
      const what = `${role} ${nth}`;
      const held = await permissionsIn(at.roomId);
      expect([what, held['bob']]).toEqual([what, permissionsOf(role, ofRole, ofMember)]);
      // A timeout, and in other rooms an archive, before anything is attempted.
      if (nth % 3 === 1)
        await queryRows(
          database.url,
          `UPDATE memberships SET timeout_until = now() + interval '1 hour' WHERE room_id = $1 AND user_id = $2`,
          [numberIn(at.roomId), numberIn(bob.userId)],
        );
      if (nth % 3 === 2) await ada.change('archiveRoom', { roomId: at.roomId });
      const explained = await compare(at, [...lasting, ...ends], what);
      if (role === 'OWNER') continue;
      for (const name of PERMISSIONS)
        expect([what, name, explained[name].steps.slice(0, 3)]).toEqual([
          what,
          name,
          ['ROLE_DEFAULT', 'ROLE_OVERRIDE', 'MEMBER_OVERRIDE'].map((kind, i) => ({
            kind,
            effect: stepsOf(role, ofRole, ofMember, name)[i],
          })),
        ]);
    }
  });
});

// -- random changes ----------------------------------------------------------------------------

const CHANGES = Number(process.env['PERMISSION_CHANGES'] ?? 1_000);
const SEED = Number(process.env['PERMISSION_SEED'] ?? 7);
const EVERY = 100;

test(`${CHANGES} random changes leave the permissions of the rules, in the database and in streams`, async () => {
  const names = Array.from({ length: 12 }, (_, i) => `person${i}`);
  const crowd = await importPeople(database.url, nodes, names);
  const room = await RandomRoom.create(database.url, crowd, SEED);
  let streams = 0;
  for (let done = 0; done < CHANGES; done += EVERY) streams += await room.round(EVERY);
  // Streams that were open for a whole round: their viewers did not leave.
  expect(streams).toBeGreaterThan(CHANGES / EVERY);
}, 300_000);

// -- streams -----------------------------------------------------------------------------------

const SHOWN = `__typename ... on RoomEvent { cursor roomSeq room { viewerPermissions viewerCanSend viewerCannotSendReasons } }
  ... on PermissionsChanged { actor { username } override { role user { username } allowed denied } }
  ... on MessageCreated { message { text viewerCanEdit viewerCanDelete } } ... on StreamReady { cursor } ... on Heartbeat { cursor }`;

const watch = (by: Person, node: TestNode, roomId: string, after: string | null = null) =>
  openFeed(
    node.wsUrl,
    by.token,
    `subscription ($id: ID!, $after: Cursor) { room(id: $id, after: $after) { ${SHOWN} } }`,
    { id: roomId, after },
    'room',
  );

const inbox = (by: Person, node: TestNode, after: string | null = null) =>
  openFeed(
    node.wsUrl,
    by.token,
    `subscription ($after: Cursor) { inbox(after: $after) { ${SHOWN} } }`,
    { after },
    'inbox',
  );

test('open streams judge by the new permissions from the event on, at every node, and after a replay', async () => {
  const { ada, bob, cyd, gus, mod } = people;
  const roomId = await hall();
  await set(ada, roomId, { userId: cyd.userId }, { SEND_MESSAGES: 'ALLOW', PIN_MESSAGES: 'DENY' });
  const members = [bob, cyd, gus, mod];
  const open = async (feed: Feed) => {
    const { cursor } = await feed.next('StreamReady');
    return { feed, cursor: cursor as string };
  };
  const streams = await Promise.all(
    nodes.flatMap((node) =>
      members.flatMap((by) => [
        watch(by, node, roomId).then(async (feed) => ({ by, kind: 'room', node, ...(await open(feed)) })),
        inbox(by, node).then(async (feed) => ({ by, kind: 'inbox', node, ...(await open(feed)) })),
      ]),
    ),
  );
  await set(ada, roomId, { role: 'MEMBER' }, { SEND_MESSAGES: 'DENY', DELETE_MESSAGES: 'ALLOW' });
  await mod.say(roomId, 'judged');
  const can = (viewerPermissions: string[], viewerCanSend: boolean) => ({
    viewerPermissions: viewerPermissions.length ? expect.arrayContaining(viewerPermissions) : [],
    viewerCanSend,
    viewerCannotSendReasons: viewerCanSend ? [] : ['NOT_PERMITTED'],
  });
  const rooms: Record<string, object> = {
    bob: { ...can([], false), viewerPermissions: ['DELETE_MESSAGES'] },
    cyd: { ...can([], true), viewerPermissions: ['SEND_MESSAGES', 'DELETE_MESSAGES'] },
    gus: { ...can([], true), viewerPermissions: ['SEND_MESSAGES'] },
    mod: can(['MANAGE_MEMBERS', 'PIN_MESSAGES'], true),
  };
  const override = { role: 'MEMBER', user: null, allowed: ['DELETE_MESSAGES'], denied: ['SEND_MESSAGES'] };
  const expectShown = async (by: Person, feed: Feed, where: string) => {
    const changed = await feed.next('PermissionsChanged');
    expect([where, changed]).toMatchObject([
      where,
      { actor: { username: 'ada' }, override, room: rooms[by.username] },
    ]);
    const said = await feed.next('MessageCreated');
    const message = { text: 'judged', viewerCanEdit: by === mod, viewerCanDelete: by === mod };
    expect([where, said]).toMatchObject([where, { message, room: rooms[by.username] }]);
    feed.close();
  };
  for (const { by, kind, node, feed } of streams)
    await expectShown(by, feed, `${kind} of ${by.username} at ${nodes.indexOf(node)}`);
  for (const { by, kind, node, cursor } of streams) {
    const feed = await (kind === 'room' ? watch(by, node, roomId, cursor) : inbox(by, node, cursor));
    await expectShown(by, feed, `replayed ${kind} of ${by.username} at ${nodes.indexOf(node)}`);
  }
});

test('an override of one member changes the streams of that member only, and is lost with the role of owner', async () => {
  const { ada, bob, cyd } = people;
  const roomId = await hall();
  const feeds = await Promise.all([watch(bob, nodes[1], roomId), watch(cyd, nodes[2], roomId)]);
  for (const feed of feeds) await feed.next('StreamReady');
  const change = async (target: Target | null, effects: Effects) =>
    target
      ? set(ada, roomId, target, effects)
      : ada.change('changeMemberRole', { roomId, userId: bob.userId, role: 'OWNER' });
  await change({ userId: bob.userId }, { SEND_MESSAGES: 'DENY' });
  await change(null, {});
  await set(ada, roomId, { role: 'MEMBER' }, { PIN_MESSAGES: 'ALLOW' });
  const shown = async (feed: Feed) =>
    (await feed.events(3)).map(({ room }) => [room.viewerPermissions.length, room.viewerCanSend]);
  expect(await shown(feeds[0] as Feed)).toEqual([
    [0, false],
    [PERMISSIONS.length, true],
    [PERMISSIONS.length, true],
  ]);
  expect(await shown(feeds[1] as Feed)).toEqual([
    [1, true],
    [1, true],
    [2, true],
  ]);
  const down = await bob.change(
    'changeMemberRole',
    { roomId, userId: bob.userId, role: 'ADMIN' },
    'membership { permissions }',
  );
  expect(down.membership.permissions).not.toContain('SEND_MESSAGES');
  for (const feed of feeds) feed.close();
});
