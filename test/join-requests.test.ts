import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  MAX_JOIN_REQUESTS,
  MAX_REQUEST_TEXT,
  MAX_ROOM_REQUESTS,
  requestPauses,
} from '../src/requests/requests.ts';
import { purgePauses } from '../src/requests/retention.ts';
import { createDatabase, execute, type TestDatabase } from './harness/database.ts';
import { openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp, signUpAll } from './harness/people.ts';
import { PASSWORD } from './harness/sdk.ts';
import { openServices } from './harness/services.ts';

let database: TestDatabase;
let node: TestNode;
let people: Record<'ada' | 'mod' | 'bob' | 'cyd' | 'eve', Person>;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url });
  people = await signUpAll(node, 'ada', 'mod', 'bob', 'cyd', 'eve');
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

/** A public room of Ada with a moderator and a member, Cyd. */
async function hall(joinPolicy = 'REQUEST'): Promise<string> {
  const { ada, mod, cyd } = people;
  const roomId = await ada.createRoom('the hall');
  await ada.change('addMembers', { roomId, userIds: [mod.userId], role: 'MODERATOR' });
  await cyd.join(roomId);
  await ada.change('updateRoomSettings', { roomId, joinPolicy });
  return roomId;
}

const REQUEST = 'id text user { username } room { id }';
const asked = `request { ${REQUEST} } room { lastRoomSeq }`;
const ask = (by: Person, roomId: string, text?: string) =>
  by.change('requestToJoin', { roomId, ...(text !== undefined && { text }) }, asked);
const ASK_AGAIN = `mutation ($roomId: ID!) { requestToJoin(input: { roomId: $roomId }) {
  __typename ... on RateLimitedError { retryAfterMs } } }`;
const answer = (by: Person, requestId: string, isAccepted: boolean) =>
  by.change('answerJoinRequest', { requestId, isAccepted });

async function requestsIn(by: Person, id: string): Promise<string[] | null> {
  const query = `query ($id: ID!) { room(id: $id) { joinRequests { nodes { ${REQUEST} } } } }`;
  const { data, errors } = await by.ask(query, { id });
  expect(errors).toEqual([]);
  return data.room?.joinRequests?.nodes.map(({ user }: any) => user.username) ?? null;
}

const ownOf = async (by: Person): Promise<string[]> =>
  (await by.ask(`{ viewer { joinRequests { ${REQUEST} } } }`)).data.viewer.joinRequests.map(
    ({ room }: any) => room.id,
  );

const refused = (code: string) => expect.objectContaining({ code });

/** As if the time had passed after which users can ask for the same rooms again. */
const endPauses = () =>
  execute(database.url, "UPDATE join_request_pauses SET until = now() - interval '1 minute'");

const answersOf = (by: Person) =>
  openFeed(
    node.wsUrl,
    by.token,
    'subscription { inbox { __typename ... on JoinRequestChanged { requestState room { id } } } }',
    {},
    'inbox',
  );

const countsOf = (by: Person, id: string) =>
  openFeed(
    node.wsUrl,
    by.token,
    'subscription ($id: ID!) { room(id: $id) { __typename ... on JoinRequestsChanged { joinRequestCount } } }',
    { id },
    'room',
  );

