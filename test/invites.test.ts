import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { removeUnusedGuests } from '../src/accounts/guests.ts';
import { createInvitation } from '../src/accounts/invitations.ts';
import { INVITE_RATE } from '../src/context.ts';
import { MAX_INVITES } from '../src/invites/invites.ts';
import { purgeInvites } from '../src/invites/retention.ts';
import { createDatabase, queryRows, type TestDatabase } from './harness/database.ts';
import { numberIn } from './harness/ids.ts';
import { importPeople } from './harness/imported.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { ask, Person } from './harness/people.ts';
import { openServices } from './harness/services.ts';

let database: TestDatabase;
let nodes: [TestNode, TestNode];
let people: Record<'ada' | 'bob' | 'mod' | 'cyd', Person>;
let roomId: string;

beforeAll(async () => {
  database = await createDatabase();
  const options = {
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    env: {
      CHANGES_PER_SECOND: '10000',
      CHANGES_BURST: '10000',
      GUESTS_PER_HOUR: '10000',
      // Fifty users wait for one room, however slow the machine is.
      WRITE_DEADLINE_MS: '60000',
    },
  };
  nodes = await Promise.all([startNode(options), startNode(options)]);
  const names = ['ada', 'bob', 'mod', 'cyd'] as const;
  const made = await importPeople(database.url, [nodes[0]], names);
  people = Object.fromEntries(names.map((name, i) => [name, made[i]])) as typeof people;
  roomId = await people.ada.createRoom('the hall', 'PRIVATE');
  await people.ada.change('addMembers', { roomId, userIds: [people.bob.userId] });
  await people.ada.change('addMembers', { roomId, userIds: [people.mod.userId], role: 'MODERATOR' });
});

afterAll(async () => {
  await Promise.all((nodes ?? []).map((node) => node.stop()));
  await database?.drop();
});

const INVITE = 'inviteCode link invite { id role useCount maxUses isOpen createdBy { id } room { id } }';
const create = (by: Person, more: object = {}, inRoom = roomId) =>
  by.change('createInvite', { roomId: inRoom, role: 'MEMBER', ...more }, INVITE);
/** Creates a link that works, and returns its code. */
const codeBy = async (by: Person, more: object = {}, inRoom = roomId): Promise<string> =>
  (await create(by, more, inRoom)).inviteCode;
const accept = (by: Person, code: string) =>
  by.change('acceptInvite', { inviteCode: code }, 'roomSeq room { id } membership { role }');

async function preview(code: string, node = nodes[0]) {
  const { data, errors } = await ask<any>(
    node.url,
    'query ($code: String!) { invite(code: $code) { roomName memberCount role invitedBy } }',
    { code },
  );
  expect(errors).toEqual([]);
  return data.invite;
}

const JOIN = `mutation ($input: JoinAsGuestInput!) { joinAsGuest(input: $input) { __typename
  ... on JoinAsGuestSuccess { tokens { accessToken refreshToken } viewer { user { id username isGuest } } room { id name } roomSeq }
  ... on UserError { code detail path } } }`;

async function joinAsGuest(code: string, displayName = 'Gus', node = nodes[0]) {
  const { data } = await ask<any>(node.url, JOIN, { input: { inviteCode: code, displayName } });
  return data.joinAsGuest;
}

async function newGuest(code: string, node = nodes[0]): Promise<Person> {
  const { tokens, viewer } = await joinAsGuest(code, 'Gus', node);
  return new Person(node, viewer.user.id, viewer.user.username, tokens.accessToken, tokens.refreshToken);
}

async function useCountOf(id: string): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    database.url,
    'SELECT use_count AS n FROM invites WHERE id = $1',
    [numberIn(id)],
  );
  return row?.n ?? -1;
}

const REFUSED = {
  __typename: 'NotFoundError',
  code: 'NOT_FOUND',
  detail: 'This invite does not exist or cannot be used any more.',
};

