import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { readFunctionFiles } from '../scripts/sql-functions.ts';
import { auditActions } from '../src/moderation/audit.ts';
import { MAX_BANS } from '../src/moderation/bans.ts';
import { MAX_DELETED } from '../src/moderation/deletions.ts';
import { purgeAudit, purgeEnded } from '../src/moderation/retention.ts';
import { MAX_TIMEOUT_DAYS } from '../src/moderation/timeouts.ts';
import { MAX_REASON } from '../src/rooms/reasons.ts';
import { createDatabase, queryRows, type TestDatabase } from './harness/database.ts';
import { type Feed, openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { importPeople } from './harness/imported.ts';
import { startNode, type TestNode } from './harness/node.ts';
import type { Person } from './harness/people.ts';
import { openServices } from './harness/services.ts';

// Moderation of rooms. Each user acts at the first node, and is watched at the second.

let database: TestDatabase;
let nodes: [TestNode, TestNode];
let people: Record<'ada' | 'adm' | 'mod' | 'bob' | 'cyd' | 'eve', Person>;

beforeAll(async () => {
  database = await createDatabase();
  const options = {
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    env: { CHANGES_PER_SECOND: '10000', CHANGES_BURST: '10000' },
  };
  nodes = await Promise.all([startNode(options), startNode(options)]);
  const names = ['ada', 'adm', 'mod', 'bob', 'cyd', 'eve'] as const;
  const made = await importPeople(database.url, [nodes[0]], names);
  people = Object.fromEntries(names.map((name, i) => [name, made[i]])) as typeof people;
});

afterAll(async () => {
  await Promise.all((nodes ?? []).map((node) => node.stop()));
  await database?.drop();
});

/** A room of Ada with an admin and a moderator; Bob and Cyd are plain members. */
async function hall(kind: 'PUBLIC' | 'PRIVATE' = 'PUBLIC'): Promise<string> {
  const { ada, adm, mod, bob, cyd } = people;
  const roomId = await ada.createRoom('the hall', kind);
  const add = (role: string, ...members: Person[]) =>
    ada.change('addMembers', { roomId, userIds: members.map(({ userId }) => userId), role });
  await add('ADMIN', adm);
  await add('MODERATOR', mod);
  await add('MEMBER', bob, cyd);
  return roomId;
}

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

const refused = (type: string, path?: string[]) =>
  expect.objectContaining({ __typename: type, ...(path && { path }) });

const rowsOf = (sql: string, ...values: unknown[]) => queryRows<any>(database.url, sql, values);

const STREAM = `subscription ($id: ID!) { room(id: $id) { __typename
  ... on RoomEvent { roomSeq actor { username } room { viewerCanSend viewerCannotSendReasons } }
  ... on MemberTimedOut { user { username } until }
  ... on MemberLeft { user { username } removed }
  ... on MemberJoined { membership { timeoutUntil } }
  ... on MessageDeleted { reason message { id text } } } }`;

const watch = (person: Person, roomId: string): Promise<Feed> =>
  openFeed(nodes[1].wsUrl, person.token, STREAM, { id: roomId }, 'room');

const send = (by: Person, roomId: string) =>
  by.change('sendMessage', { roomId, text: 'hello', idempotencyKey: `${Math.random()}` });

// -- timeouts ----------------------------------------------------------------------------------

const timeOut = (by: Person, roomId: string, member: Person, until: string | null, reason?: string) =>
  by.change(
    'timeoutMember',
    { roomId, userId: member.userId, until, reason },
    'roomSeq membership { timeoutUntil user { username } }',
  );

async function timeoutsIn(roomId: string, by = people.ada): Promise<Record<string, string | null>> {
  const { data } = await by.ask(
    'query ($id: ID!) { room(id: $id) { members(first: 20) { nodes { user { username } timeoutUntil } } } }',
    { id: roomId },
  );
  const members: any[] = data.room.members.nodes;
  return Object.fromEntries(members.map(({ user, timeoutUntil }) => [user.username, timeoutUntil]));
}

describe('a timeout', () => {
  test('takes the right to send in open streams, is seen by all members, and ends by a call', async () => {
    const { mod, bob, cyd } = people;
    const roomId = await hall();
    const [bobs, cyds] = [await watch(bob, roomId), await watch(cyd, roomId)];
    await Promise.all([bobs, cyds].map((feed) => feed.next('StreamReady')));
    const until = inHours(1);
    const made = await timeOut(mod, roomId, bob, until, 'too loud');
    expect(made).toMatchObject({ membership: { timeoutUntil: until, user: { username: 'bob' } } });
    const event = { roomSeq: made.roomSeq, actor: { username: 'mod' }, user: { username: 'bob' }, until };
    const silent = { viewerCanSend: false, viewerCannotSendReasons: ['TIMED_OUT'] };
    const free = { viewerCanSend: true, viewerCannotSendReasons: [] };
    expect(await bobs.next('MemberTimedOut')).toMatchObject({ ...event, room: silent });
    expect(await cyds.next('MemberTimedOut')).toMatchObject({ ...event, room: free });
    expect(await send(bob, roomId)).toEqual(refused('PermissionDeniedError'));
    expect(await timeoutsIn(roomId, cyd)).toMatchObject({ bob: until, cyd: null });
    // The same again changes nothing.
    expect(await timeOut(mod, roomId, bob, until)).toMatchObject({ roomSeq: made.roomSeq });
    const ended = await timeOut(mod, roomId, bob, null);
    expect(await bobs.next('MemberTimedOut')).toMatchObject({
      roomSeq: ended.roomSeq,
      until: null,
      room: free,
    });
    expect((await send(bob, roomId)).__typename).toBe('SendMessageSuccess');
    expect((await timeOut(mod, roomId, bob, null)).membership.timeoutUntil).toBeNull();
    for (const feed of [bobs, cyds]) feed.close();
  });

  test('ends by itself, also in streams', async () => {
    const { ada, bob } = people;
    const roomId = await hall();
    const feed = await watch(bob, roomId);
    await feed.next('StreamReady');
    await timeOut(ada, roomId, bob, new Date(Date.now() + 4_000).toISOString());
    await feed.next('MemberTimedOut');
    await expect
      .poll(async () => (await send(bob, roomId)).__typename, { timeout: 20_000 })
      .toBe('SendMessageSuccess');
    await ada.say(roomId, 'after it');
    expect(await feed.next('MessageCreated')).toMatchObject({ room: { viewerCanSend: true } });
    feed.close();
  });

  test('goes on when the member leaves and returns, by whichever way', async () => {
    const { ada, mod, bob } = people;
    const roomId = await hall();
    const until = inHours(2);
    await timeOut(mod, roomId, bob, until);
    const { inviteCode } = await ada.change('createInvite', { roomId, role: 'MEMBER' }, 'inviteCode');
    const feed = await watch(people.cyd, roomId);
    await feed.next('StreamReady');
    const returns: (() => Promise<any>)[] = [
      () => bob.change('joinRoom', { roomId }, 'membership { timeoutUntil }'),
      () => bob.change('acceptInvite', { inviteCode }, 'membership { timeoutUntil }'),
      () =>
        ada
          .change('addMembers', { roomId, userIds: [bob.userId] }, 'memberships { timeoutUntil }')
          .then(({ memberships: [membership] }) => ({ membership })),
    ];
    for (const comeBack of returns) {
      await bob.change('leaveRoom', { roomId }, 'roomId');
      expect((await comeBack()).membership.timeoutUntil).toBe(until);
      expect((await feed.next('MemberJoined'))['membership'].timeoutUntil).toBe(until);
      expect(await send(bob, roomId)).toEqual(refused('PermissionDeniedError'));
    }
    // What was ended stays so.
    await timeOut(mod, roomId, bob, null);
    await bob.change('leaveRoom', { roomId }, 'roomId');
    await bob.join(roomId);
    expect((await send(bob, roomId)).__typename).toBe('SendMessageSuccess');
    feed.close();
  });

  test('is for members below the actor, and for at most so many days', async () => {
    const { ada, adm, mod, bob, cyd, eve } = people;
    const roomId = await hall();
    const direct = await ada.change('openDirectRoom', { userIds: [bob.userId] }, 'room { id }');
    const denied = refused('PermissionDeniedError');
    const invalid = refused('ValidationError', ['input', 'until']);
    const cases: [Person, string, Person, string | null, unknown][] = [
      [bob, roomId, cyd, inHours(1), denied],
      [mod, roomId, mod, inHours(1), denied],
      [mod, roomId, adm, inHours(1), denied],
      [adm, roomId, ada, inHours(1), denied],
      [mod, roomId, eve, inHours(1), refused('NotFoundError', ['input', 'userId'])],
      [eve, roomId, bob, inHours(1), denied],
      [ada, direct.room.id, bob, inHours(1), refused('ConflictError')],
      [mod, roomId, bob, inHours(-1), invalid],
      [mod, roomId, bob, inHours(MAX_TIMEOUT_DAYS * 24 + 1), invalid],
    ];
    for (const [by, id, member, until, answer] of cases)
      expect(await timeOut(by, id, member, until)).toEqual(answer);
    expect(await timeOut(mod, roomId, bob, inHours(1), 'x'.repeat(MAX_REASON + 1))).toEqual(
      refused('ValidationError', ['input', 'reason']),
    );
    expect(await timeoutsIn(roomId)).toMatchObject({ bob: null, cyd: null });
    await timeOut(mod, roomId, bob, inHours(MAX_TIMEOUT_DAYS * 24 - 1), 'x'.repeat(MAX_REASON));
    const [{ source }] = await rowsOf(
      `SELECT prosrc AS source FROM pg_proc WHERE proname = 'time_out_member'`,
    );
    expect(source).toContain(`interval '${MAX_TIMEOUT_DAYS} days'`);
    await ada.change('archiveRoom', { roomId });
    expect(await timeOut(mod, roomId, cyd, inHours(1))).toEqual(refused('ConflictError'));
  });

  test('that is over is deleted for those who left', async () => {
    const { ada, bob, cyd } = people;
    const roomId = await hall();
    await timeOut(ada, roomId, bob, inHours(1));
    await timeOut(ada, roomId, cyd, inHours(1));
    for (const member of [bob, cyd]) await member.change('leaveRoom', { roomId }, 'roomId');
    await rowsOf(
      `UPDATE former_timeouts SET until = now() - interval '1 minute' WHERE room_id = $1 AND user_id = $2`,
      numberIn(roomId),
      numberIn(bob.userId),
    );
    const services = await openServices(database.url);
    expect(await purgeEnded(services.node)).toBe(1);
    await services.close();
    const left = await rowsOf(
      'SELECT user_id::int AS id FROM former_timeouts WHERE room_id = $1',
      numberIn(roomId),
    );
    expect(left).toEqual([{ id: numberIn(cyd.userId) }]);
    await ada.change('deleteRoom', { roomId }, 'roomId');
    expect(await rowsOf('SELECT FROM former_timeouts WHERE room_id = $1', numberIn(roomId))).toEqual([]);
  });
});

// -- bans --------------------------------------------------------------------------------------

const BAN = 'roomSeq ban { user { username } bannedBy { username } reason expiresAt } room { memberCount }';
const ban = (by: Person, roomId: string, user: { userId: string }, more: object = {}) =>
  by.change('banUser', { roomId, userId: user.userId, ...more }, BAN);
const unban = (by: Person, roomId: string, user: { userId: string }) =>
  by.change('unbanUser', { roomId, userId: user.userId }, 'roomSeq user { username }');

async function bansOf(by: Person, roomId: string, args = ''): Promise<any> {
  const { data, errors } = await by.ask(
    `query ($id: ID!) { room(id: $id) { bans${args} { nodes { user { username } bannedBy { username } reason expiresAt }
      pageInfo { hasNextPage endCursor } } } }`,
    { id: roomId },
  );
  expect(errors).toEqual([]);
  return data.room?.bans ?? null;
}

describe('a ban', () => {
  test('removes the member, refuses every way back, and ends by a call', async () => {
    const { ada, mod, bob, cyd } = people;
    const roomId = await hall();
    const { inviteCode } = await ada.change('createInvite', { roomId, role: 'MEMBER' }, 'inviteCode');
    const [bobs, cyds] = [await watch(bob, roomId), await watch(cyd, roomId)];
    await Promise.all([bobs, cyds].map((feed) => feed.next('StreamReady')));
    const made = await ban(mod, roomId, bob, { reason: ' spam ' });
    expect(made).toMatchObject({
      ban: { user: { username: 'bob' }, bannedBy: { username: 'mod' }, reason: 'spam', expiresAt: null },
      room: { memberCount: 4 },
    });
    const left = {
      roomSeq: made.roomSeq,
      actor: { username: 'mod' },
      user: { username: 'bob' },
      removed: true,
    };
    expect(await cyds.next('MemberLeft')).toMatchObject(left);
    expect(await bobs.next('MemberLeft')).toMatchObject(left);
    await bobs.ended();
    const banned = { __typename: 'PermissionDeniedError', detail: 'You are banned from this room.' };
    expect(await bob.change('joinRoom', { roomId })).toMatchObject(banned);
    expect(await bob.change('acceptInvite', { inviteCode })).toMatchObject(banned);
    expect(await ada.change('addMembers', { roomId, userIds: [bob.userId] })).toMatchObject({
      __typename: 'ConflictError',
      path: ['input', 'userIds'],
    });
    expect((await bansOf(mod, roomId)).nodes).toEqual([made.ban]);
    expect(await ban(mod, roomId, bob, { reason: 'spam' })).toMatchObject({ roomSeq: made.roomSeq });
    expect(await unban(ada, roomId, bob)).toMatchObject({
      __typename: 'UnbanUserSuccess',
      user: { username: 'bob' },
    });
    expect((await unban(ada, roomId, bob)).__typename).toBe('UnbanUserSuccess');
    expect((await bansOf(mod, roomId)).nodes).toEqual([]);
    await bob.join(roomId);
    for (const feed of [bobs, cyds]) feed.close();
  });

  test('of a user who is no member has no event, and a later one replaces it', async () => {
    const { ada, mod, eve } = people;
    const roomId = await hall();
    const { roomSeq } = await ada.say(roomId, 'last');
    expect(await ban(mod, roomId, eve)).toMatchObject({ roomSeq, ban: { reason: null, expiresAt: null } });
    expect(await eve.change('joinRoom', { roomId })).toEqual(refused('PermissionDeniedError'));
    const expiresAt = inHours(1);
    await ban(ada, roomId, eve, { expiresAt, reason: 'for an hour' });
    expect((await bansOf(ada, roomId)).nodes).toEqual([
      { user: { username: 'eve' }, bannedBy: { username: 'ada' }, reason: 'for an hour', expiresAt },
    ]);
  });

  test('ends when it expires, by the clock of the database, and is deleted later', async () => {
    const { ada, mod, eve } = people;
    const roomId = await hall();
    await ban(mod, roomId, eve, { expiresAt: inHours(1) });
    await rowsOf(
      `UPDATE bans SET expires_at = now() - interval '1 second' WHERE room_id = $1`,
      numberIn(roomId),
    );
    expect((await bansOf(ada, roomId)).nodes).toEqual([]);
    await eve.join(roomId);
    expect((await ban(mod, roomId, eve)).ban).toMatchObject({ expiresAt: null });
    await rowsOf(
      `UPDATE bans SET expires_at = now() - interval '1 second' WHERE room_id = $1`,
      numberIn(roomId),
    );
    const services = await openServices(database.url);
    expect(await purgeEnded(services.node)).toBe(1);
    await services.close();
  });

  test('is for members below the actor, for users who exist, and with an end in the future', async () => {
    const { ada, adm, mod, bob, cyd, eve } = people;
    const roomId = await hall();
    const closed = await ada.createRoom('closed', 'PRIVATE');
    const direct = await ada.change('openDirectRoom', { userIds: [bob.userId] }, 'room { id }');
    const denied = refused('PermissionDeniedError');
    const nobody = { userId: 'user_99999999' };
    const cases: [Person, string, { userId: string }, object, unknown][] = [
      [bob, roomId, cyd, {}, denied],
      [bob, roomId, eve, {}, denied],
      [eve, roomId, bob, {}, denied],
      [eve, closed, bob, {}, refused('NotFoundError', ['input', 'roomId'])],
      [mod, roomId, mod, {}, denied],
      [mod, roomId, adm, {}, denied],
      [adm, roomId, ada, {}, denied],
      [mod, roomId, nobody, {}, refused('NotFoundError', ['input', 'userId'])],
      [ada, direct.room.id, bob, {}, refused('ConflictError')],
      [mod, roomId, bob, { expiresAt: inHours(-1) }, refused('ValidationError', ['input', 'expiresAt'])],
      [
        mod,
        roomId,
        bob,
        { reason: 'x'.repeat(MAX_REASON + 1) },
        refused('ValidationError', ['input', 'reason']),
      ],
    ];
    for (const [by, id, user, more, answer] of cases) expect(await ban(by, id, user, more)).toEqual(answer);
    expect(await unban(bob, roomId, eve)).toEqual(denied);
    expect(await unban(ada, direct.room.id, bob)).toEqual(refused('ConflictError'));
    for (const [by, id] of [
      [bob, roomId],
      [eve, roomId],
      [ada, direct.room.id],
    ] as const)
      expect(await bansOf(by, id)).toBeNull();
    expect((await bansOf(ada, roomId)).nodes).toEqual([]);
    // Archived rooms, too: they can be left and joined by nobody, but members can be removed.
    await ada.change('archiveRoom', { roomId });
    expect((await ban(mod, roomId, bob)).__typename).toBe('BanUserSuccess');
  });

  test('is one of at most so many in a room, which pages list', async () => {
    const { ada, eve } = people;
    const roomId = await hall();
    await rowsOf(
      `INSERT INTO bans (room_id, user_id, banned_by, created_at) SELECT $1, 1000000 + n, $2, now() - n * interval '1 second'
       FROM generate_series(1, $3::int) n`,
      numberIn(roomId),
      numberIn(ada.userId),
      MAX_BANS - 1,
    );
    await ban(ada, roomId, eve);
    const first = await bansOf(ada, roomId, '(first: 1)');
    expect(first.nodes).toMatchObject([{ user: { username: 'eve' } }]);
    expect(await ban(ada, roomId, people.bob)).toEqual(refused('ConflictError'));
    // Another ban of the same user is none more.
    expect((await ban(ada, roomId, eve, { reason: 'again' })).ban.reason).toBe('again');
    await ada.change('deleteRoom', { roomId }, 'roomId');
    expect(await rowsOf('SELECT FROM bans WHERE room_id = $1', numberIn(roomId))).toEqual([]);
  });

  test('and a join at the same moment leave no member who is banned', async () => {
    const { ada, eve } = people;
    const roomId = await hall();
    const { inviteCode } = await ada.change('createInvite', { roomId, role: 'MEMBER' }, 'inviteCode');
    const elsewhere = eve.via(nodes[1]);
    for (let round = 0; round < 10; round++) {
      const [made] = await Promise.all([
        ban(ada, roomId, eve),
        elsewhere.change('joinRoom', { roomId }),
        elsewhere.change('acceptInvite', { inviteCode }),
        ada.via(nodes[1]).change('addMembers', { roomId, userIds: [eve.userId] }),
      ]);
      expect(made.__typename).toBe('BanUserSuccess');
      const members = await rowsOf(
        'SELECT FROM memberships WHERE room_id = $1 AND user_id = $2',
        numberIn(roomId),
        numberIn(eve.userId),
      );
      expect(members).toEqual([]);
      await unban(ada, roomId, eve);
    }
  });
});

// -- deletions ---------------------------------------------------------------------------------

const DELETED = 'messages { id text } refused { messageId code } roomSeq';
const deleteAll = (by: Person, roomId: string, messageIds: string[]) =>
  by.change('deleteMessages', { roomId, messageIds }, DELETED);

describe('deletions of many messages', () => {
  test('are judged one by one; events say whether a moderator did it', async () => {
    const { ada, mod, bob, cyd } = people;
    const roomId = await hall();
    const elsewhere = await hall();
    const say = async (by: Person, id = roomId) => (await by.say(id, 'hello')).message.id;
    const own = await say(mod);
    const [bobs, cyds, adas, other] = [
      await say(bob),
      await say(cyd),
      await say(ada),
      await say(bob, elsewhere),
    ];
    const before = await say(cyd);
    await cyd.change('deleteMessage', { messageId: before });
    const feed = await watch(people.adm, roomId);
    await feed.next('StreamReady');
    const answer = await deleteAll(mod, roomId, [own, bobs, cyds, adas, other, before, 'nothing', bobs]);
    const gone = (id: string) => ({ id, text: null });
    expect(answer).toMatchObject({
      messages: [own, bobs, cyds, before].map(gone),
      refused: [
        { messageId: adas, code: 'PERMISSION_DENIED' },
        { messageId: other, code: 'NOT_FOUND' },
        { messageId: 'nothing', code: 'NOT_FOUND' },
      ],
    });
    const events = await feed.events(3);
    expect(events.map(({ reason, message, actor }) => [reason, message, actor.username])).toEqual([
      ['DELETED', gone(own), 'mod'],
      ['MODERATED', gone(bobs), 'mod'],
      ['MODERATED', gone(cyds), 'mod'],
    ]);
    expect(answer.roomSeq).toBe(events[2]?.roomSeq);
    feed.close();
    expect(await deleteAll(bob, roomId, [adas])).toMatchObject({
      messages: [],
      refused: [{ messageId: adas, code: 'PERMISSION_DENIED' }],
      roomSeq: null,
    });
    expect(await deleteAll(people.eve, roomId, [adas])).toEqual(
      refused('NotFoundError', ['input', 'roomId']),
    );
  });

  test('are at most so many, and of one room', async () => {
    const { ada } = people;
    const roomId = await hall();
    const ids: string[] = [];
    for (let i = 0; i < MAX_DELETED; i++) ids.push((await ada.say(roomId, `${i}`)).message.id);
    for (const messageIds of [[], [...ids, 'one more']])
      expect(await deleteAll(ada, roomId, messageIds)).toEqual(
        refused('ValidationError', ['input', 'messageIds']),
      );
    expect(await deleteAll(ada, 'nowhere', ids)).toEqual(refused('NotFoundError', ['input', 'roomId']));
    const { messages, refused: none } = await deleteAll(ada, roomId, ids);
    expect([messages.map(({ id }: { id: string }) => id), none]).toEqual([ids, []]);
  });
});

// -- audit log ---------------------------------------------------------------------------------

const ENTRY = `auditSeq action actor { username } target { username } targetRole messageId inviteId reason
  changes { field before after }`;

async function auditOf(by: Person, roomId: string, args = ''): Promise<any> {
  const { data, errors } = await by.ask(
    `query ($id: ID!) { room(id: $id) { auditLog${args} { nodes { ${ENTRY} } edges { cursor } pageInfo { hasNextPage endCursor } } } }`,
    { id: roomId },
  );
  expect(errors).toEqual([]);
  return data.room?.auditLog ?? null;
}

describe('the audit log', () => {
  test('has every act of those who manage the room, with the values before and after', async () => {
    const { ada, adm, mod, bob, cyd, eve } = people;
    const roomId = await hall();
    const until = inHours(1);
    const expiresAt = inHours(2);
    const { message } = await bob.say(roomId, 'rude');
    await bob.change('deleteMessage', { messageId: (await bob.say(roomId, 'own')).message.id });
    await timeOut(mod, roomId, bob, until, 'too loud');
    await mod.change('deleteMessage', { messageId: message.id });
    await ban(mod, roomId, eve, { expiresAt, reason: 'spam' });
    await unban(adm, roomId, eve);
    await ada.change('changeMemberRole', { roomId, userId: cyd.userId, role: 'MODERATOR' });
    await mod.change('removeMember', { roomId, userId: bob.userId, reason: 'enough' });
    const changes = [
      { permission: 'PIN_MESSAGES', effect: 'ALLOW' },
      { permission: 'SEND_MESSAGES', effect: 'DENY' },
    ];
    await adm.change('setRoomPermissionOverride', { roomId, target: { role: 'MEMBER' }, changes });
    await adm.change('updateRoom', { roomId, name: 'the small hall', messageLifetimeSeconds: 60 });
    await ada.change('updateRoomSettings', {
      roomId,
      slowModeSeconds: 30,
      posting: 'MODERATORS_AND_REPLIES',
    });
    const { invite } = await mod.change(
      'createInvite',
      { roomId, role: 'MEMBER', maxUses: 3, expiresAt },
      'invite { id }',
    );
    await ada.change('revokeInvite', { inviteId: invite.id }, 'inviteId');
    await adm.change('archiveRoom', { roomId });
    const { nodes } = await auditOf(ada, roomId, '(first: 50)');
    const entry = (action: string, actor: Person, more: object = {}) => ({
      action,
      actor: { username: actor.username },
      target: null,
      targetRole: null,
      messageId: null,
      inviteId: null,
      reason: null,
      changes: [],
      ...more,
    });
    const of = ({ username }: Person) => ({ target: { username } });
    const changed = (field: string, before: string | null, after: string | null) => ({
      field,
      before,
      after,
    });
    const answering = ['ADD_REACTIONS', 'REPLY_IN_THREADS'].map((each) => changed(each, 'INHERIT', 'ALLOW'));
    expect(nodes.toReversed()).toEqual(
      [
        entry('MEMBER_TIMED_OUT', mod, {
          ...of(bob),
          reason: 'too loud',
          changes: [changed('until', null, until)],
        }),
        entry('MESSAGE_DELETED', mod, { ...of(bob), messageId: message.id }),
        entry('USER_BANNED', mod, {
          ...of(eve),
          reason: 'spam',
          changes: [changed('expiresAt', null, expiresAt)],
        }),
        entry('USER_UNBANNED', adm, of(eve)),
        entry('ROLE_CHANGED', ada, { ...of(cyd), changes: [changed('role', 'MEMBER', 'MODERATOR')] }),
        entry('MEMBER_REMOVED', mod, { ...of(bob), reason: 'enough' }),
        entry('PERMISSIONS_CHANGED', adm, {
          targetRole: 'MEMBER',
          changes: [changed('PIN_MESSAGES', 'INHERIT', 'ALLOW'), changed('SEND_MESSAGES', 'INHERIT', 'DENY')],
        }),
        entry('ROOM_UPDATED', adm, {
          changes: [
            changed('name', 'the hall', 'the small hall'),
            changed('messageLifetimeSeconds', null, '60'),
          ],
        }),
        entry('PERMISSIONS_CHANGED', ada, {
          targetRole: 'GUEST',
          changes: [...answering, changed('SEND_MESSAGES', 'INHERIT', 'DENY')],
        }),
        entry('PERMISSIONS_CHANGED', ada, { targetRole: 'MEMBER', changes: answering }),
        entry('SETTINGS_CHANGED', ada, {
          changes: [
            changed('posting', 'CUSTOM', 'MODERATORS_AND_REPLIES'),
            changed('slowModeSeconds', null, '30'),
          ],
        }),
        entry('INVITE_CREATED', mod, {
          inviteId: invite.id,
          changes: [
            changed('role', null, 'MEMBER'),
            changed('maxUses', null, '3'),
            changed('expiresAt', null, expiresAt),
          ],
        }),
        entry('INVITE_REVOKED', ada, { ...of(mod), inviteId: invite.id }),
        entry('ROOM_ARCHIVED', adm),
      ].map((each, i) => ({ auditSeq: i + 1, ...each })),
    );
  });

  test('is filtered and paged, and only for members with the permission', async () => {
    const { ada, adm, mod, bob, cyd, eve } = people;
    const roomId = await hall();
    for (const until of [inHours(1), inHours(2), null]) await timeOut(mod, roomId, bob, until);
    await timeOut(adm, roomId, bob, inHours(3));
    await ban(adm, roomId, eve);
    const seqsOf = async (args: string) =>
      (await auditOf(ada, roomId, args)).nodes.map((each: any) => each.auditSeq);
    expect(await seqsOf('')).toEqual([5, 4, 3, 2, 1]);
    expect(await seqsOf('(filter: { action: MEMBER_TIMED_OUT })')).toEqual([4, 3, 2, 1]);
    expect(await seqsOf(`(filter: { actorId: "${adm.userId}" })`)).toEqual([5, 4]);
    expect(await seqsOf(`(filter: { actorId: "${adm.userId}", action: USER_BANNED })`)).toEqual([5]);
    const first = await auditOf(adm, roomId, '(first: 2)');
    expect(first.pageInfo.hasNextPage).toBe(true);
    expect(await seqsOf(`(first: 2, after: "${first.pageInfo.endCursor}")`)).toEqual([3, 2]);
    // What nothing changed, and refusals, are not in it.
    await timeOut(bob, roomId, cyd, inHours(1));
    await unban(mod, roomId, cyd);
    await mod.change('archiveRoom', { roomId });
    expect(await seqsOf('(first: 1)')).toEqual([5]);
    for (const by of [mod, bob, eve]) expect(await auditOf(by, roomId)).toBeNull();
    const { errors } = await ada.ask(
      `query ($id: ID!) { room(id: $id) { auditLog(filter: { actorId: "nobody" }) { nodes { auditSeq } } } }`,
      { id: roomId },
    );
    expect(errors[0]?.extensions.code).toBe('NOT_FOUND');
  });

  test('has one entry for each of many deletions, and one numbering', async () => {
    const { ada, adm, mod, bob } = people;
    const roomId = await hall();
    const ids: string[] = [];
    for (let i = 0; i < 10; i++) ids.push((await bob.say(roomId, `${i}`)).message.id);
    await Promise.all([
      deleteAll(mod, roomId, ids),
      deleteAll(adm.via(nodes[1]), roomId, ids),
      timeOut(ada.via(nodes[1]), roomId, bob, inHours(1)),
    ]);
    const { nodes: entries } = await auditOf(ada, roomId, '(first: 50)');
    expect(entries.map((each: any) => each.auditSeq)).toEqual(Array.from({ length: 11 }, (_, i) => 11 - i));
    const deleted = entries.flatMap(({ messageId }: any) => messageId ?? []);
    expect(deleted.toSorted()).toEqual(ids.toSorted());
  });

  test('cannot be changed in the database; old entries are deleted after AUDIT_RETENTION_DAYS', async () => {
    const { ada, bob } = people;
    const roomId = await hall();
    for (const until of [inHours(1), inHours(2), null]) await timeOut(ada, roomId, bob, until);
    const room = numberIn(roomId);
    for (const sql of [
      `UPDATE audit_log SET reason = 'another' WHERE room_id = ${room}`,
      `DELETE FROM audit_log WHERE room_id = ${room}`,
      'TRUNCATE audit_log',
    ])
      await expect(rowsOf(sql)).rejects.toThrow('the audit log cannot be changed');
    const services = await openServices(database.url, { AUDIT_RETENTION_DAYS: '30' });
    await rowsOf(
      `INSERT INTO audit_log (room_id, audit_seq, actor_id, action, created_at)
       SELECT $1, -n, 1, 'other', now() - interval '31 days' FROM generate_series(1, 3) n`,
      room,
    );
    expect(await purgeAudit(services.node)).toBe(3);
    expect(await purgeAudit(services.node)).toBe(0);
    await services.close();
    expect((await auditOf(ada, roomId)).nodes).toHaveLength(3);
  });

  test('names the actions as the functions of the database do', () => {
    const written = readFunctionFiles().flatMap(({ sql }) =>
      [...sql.matchAll(/record_act\([^;]*?, '([a-z]+)'/g)].map(([, action]) => action),
    );
    const known = Object.values(auditActions).map(({ value }) => value);
    expect(new Set([...written, 'other'])).toEqual(new Set(known));
  });
});