describe('a request', () => {
  test('is accepted by members who may add others; the asker learns of each step', async () => {
    const { ada, mod, bob, cyd } = people;
    const roomId = await hall();
    const query = `subscription { inbox { __typename ... on JoinRequestChanged { requestState room { id } }
      ... on RoomAccessGranted { room { id } } } }`;
    const inbox = await openFeed(node.wsUrl, bob.token, query, {}, 'inbox');
    await inbox.next('StreamReady');
    expect(await bob.change('joinRoom', { roomId })).toEqual(refused('PERMISSION_DENIED'));
    const { request, room } = await ask(bob, roomId, ' let me in ');
    expect(room.lastRoomSeq).toBeNull();
    expect(request).toEqual({
      id: `request_${numberIn(roomId)}_${numberIn(bob.userId)}`,
      text: 'let me in',
      user: { username: bob.username },
      room: { id: roomId },
    });
    expect((await ask(bob, roomId, 'another text')).request).toEqual(request);
    expect(await ownOf(bob)).toEqual([roomId]);
    for (const by of [ada, mod]) expect(await requestsIn(by, roomId)).toEqual([bob.username]);
    for (const by of [cyd, bob]) expect(await requestsIn(by, roomId)).toBeNull();
    expect(await answer(cyd, request.id, true)).toEqual(refused('PERMISSION_DENIED'));
    expect((await answer(mod, request.id, true)).__typename).toBe('AnswerJoinRequestSuccess');
    expect(await answer(ada, request.id, true)).toEqual(refused('NOT_FOUND'));
    await bob.say(roomId, 'thanks');
    expect(await requestsIn(ada, roomId)).toEqual([]);
    expect(await ownOf(bob)).toEqual([]);
    expect((await ask(bob, roomId)).request).toBeNull();
    const states = [await inbox.next('JoinRequestChanged'), await inbox.next('RoomAccessGranted')];
    expect(states).toMatchObject([
      { requestState: 'WAITING', room: { id: roomId } },
      { room: { id: roomId } },
    ]);
    expect(await inbox.next('JoinRequestChanged')).toMatchObject({ requestState: 'ACCEPTED' });
    inbox.close();
  });

  test('is declined or taken back, and made again only after a wait', async () => {
    const { ada, bob } = people;
    const roomId = await hall();
    const waits = async (seconds: number) => {
      const { __typename, retryAfterMs } = (await bob.ask(ASK_AGAIN, { roomId })).data.requestToJoin;
      expect(__typename).toBe('RateLimitedError');
      expect(retryAfterMs).toBeGreaterThan((seconds - 300) * 1_000);
      expect(retryAfterMs).toBeLessThanOrEqual(seconds * 1_000);
      expect([await requestsIn(ada, roomId), await ownOf(bob)]).toEqual([[], []]);
    };
    const { request } = await ask(bob, roomId);
    expect((await answer(ada, request.id, false)).__typename).toBe('AnswerJoinRequestSuccess');
    await waits(requestPauses.DECLINED);
    await endPauses();
    expect((await ask(bob, roomId)).request).toEqual(request);
    for (const _ of [1, 2])
      expect((await bob.change('cancelJoinRequest', { roomId }, 'room { id }')).__typename).toBe(
        'CancelJoinRequestSuccess',
      );
    await waits(requestPauses.TAKEN_BACK);
    // Only for that room.
    const other = await hall();
    expect((await ask(bob, other)).request.room).toEqual({ id: other });
    await endPauses();
    await bob.change('cancelJoinRequest', { roomId: other }, 'room { id }');
    const services = await openServices(database.url);
    expect(await purgePauses(services.node)).toBe(1);
    await services.close();
    expect(await ask(bob, other)).toEqual(refused('RATE_LIMITED'));
  });

  test('is accepted by any other way into the room, and both sides learn of it', async () => {
    const { ada, bob } = people;
    const inbox = await answersOf(bob);
    await inbox.next('StreamReady');
    const ways: ((roomId: string) => Promise<unknown>)[] = [
      (roomId) => ada.change('addMembers', { roomId, userIds: [bob.userId] }),
      async (roomId) => {
        const made = await ada.change('createInvite', { roomId, role: 'MEMBER' }, 'inviteCode');
        return bob.change('acceptInvite', { inviteCode: made.inviteCode });
      },
      async (roomId) => {
        await ada.change('updateRoomSettings', { roomId, joinPolicy: 'OPEN' });
        return bob.join(roomId);
      },
    ];
    for (const enter of ways) {
      const roomId = await hall();
      const feed = await countsOf(ada, roomId);
      await feed.next('StreamReady');
      await ask(bob, roomId);
      expect(await feed.next('JoinRequestsChanged')).toMatchObject({ joinRequestCount: 1 });
      expect(await inbox.next('JoinRequestChanged')).toMatchObject({ requestState: 'WAITING' });
      await enter(roomId);
      await feed.next('MemberJoined');
      expect(await feed.next('JoinRequestsChanged')).toMatchObject({ joinRequestCount: 0 });
      expect(await inbox.next('JoinRequestChanged')).toEqual({
        __typename: 'JoinRequestChanged',
        requestState: 'ACCEPTED',
        room: { id: roomId },
      });
      expect([await requestsIn(ada, roomId), await ownOf(bob)]).toEqual([[], []]);
      feed.close();
    }
    inbox.close();
  });

  test('is accepted only by those who may give the role of a member', async () => {
    const { ada, mod, bob, cyd } = people;
    const roomId = await hall();
    const allow = { changes: [{ permission: 'ADD_MEMBERS', effect: 'ALLOW' }] };
    await ada.change('setRoomPermissionOverride', { roomId, target: { userId: cyd.userId }, ...allow });
    const { request } = await ask(bob, roomId);
    expect(await requestsIn(cyd, roomId)).toEqual([bob.username]);
    const adding = cyd.change('addMembers', { roomId, userIds: [bob.userId], role: 'MEMBER' });
    expect(await adding).toEqual(refused('PERMISSION_DENIED'));
    expect(await answer(cyd, request.id, true)).toEqual(refused('PERMISSION_DENIED'));
    expect((await answer(cyd, request.id, false)).__typename).toBe('AnswerJoinRequestSuccess');
    await endPauses();
    await ask(bob, roomId);
    expect((await answer(mod, request.id, true)).__typename).toBe('AnswerJoinRequestSuccess');
  });

  test('is refused while as many wait in the room as it may have', async () => {
    const { bob } = people;
    const roomId = await hall();
    await execute(
      database.url,
      `INSERT INTO join_requests (room_id, user_id, text, created_at)
       SELECT ${numberIn(roomId)}, -n, '', now() FROM generate_series(1, ${MAX_ROOM_REQUESTS}) AS n`,
    );
    expect(await ask(bob, roomId)).toEqual(refused('CONFLICT'));
    expect(await ownOf(bob)).toEqual([]);
    await execute(database.url, 'DELETE FROM join_requests WHERE user_id = -1');
    expect((await ask(bob, roomId)).request.room).toEqual({ id: roomId });
    await execute(database.url, 'DELETE FROM join_requests WHERE user_id < 0');
    await bob.change('cancelJoinRequest', { roomId }, 'room { id }');
  });

  test('is refused where it is not needed or not wanted, beyond the limits, and to strangers of the room', async () => {
    const { ada, bob, eve } = people;
    expect(await ask(bob, await hall('OPEN'))).toEqual(refused('CONFLICT'));
    const closed = await hall('INVITE');
    expect(await ask(bob, closed)).toEqual(refused('CONFLICT'));
    expect(await bob.change('joinRoom', { roomId: closed })).toEqual(refused('PERMISSION_DENIED'));
    const { inviteCode } = await ada.change('createInvite', { roomId: closed, role: 'MEMBER' }, 'inviteCode');
    expect((await bob.change('acceptInvite', { inviteCode })).__typename).toBe('AcceptInviteSuccess');
    const hidden = await ada.createRoom('hidden', 'PRIVATE');
    expect(await ask(bob, hidden)).toEqual(refused('NOT_FOUND'));
    expect(await ada.change('updateRoomSettings', { roomId: hidden, joinPolicy: 'REQUEST' })).toEqual(
      refused('CONFLICT'),
    );
    const roomId = await hall();
    expect(await ask(bob, roomId, 'x'.repeat(MAX_REQUEST_TEXT + 1))).toEqual(refused('VALIDATION'));
    const { request } = await ask(bob, roomId, 'x'.repeat(MAX_REQUEST_TEXT));
    const nodeOf = (by: Person) =>
      by.ask('query ($id: ID!) { node(id: $id) { ... on JoinRequest { text } } }', { id: request.id });
    expect((await nodeOf(eve)).data.node).toBeNull();
    expect((await nodeOf(bob)).data.node.text).toHaveLength(MAX_REQUEST_TEXT);
    expect(await answer(eve, request.id, true)).toEqual(refused('NOT_FOUND'));
    await execute(
      database.url,
      `INSERT INTO join_requests (room_id, user_id, text, created_at)
       SELECT -n, ${numberIn(bob.userId)}, '', now() FROM generate_series(1, ${MAX_JOIN_REQUESTS - 1}) AS n`,
    );
    expect(await ask(bob, await hall())).toEqual(refused('CONFLICT'));
    await execute(database.url, 'DELETE FROM join_requests WHERE room_id < 0');
    await ada.change('archiveRoom', { roomId });
    expect(await answer(ada, request.id, true)).toEqual(refused('CONFLICT'));
    const query =
      'subscription { inbox { __typename ... on JoinRequestChanged { requestState room { id } } } }';
    const inbox = await openFeed(node.wsUrl, bob.token, query, {}, 'inbox');
    await inbox.next('StreamReady');
    await ada.change('deleteRoom', { roomId }, 'roomId');
    expect(await inbox.next('JoinRequestChanged')).toMatchObject({
      requestState: 'DECLINED',
      room: { id: roomId },
    });
    expect(await ownOf(bob)).toEqual([]);
    inbox.close();
  });
});