// -- links -------------------------------------------------------------------------------------

test('a link shows where it leads, and makes members; its code is stored as a hash', async () => {
  const { ada, cyd } = people;
  const { inviteCode: code, link, invite } = await create(ada, { maxUses: 5 });
  expect(link).toBe(`/#join=${code}`);
  expect(invite).toMatchObject({
    role: 'MEMBER',
    useCount: 0,
    maxUses: 5,
    isOpen: true,
    room: { id: roomId },
  });
  expect(await preview(code)).toEqual({
    roomName: 'the hall',
    memberCount: 3,
    role: 'MEMBER',
    invitedBy: 'ada',
  });
  const feed = await ada.watch(roomId);
  await feed.next('StreamReady');
  const joined = await accept(cyd, code);
  expect(joined).toMatchObject({ room: { id: roomId }, membership: { role: 'MEMBER' } });
  const event = await feed.next('MemberJoined');
  expect(event).toMatchObject({ roomSeq: joined.roomSeq });
  expect(await accept(cyd, code)).toMatchObject({
    __typename: 'AcceptInviteSuccess',
    roomSeq: joined.roomSeq,
  });
  expect(await useCountOf(invite.id)).toBe(1);
  const rows = await queryRows(database.url, 'SELECT invites::text AS row FROM invites');
  expect(JSON.stringify(rows)).not.toContain(code);
  await cyd.change('leaveRoom', { roomId });
  feed.close();
});

