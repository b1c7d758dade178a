import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_JOIN_REQUESTS, MAX_REQUEST_TEXT } from '../src/requests/requests.ts';
import { createDatabase, execute, type TestDatabase } from './harness/database.ts';
import { openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp, signUpAll } from './harness/people.ts';
import { PASSWORD } from './harness/sdk.ts';

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

  test('is declined, taken back, and ends with any other way into the room', async () => {
    const { ada, bob } = people;
    const roomId = await hall();
    const { request } = await ask(bob, roomId);
    expect((await answer(ada, request.id, false)).__typename).toBe('AnswerJoinRequestSuccess');
    expect(await ownOf(bob)).toEqual([]);
    await ask(bob, roomId);
    for (const _ of [1, 2])
      expect((await bob.change('cancelJoinRequest', { roomId }, 'room { id }')).__typename).toBe(
        'CancelJoinRequestSuccess',
      );
    expect(await requestsIn(ada, roomId)).toEqual([]);
    await ask(bob, roomId);
    await ada.change('addMembers', { roomId, userIds: [bob.userId] });
    expect([await requestsIn(ada, roomId), await ownOf(bob)]).toEqual([[], []]);
    await bob.change('leaveRoom', { roomId }, 'roomId');
    await ask(bob, roomId);
    await ada.change('updateRoomSettings', { roomId, joinPolicy: 'OPEN' });
    await bob.join(roomId);
    expect([await requestsIn(ada, roomId), await ownOf(bob)]).toEqual([[], []]);
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
  for (const isAccepted of [false, true]) await answer(mod, (await ask(bob, roomId)).request.id, isAccepted);
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