describe('a ban', () => {
  const ban = (by: Person, roomId: string, user: Person) =>
    by.change('banUser', { roomId, userId: user.userId }, 'roomSeq');

  test('declines the request, and refuses to ask until it ends', async () => {
    const { ada, mod, bob } = people;
    const roomId = await hall();
    const query = `subscription ($id: ID!) { room(id: $id) { __typename ... on RoomEvent { roomSeq }
      ... on JoinRequestsChanged { joinRequestCount } } }`;
    const feed = await openFeed(node.wsUrl, ada.token, query, { id: roomId }, 'room');
    await feed.next('StreamReady');
    const inbox = await openFeed(
      node.wsUrl,
      bob.token,
      'subscription { inbox { __typename ... on JoinRequestChanged { requestState } } }',
      {},
      'inbox',
    );
    await inbox.next('StreamReady');
    const { request } = await ask(bob, roomId);
    const { roomSeq } = await ban(mod, roomId, bob);
    expect(await feed.next('JoinRequestsChanged')).toMatchObject({ joinRequestCount: 1 });
    expect(await feed.next('JoinRequestsChanged')).toMatchObject({ joinRequestCount: 0, roomSeq });
    expect(await inbox.next('JoinRequestChanged')).toMatchObject({ requestState: 'WAITING' });
    expect(await inbox.next('JoinRequestChanged')).toMatchObject({ requestState: 'DECLINED' });
    expect([await requestsIn(ada, roomId), await ownOf(bob)]).toEqual([[], []]);
    expect(await answer(ada, request.id, true)).toEqual(refused('NOT_FOUND'));
    expect(await ask(bob, roomId)).toEqual(refused('PERMISSION_DENIED'));
    await mod.change('unbanUser', { roomId, userId: bob.userId });
    expect((await ask(bob, roomId)).request).toEqual(request);
    await bob.change('cancelJoinRequest', { roomId }, 'room { id }');
    feed.close();
    inbox.close();
  });

  test('and an answer, or a request, at the same moment leave neither a member nor a request', async () => {
    const { ada, mod, bob } = people;
    const roomId = await hall();
    for (const round of [1, 2, 3, 4]) {
      const { request } = await ask(bob, roomId);
      await Promise.all([
        ban(ada, roomId, bob),
        answer(mod, request.id, round % 2 === 0),
        round > 2 && ask(bob, roomId),
      ]);
      expect([await requestsIn(ada, roomId), await ownOf(bob)]).toEqual([[], []]);
      const { data } = await bob.ask('query ($id: ID!) { room(id: $id) { viewerMembership { role } } }', {
        id: roomId,
      });
      expect(data.room.viewerMembership).toBeNull();
      await ada.change('unbanUser', { roomId, userId: bob.userId });
      // Of an answer that declined before the ban.
      await endPauses();
    }
  });
});