test('fifty parallel accepts of a link with one use, at two nodes: one member and 49 equal refusals', async () => {
  const { ada } = people;
  const names = Array.from({ length: 50 }, (_, i) => `crowd${i}`);
  const crowd = await importPeople(database.url, nodes, names);
  const { inviteCode: code, invite } = await create(ada, { maxUses: 1 });
  const before = (await preview(code)).memberCount;
  const answers = await Promise.all(crowd.map((person) => accept(person, code)));
  const winner = answers.findIndex(({ __typename }) => __typename === 'AcceptInviteSuccess');
  const refused = answers.filter((_, i) => i !== winner);
  expect(new Set(refused.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(refused[0]).toEqual({ ...REFUSED, path: ['input', 'inviteCode'] });
  expect(await useCountOf(invite.id)).toBe(1);
  const [room] = await queryRows<{ n: number }>(
    database.url,
    'SELECT member_count AS n FROM rooms WHERE id = $1',
    [numberIn(roomId)],
  );
  expect(room?.n).toBe(before + 1);
  // An answer that was lost: the same user again.
  expect(await accept(crowd[winner] as Person, code)).toMatchObject({ __typename: 'AcceptInviteSuccess' });
  await (crowd[winner] as Person).change('leaveRoom', { roomId });
});

test('wrong, expired, revoked and used-up codes, and those of creators who lost the right, look the same', async () => {
  const { ada, mod, cyd } = people;
  const expired = await create(ada, { expiresAt: '2999-01-01T00:00:00Z' });
  await queryRows(database.url, 'UPDATE invites SET expires_at = now() WHERE id = $1', [
    numberIn(expired.invite.id),
  ]);
  const revoked = await create(ada);
  await ada.change('revokeInvite', { inviteId: revoked.invite.id }, 'inviteId');
  const used = await create(ada, { maxUses: 1 });
  await newGuest(used.inviteCode);
  const demoted = await create(mod, { role: 'GUEST' });
  await ada.change('changeMemberRole', { roomId, userId: mod.userId, role: 'MEMBER' });
  const codes = [
    'A'.repeat(22),
    'no code',
    '',
    expired.inviteCode,
    revoked.inviteCode,
    used.inviteCode,
    demoted.inviteCode,
  ];
  for (const code of codes) {
    expect([code, await preview(code)]).toEqual([code, null]);
    expect(await accept(cyd, code)).toEqual({ ...REFUSED, path: ['input', 'inviteCode'] });
    expect(await joinAsGuest(code)).toEqual({ ...REFUSED, path: ['input', 'inviteCode'] });
  }
  await ada.change('changeMemberRole', { roomId, userId: mod.userId, role: 'MODERATOR' });
  expect(await preview(demoted.inviteCode)).toMatchObject({ roomName: 'the hall' });
  await queryRows(database.url, 'UPDATE users SET suspended_at = now() WHERE id = $1', [
    numberIn(mod.userId),
  ]);
  expect(await preview(demoted.inviteCode)).toBeNull();
  await queryRows(database.url, 'UPDATE users SET suspended_at = NULL WHERE id = $1', [numberIn(mod.userId)]);
});

test('nobody invites at or above the own role; who may not invite does not see invites', async () => {
  const { ada, bob, mod, cyd } = people;
  expect(await create(mod, { role: 'MODERATOR' })).toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(await create(ada, { role: 'OWNER' })).toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(await create(bob, { role: 'GUEST' })).toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(await create(cyd)).toMatchObject({ code: 'NOT_FOUND' });
  expect(await create(ada, { maxUses: 0 })).toMatchObject({ code: 'VALIDATION', path: ['input', 'maxUses'] });
  expect(await create(ada, { expiresAt: '2020-01-01T00:00:00Z' })).toMatchObject({ code: 'VALIDATION' });
  const { invite } = await create(ada, { role: 'ADMIN' });
  const list = async (by: Person) =>
    (await by.ask('query ($id: ID!) { room(id: $id) { invites { nodes { id role } } } }', { id: roomId }))
      .data.room?.invites;
  const node = async (by: Person) =>
    (await by.ask('query ($id: ID!) { node(id: $id) { id } }', { id: invite.id })).data.node;
  expect((await list(mod)).nodes[0]).toEqual({ id: invite.id, role: 'ADMIN' });
  expect(await node(mod)).toEqual({ id: invite.id });
  expect([await list(bob), await node(bob), await list(cyd), await node(cyd)]).toEqual([
    null,
    null,
    undefined,
    null,
  ]);
  const revoke = (by: Person) => by.change('revokeInvite', { inviteId: invite.id }, 'inviteId');
  expect(await revoke(mod)).toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(await revoke(bob)).toMatchObject({ code: 'NOT_FOUND' });
  expect(await revoke(cyd)).toEqual(
    await cyd.change('revokeInvite', { inviteId: 'invite_99999999' }, 'inviteId'),
  );
  expect(await revoke(ada)).toMatchObject({ inviteId: invite.id });
  expect(await revoke(ada)).toMatchObject({ inviteId: invite.id });
  expect((await list(mod)).nodes.map(({ id }: { id: string }) => id)).not.toContain(invite.id);
});

test('a room has a limited number of open invites, and direct and archived rooms have none', async () => {
  const { ada, bob } = people;
  const full = await ada.createRoom('full');
  await queryRows(
    database.url,
    `INSERT INTO invites (room_id, code_hash, role, created_by) SELECT $1, sha256(n::text::bytea), 10, $2 FROM generate_series(1, $3::int) AS n`,
    [numberIn(full), numberIn(ada.userId), MAX_INVITES],
  );
  expect(await create(ada, {}, full)).toMatchObject({ code: 'CONFLICT' });
  await queryRows(database.url, 'UPDATE invites SET revoked_at = now() WHERE room_id = $1', [numberIn(full)]);
  const code = await codeBy(ada, {}, full);
  await ada.change('archiveRoom', { roomId: full });
  expect(await preview(code)).toBeNull();
  expect(await create(ada, {}, full)).toMatchObject({ code: 'CONFLICT' });
  const { room } = await ada.change('openDirectRoom', { userIds: [bob.userId] }, 'room { id }');
  expect(await create(ada, {}, room.id)).toMatchObject({ code: 'CONFLICT' });
});

test('looks at invites are limited by network, whatever the code', async () => {
  const query = 'query ($code: String!) { invite(code: $code) { roomName } }';
  const most = INVITE_RATE.points + (INVITE_RATE.burst ?? 0);
  const looks = Array.from({ length: most + 40 }, () => ask(nodes[1].url, query, { code: 'no code' }));
  const codes = (await Promise.all(looks)).flatMap(({ errors }) =>
    errors.map(({ extensions }) => extensions.code),
  );
  expect(new Set(codes)).toEqual(new Set(['RATE_LIMITED']));
});

test('invites that ended long ago are deleted', async () => {
  const { ada } = people;
  const elsewhere = await ada.createRoom('old links');
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.push((await create(ada, {}, elsewhere)).invite.id);
  const [expired, revoked] = ids.map(numberIn);
  await queryRows(database.url, `UPDATE invites SET expires_at = now() - interval '31 days' WHERE id = $1`, [
    expired,
  ]);
  await queryRows(database.url, `UPDATE invites SET revoked_at = now() - interval '31 days' WHERE id = $1`, [
    revoked,
  ]);
  const services = await openServices(database.url);
  expect(await purgeInvites(services.node)).toBe(2);
  await services.close();
  const left = await queryRows(database.url, 'SELECT id::int FROM invites WHERE room_id = $1', [
    numberIn(elsewhere),
  ]);
  expect(left).toEqual([{ id: numberIn(ids[2] ?? '') }]);
});

// -- guests ------------------------------------------------------------------------------------

test('two strangers talk: a name is enough', async () => {
  const { ada } = people;
  const code = await codeBy(ada, { role: 'MODERATOR' });
  const feed = await ada.watch(roomId);
  await feed.next('StreamReady');
  const { viewer, room, tokens } = await joinAsGuest(code, ' Gus ', nodes[1]);
  expect(room).toEqual({ id: roomId, name: 'the hall' });
  expect(viewer.user).toMatchObject({
    isGuest: true,
    username: expect.stringMatching(/^guest-[a-z2-7]{16}$/),
  });
  expect(await feed.next('MemberJoined')).toBeTruthy();
  const gus = new Person(
    nodes[1],
    viewer.user.id,
    viewer.user.username,
    tokens.accessToken,
    tokens.refreshToken,
  );
  const heard = await gus.watchInbox();
  await gus.say(roomId, 'hello');
  expect(await feed.next('MessageCreated')).toBeTruthy();
  await ada.say(roomId, `hello @${gus.username}`);
  const { data } = await gus.ask(
    'query ($id: ID!) { room(id: $id) { viewerMembership { role } viewerPermissions messages(last: 2) { nodes { text author { displayName isGuest } } } } viewer { user { isGuest } rooms { nodes { id } } } }',
    { id: roomId },
  );
  expect(data.room.viewerMembership.role).toBe('GUEST');
  expect(data.room.messages.nodes[0].author).toEqual({ displayName: 'Gus', isGuest: true });
  expect(data.viewer).toEqual({ user: { isGuest: true }, rooms: { nodes: [{ id: roomId }] } });
  feed.close();
  heard.close();
});

describe('a guest becomes a user with an account', () => {
  const account = (username: string) => ({
    username,
    email: `${username}@example.org`,
    password: 'correct horse battery',
  });

  test('and stays banned, also from the doors for guests', async () => {
    const { ada, mod, cyd } = people;
    const open = await ada.createRoom('for all but two', 'PUBLIC');
    const code = await codeBy(ada, {}, open);
    const gus = await newGuest(code);
    await ada.change('banUser', { roomId: open, userId: gus.userId });
    await ada.change('banUser', { roomId: open, userId: cyd.userId });
    const banned = { __typename: 'PermissionDeniedError', detail: 'You are banned from this room.' };
    const asGuest = { inviteCode: code, displayName: 'Gus' };
    for (const person of [gus, cyd])
      expect(await person.change('joinAsGuest', asGuest)).toMatchObject(banned);
    expect((await mod.change('joinAsGuest', asGuest)).__typename).toBe('JoinAsGuestSuccess');
    const upgraded = await gus.change('upgradeGuest', account('gunther'), 'viewer { user { id } }');
    expect(upgraded.viewer.user.id).toBe(gus.userId);
    const tokens = await gus.change(
      'refreshSession',
      { refreshToken: gus.refreshToken },
      'tokens { accessToken }',
    );
    const gunther = gus.withToken(tokens.tokens.accessToken);
    expect(await gunther.change('joinRoom', { roomId: open })).toMatchObject(banned);
    expect(await gunther.change('acceptInvite', { inviteCode: code })).toMatchObject(banned);
  });

  test('with the same id, session, membership and messages', async () => {
    const { ada } = people;
    const code = await codeBy(ada);
    const gus = await newGuest(code);
    const { message } = await gus.say(roomId, 'I was a guest');
    const open = await ada.createRoom('for everybody');
    expect(await gus.change('joinRoom', { roomId: open })).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await gus.change('upgradeGuest', account(ada.username), '__typename')).toMatchObject({
      code: 'CONFLICT',
      path: ['input', 'username'],
    });
    expect(await gus.change('upgradeGuest', account('guest-gus'), '__typename')).toMatchObject({
      code: 'VALIDATION',
    });
    const feed = await ada.watch(roomId);
    await feed.next('StreamReady');
    const upgraded = await gus.change(
      'upgradeGuest',
      account('gustav'),
      'viewer { user { id username isGuest } }',
    );
    expect(upgraded.viewer.user).toEqual({ id: gus.userId, username: 'gustav', isGuest: false });
    expect(await feed.next('MemberUpdated')).toBeTruthy();
    feed.close();
    const refreshed = await gus.change(
      'refreshSession',
      { refreshToken: gus.refreshToken },
      'tokens { accessToken }',
    );
    const gustav = gus.withToken(refreshed.tokens.accessToken);
    expect(await gustav.change('joinRoom', { roomId: open })).toMatchObject({
      __typename: 'JoinRoomSuccess',
    });
    const { data } = await gustav.ask(
      'query ($id: ID!) { node(id: $id) { ... on Message { author { id username } } } viewer { rooms { nodes { id } } } }',
      { id: message.id },
    );
    expect(data.node.author).toEqual({ id: gus.userId, username: 'gustav' });
    expect(data.viewer.rooms.nodes).toContainEqual({ id: roomId });
    const login = await ada.change(
      'login',
      { usernameOrEmail: 'gustav', password: 'correct horse battery' },
      'viewer { user { id } }',
    );
    expect(login.viewer.user.id).toBe(gus.userId);
    expect(await gustav.change('upgradeGuest', account('gustav2'), '__typename')).toMatchObject({
      code: 'CONFLICT',
    });
  });

  test('and needs an invitation where a registration does; guests are allowed by a setting of their own', async () => {
    const { ada } = people;
    const code = await codeBy(ada);
    const start = (env: Record<string, string>) =>
      openServices(database.url, { REGISTRATION_MODE: 'invite', ...env });
    const [byDefault, allowed] = [await start({}), await start({ ALLOW_GUESTS: 'true' })];
    expect([byDefault.node.settings.ALLOW_GUESTS, allowed.node.settings.ALLOW_GUESTS]).toEqual([false, true]);
    const { upgradeGuest } = await import('../src/accounts/guests.ts');
    const { joinAsGuest: join } = await import('../src/invites/joining.ts');
    const { contextOf } = await import('./harness/services.ts');
    const input = { inviteCode: code, displayName: 'Guy' };
    await expect(join(contextOf(byDefault.node, null), input)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    const ctx = contextOf(allowed.node, null);
    const { viewer } = await join(ctx, input);
    const upgrade = (inviteToken?: string) =>
      upgradeGuest(ctx as Parameters<typeof upgradeGuest>[0], { ...account('guy'), inviteToken });
    await expect(upgrade()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    // The code of an invite to a room is no invitation to register.
    await expect(upgrade(code)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    const token = await createInvitation(allowed.node, 1);
    expect(await upgrade(token)).toEqual({ userId: viewer.userId });
    await Promise.all([byDefault.close(), allowed.close()]);
  });
});

test('no power reaches a guest, and nothing puts a guest into another room', async () => {
  const { ada, cyd } = people;
  const code = await codeBy(ada);
  const gus = await newGuest(code);
  const elsewhere = await ada.createRoom('elsewhere', 'PRIVATE');
  const userId = gus.userId;
  const asGuest = { code: 'CONFLICT', detail: expect.stringContaining('guest') };
  expect(await ada.change('changeMemberRole', { roomId, userId, role: 'MODERATOR' })).toMatchObject(asGuest);
  for (const role of ['GUEST', 'MEMBER'])
    expect(await ada.change('addMembers', { roomId: elsewhere, userIds: [userId], role })).toMatchObject(
      asGuest,
    );
  expect(await ada.change('openDirectRoom', { userIds: [userId] })).toMatchObject(asGuest);
  // A member stays as it is; who was removed comes back as a guest only.
  expect(await ada.change('addMembers', { roomId, userIds: [userId] })).toMatchObject({
    __typename: 'AddMembersSuccess',
  });
  await ada.change('removeMember', { roomId, userId });
  expect(await ada.change('addMembers', { roomId, userIds: [userId] })).toMatchObject(asGuest);
  expect(await ada.change('addMembers', { roomId, userIds: [userId], role: 'GUEST' })).toMatchObject({
    __typename: 'AddMembersSuccess',
  });
  expect(await accept(gus, await codeBy(ada, {}, elsewhere))).toMatchObject({
    code: 'PERMISSION_DENIED',
  });
  expect(
    await queryRows(database.url, 'SELECT room_id::int FROM memberships WHERE user_id = $1', [
      numberIn(userId),
    ]),
  ).toEqual([{ room_id: numberIn(roomId) }]);
  expect(cyd.userId).not.toBe(userId);
});

test('guests who do not come back are removed, and their messages stay', async () => {
  const { ada } = people;
  const code = await codeBy(ada);
  const [gone, here] = [await newGuest(code), await newGuest(code)];
  const { message } = await gone.say(roomId, 'bye');
  const services = await openServices(database.url, { GUEST_RETENTION_DAYS: '30' });
  const age = (person: Person, what: string) =>
    queryRows(
      database.url,
      `UPDATE ${what} = now() - interval '31 days' WHERE ${what.startsWith('users') ? 'id' : 'user_id'} = $1`,
      [numberIn(person.userId)],
    );
  await age(gone, 'users SET created_at');
  await age(here, 'users SET created_at');
  await age(gone, 'sessions SET last_used_at');
  expect(await removeUnusedGuests(services.node)).toBe(1);
  expect(await removeUnusedGuests(services.node)).toBe(0);
  await services.close();
  const { data } = await ada.ask(
    'query ($id: ID!, $gone: ID!, $here: ID!) { node(id: $id) { ... on Message { text author { isDeleted } } } gone: user(id: $gone) { isDeleted } here: user(id: $here) { isDeleted } }',
    { id: message.id, gone: gone.userId, here: here.userId },
  );
  expect(data).toEqual({
    node: { text: 'bye', author: { isDeleted: true } },
    gone: { isDeleted: true },
    here: { isDeleted: false },
  });
  const refreshed = await ada.change('refreshSession', { refreshToken: gone.refreshToken }, '__typename');
  expect(refreshed).toMatchObject({ code: 'INVALID_CREDENTIALS' });
});
