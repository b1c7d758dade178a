import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { MAX_REASON } from '../src/moderation/reasons.ts';
import { purgeEnded } from '../src/moderation/retention.ts';
import { MAX_TIMEOUT_DAYS } from '../src/moderation/timeouts.ts';
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
    await timeOut(ada, roomId, bob, new Date(Date.now() + 1_500).toISOString());
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