test('a deleted account leaves no request, and the room is told', async () => {
  const { ada } = people;
  const roomId = await hall();
  const dee = await signUp(node, 'dee');
  await ask(dee, roomId, 'please');
  const query = `subscription ($id: ID!) { room(id: $id) { __typename ... on JoinRequestsChanged { joinRequestCount } } }`;
  const feed = await openFeed(node.wsUrl, ada.token, query, { id: roomId }, 'room');
  await feed.next('StreamReady');
  expect(await requestsIn(ada, roomId)).toEqual([dee.username]);
  const closed = await dee.change('deleteAccount', { proof: { password: PASSWORD } }, '__typename');
  expect(closed.__typename).toBe('DeleteAccountSuccess');
  expect(await feed.next('JoinRequestsChanged')).toMatchObject({ joinRequestCount: 0 });
  expect(await requestsIn(ada, roomId)).toEqual([]);
  feed.close();
});

test('the audit log has who answered, and changes of the policy', async () => {
  const { ada, mod, bob } = people;
  const roomId = await hall();
  for (const isAccepted of [false, true]) {
    await answer(mod, (await ask(bob, roomId)).request.id, isAccepted);
    await endPauses();
  }
  const query = `query ($id: ID!) { room(id: $id) { auditLog { nodes {
    action actor { username } target { username } changes { field before after } } } } }`;
  const { data } = await ada.ask(query, { id: roomId });
  const of = (action: string) => ({
    action,
    actor: { username: mod.username },
    target: { username: bob.username },
    changes: [],
  });
  expect(data.room.auditLog.nodes).toEqual([
    of('JOIN_REQUEST_ACCEPTED'),
    of('JOIN_REQUEST_DECLINED'),
    {
      action: 'SETTINGS_CHANGED',
      actor: { username: ada.username },
      target: null,
      changes: [{ field: 'joinPolicy', before: 'OPEN', after: 'REQUEST' }],
    },
  ]);
});

test('events of a room count requests for those who may answer, and name nobody', async () => {
  const { ada, bob, cyd } = people;
  const roomId = await hall();
  const query = `subscription ($id: ID!) { room(id: $id) { __typename ... on RoomEvent { roomSeq actor { id } }
    ... on JoinRequestsChanged { joinRequestCount } } }`;
  const feeds = await Promise.all(
    [ada, cyd].map((by) => openFeed(node.wsUrl, by.token, query, { id: roomId }, 'room')),
  );
  for (const feed of feeds) await feed.next('StreamReady');
  await ask(bob, roomId);
  await bob.change('cancelJoinRequest', { roomId }, 'room { id }');
  const shown = await Promise.all(feeds.map((feed) => feed.events(2)));
  const of = (counts: (number | null)[]) =>
    counts.map((joinRequestCount) => expect.objectContaining({ actor: null, joinRequestCount }));
  expect(shown).toEqual([of([1, 0]), of([null, null])]);
  for (const feed of feeds) feed.close();
  const preview = await bob.ask('query ($id: ID!) { room(id: $id) { joinPolicy settings { joinPolicy } } }', {
    id: roomId,
  });
  expect(preview.data.room).toEqual({ joinPolicy: 'REQUEST', settings: null });
});
