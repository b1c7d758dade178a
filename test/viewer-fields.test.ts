import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { hasBit } from '../src/rooms/permissions.ts';
import { createDatabase, queryRows, type TestDatabase } from './harness/database.ts';
import { type Feed, openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp, signUpAll } from './harness/people.ts';

// Values for buttons of a client: sent by the server, in pages and in streams, and correct.

let database: TestDatabase;
let node: TestNode;
let far: TestNode;
const env = {
  POSTS_PER_SECOND: '10000',
  POSTS_BURST: '10000',
  CHANGES_PER_SECOND: '10000',
  CHANGES_BURST: '10000',
  REGISTRATIONS_PER_HOUR: '1000',
  MAX_SOCKETS_PER_USER: '1000',
};

beforeAll(async () => {
  database = await createDatabase();
  const options = { databaseUrl: database.url, redisUrl: inject('redisUrl'), env };
  [node, far] = await Promise.all([startNode(options), startNode(options)]);
});

afterAll(async () => {
  await Promise.all([node?.stop(), far?.stop()]);
  await database?.drop();
});

const names = ['owner', 'admin', 'moderator', 'member', 'guest'] as const;
type Name = (typeof names)[number];
type People = Record<Name, Person>;

/** One of each rank in a public room. */
async function makeHall(): Promise<{ people: People; roomId: string }> {
  // Not `guest-`, with which no username can begin.
  const signedUp = names.map(async (name) => [name, await signUp(node, `a-${name}`)] as const);
  const people = Object.fromEntries(await Promise.all(signedUp)) as People;
  const roomId = await people.owner.createRoom('hall');
  for (const name of names.slice(1)) {
    await people[name].join(roomId);
    if (name !== 'member') await giveRole(people.owner, roomId, people[name], name.toUpperCase());
  }
  return { people, roomId };
}

async function giveRole(by: Person, roomId: string, to: Person, role: string): Promise<void> {
  const done = await by.change('changeMemberRole', { roomId, userId: to.userId, role });
  expect(done.__typename).toBe('ChangeMemberRoleSuccess');
}

/** No mutation sets a timeout yet, so this stores one. */
async function setMembership(roomId: string, person: Person, change: string): Promise<void> {
  await queryRows(database.url, `UPDATE memberships SET ${change} WHERE room_id = $1 AND user_id = $2`, [
    numberIn(roomId),
    numberIn(person.userId),
  ]);
}

const TIMED_OUT = "timeout_until = now() + interval '1 hour'";

const ROOM = 'viewerPermissions viewerCanSend viewerCannotSendReasons';
const MESSAGE = 'id viewerCanEdit viewerCanDelete';

const roomOf = async (person: Person, id: string) =>
  (await person.ask(`query ($id: ID!) { room(id: $id) { ${ROOM} } }`, { id })).data.room;
const messageOf = async (person: Person, id: string) =>
  (await person.ask(`query ($id: ID!) { node(id: $id) { ... on Message { ${MESSAGE} } } }`, { id })).data
    .node;

/** What moderators and higher roles have in addition. */
const OF_MODERATORS = [
  'MENTION_EVERYONE',
  'PIN_MESSAGES',
  'TIMEOUT_MEMBERS',
  'BAN_MEMBERS',
  'BYPASS_SLOW_MODE',
  'ADD_REACTIONS',
  'REPLY_IN_THREADS',
];
/** In the order of their bits. */
const OF_ADMINS = [...OF_MODERATORS.slice(0, 4), 'VIEW_AUDIT_LOG', ...OF_MODERATORS.slice(4)];

describe('in a page', () => {
  let people: People;
  let roomId: string;

  beforeAll(async () => {
    ({ people, roomId } = await makeHall());
  });

  test.each([
    ['owner', ['UPDATE_ROOM', 'DELETE_MESSAGES', 'ARCHIVE_ROOM', 'DELETE_ROOM', ...OF_ADMINS]],
    ['admin', ['UPDATE_ROOM', 'DELETE_MESSAGES', 'ARCHIVE_ROOM', ...OF_ADMINS]],
    ['moderator', ['DELETE_MESSAGES', ...OF_MODERATORS]],
  ] as const)('%s', async (name, more) => {
    expect(await roomOf(people[name], roomId)).toEqual({
      viewerPermissions: ['SEND_MESSAGES', 'ADD_MEMBERS', 'MANAGE_MEMBERS', ...more],
      viewerCanSend: true,
      viewerCannotSendReasons: [],
    });
  });

  test.each(['member', 'guest'] as const)('%s', async (name) => {
    expect(await roomOf(people[name], roomId)).toEqual({
      viewerPermissions: ['SEND_MESSAGES'],
      viewerCanSend: true,
      viewerCannotSendReasons: [],
    });
  });

  test('who is not a member may do nothing', async () => {
    const { stranger } = await signUpAll(node, 'stranger');
    expect(await roomOf(stranger, roomId)).toEqual({
      viewerPermissions: [],
      viewerCanSend: false,
      viewerCannotSendReasons: ['NOT_A_MEMBER'],
    });
  });

  test('in an archived room nobody writes or changes', async () => {
    const { owner, member } = people;
    const archived = await owner.createRoom('archived');
    await member.join(archived);
    const { message } = await member.say(archived, 'the last word');
    await owner.change('archiveRoom', { roomId: archived });
    expect(await roomOf(member, archived)).toMatchObject({
      viewerCanSend: false,
      viewerCannotSendReasons: ['ARCHIVED'],
    });
    for (const person of [owner, member]) {
      expect(await messageOf(person, message.id)).toMatchObject({
        viewerCanEdit: false,
        viewerCanDelete: false,
      });
    }
  });

  test.each([
    ['a timeout', TIMED_OUT, 'TIMED_OUT'],
    ['a timeout without an end', "timeout_until = 'infinity'", 'TIMED_OUT'],
    ['a timeout that is over', "timeout_until = now() - interval '1 s'", null],
    ['a role that may not write', 'permission_bits = permission_bits & ~1', 'NOT_PERMITTED'],
    ['neither role nor time', `permission_bits = 0, ${TIMED_OUT}`, 'NOT_PERMITTED'],
  ])('%s: what it says is what posting, editing and deleting meet', async (_what, change, reason) => {
    const { people: others, roomId: hall } = await makeHall();
    const { member } = others;
    const sent = [await member.say(hall, 'one'), await member.say(hall, 'two')];
    await setMembership(hall, member, change);
    const may = reason === null;
    expect(await roomOf(member, hall)).toMatchObject({
      viewerCanSend: may,
      viewerCannotSendReasons: may ? [] : [reason],
    });
    const [first, second] = sent.map(({ message }) => message.id) as [string, string];
    expect(await messageOf(member, first)).toEqual({ id: first, viewerCanEdit: may, viewerCanDelete: true });
    const outcome = may ? 'Success' : 'PermissionDeniedError';
    const post = { roomId: hall, text: 'three', idempotencyKey: 'three' };
    expect((await member.change('sendMessage', post)).__typename).toContain(outcome);
    const edit = await member.change('editMessage', { messageId: first, text: 'otherwise' });
    expect(edit.__typename).toContain(outcome);
    // Authors may always delete their own messages.
    const deleted = await member.change('deleteMessage', { messageId: second });
    expect(deleted.__typename).toBe('DeleteMessageSuccess');
  });

  test('what it says of a message is what a change of it meets', async () => {
    for (const author of names) {
      for (const who of names) {
        const { message } = await people[author].say(roomId, `by ${author}`);
        const may = await messageOf(people[who], message.id);
        const edited = await people[who].change('editMessage', { messageId: message.id, text: 'otherwise' });
        const deleted = await people[who].change('deleteMessage', { messageId: message.id });
        expect([author, who, may.viewerCanEdit, may.viewerCanDelete]).toEqual([
          author,
          who,
          edited.__typename === 'EditMessageSuccess',
          deleted.__typename === 'DeleteMessageSuccess',
        ]);
        if (may.viewerCanDelete) {
          const gone = await messageOf(people[who], message.id);
          expect([gone.viewerCanEdit, gone.viewerCanDelete]).toEqual([false, false]);
        }
      }
    }
  });
});

describe('permissions beyond 32 bits', () => {
  const HIGH = 2 ** 40;

  test('are told apart', () => {
    expect([hasBit(HIGH, HIGH), hasBit(HIGH + 1, HIGH), hasBit(HIGH - 1, HIGH)]).toEqual([true, true, false]);
    expect([hasBit(HIGH, 1), hasBit(HIGH + 4, 4), hasBit(0, HIGH)]).toEqual([false, true, false]);
    expect(hasBit(2 ** 53 - 1, 2 ** 52)).toBe(true);
  });

  test('are stored, read and announced without changing the lower ones', async () => {
    const { people, roomId } = await makeHall();
    const { member, owner } = people;
    await setMembership(roomId, member, `permission_bits = ${HIGH} + 16`);
    await setMembership(roomId, owner, `permission_bits = permission_bits + ${HIGH}`);
    const shown = { viewerPermissions: ['DELETE_MESSAGES'], viewerCannotSendReasons: ['NOT_PERMITTED'] };
    expect(await roomOf(member, roomId)).toMatchObject(shown);
    const feeds = await Promise.all([
      openFeed(far.wsUrl, member.token, WATCH_ROOM, { id: roomId }, 'room'),
      openFeed(far.wsUrl, member.token, WATCH_INBOX, {}, 'inbox'),
    ]);
    for (const feed of feeds) await feed.next('StreamReady');
    await owner.say(roomId, 'hello');
    for (const feed of feeds) expect((await feed.next('MessageCreated'))['room']).toMatchObject(shown);
    expect((await owner.change('archiveRoom', { roomId })).__typename).toBe('ArchiveRoomSuccess');
    for (const feed of feeds) feed.close();
  });
});

const SHOWN = `__typename ... on RoomEvent { roomSeq room { ${ROOM} } }
  ... on MessageCreated { message { text ${MESSAGE} author { displayName } replyTo { text ${MESSAGE} } } }`;
const WATCH_ROOM = `subscription ($id: ID!) { room(id: $id) { ${SHOWN} } }`;
const WATCH_INBOX = `subscription { inbox { ${SHOWN} ... on RoomAccessGranted { room { id } } } }`;

async function executionsAt(at: TestNode): Promise<{ shared: number; viewer: number }> {
  const metrics = await at.metrics();
  const of = (scope: string) => metrics[`parley_executions_total{scope="${scope}"}`] ?? 0;
  return { shared: of('shared'), viewer: of('viewer') };
}

describe('in a stream', () => {
  const openAll = (people: People, url: string, query: string, variables: object, field: string) =>
    Promise.all(names.map((name) => openFeed(url, people[name].token, query, variables, field)));
  const ready = (feeds: readonly Feed[]) => Promise.all(feeds.map((feed) => feed.next('StreamReady')));

  test('every viewer is told their own, by one execution for all of them', async () => {
    const { people, roomId } = await makeHall();
    const feeds: Feed[] = [];
    for (let i = 0; i < 40; i++) {
      feeds.push(...(await openAll(people, far.wsUrl, WATCH_ROOM, { id: roomId }, 'room')));
      feeds.push(...(await openAll(people, far.wsUrl, WATCH_INBOX, {}, 'inbox')));
    }
    await ready(feeds);
    const before = await executionsAt(far);
    const sent = await people.member.say(roomId, 'who may do what?');
    const reply = await people.admin.say(roomId, 'see', { replyToId: sent.message.id });
    for (const [i, feed] of feeds.entries()) {
      const person = people[names[i % names.length] as Name];
      const [first, second] = [await feed.next('MessageCreated'), await feed.next('MessageCreated')];
      expect(first['room']).toEqual(await roomOf(person, roomId));
      expect(first['message']).toMatchObject(await messageOf(person, sent.message.id));
      expect(second['message']).toMatchObject(await messageOf(person, reply.message.id));
      expect(second['message'].replyTo).toMatchObject(await messageOf(person, sent.message.id));
    }
    const after = await executionsAt(far);
    // Two documents and two events.
    expect(after.shared - before.shared).toBe(2 * 2);
    expect(after.viewer).toBe(before.viewer);
    for (const feed of feeds) feed.close();
  });

  test('a field that reads the viewer undeclared is executed once for each subscriber', async () => {
    const { people, roomId } = await makeHall();
    const undeclared = `__typename ... on RoomEvent { roomSeq room { viewerMembership { role } } }`;
    const feeds = await Promise.all([
      openAll(
        people,
        far.wsUrl,
        `subscription ($id: ID!) { room(id: $id) { ${undeclared} } }`,
        { id: roomId },
        'room',
      ),
      openAll(people, far.wsUrl, `subscription { inbox { ${undeclared} } }`, {}, 'inbox'),
    ]).then((all) => all.flat());
    await ready(feeds);
    const before = await executionsAt(far);
    for (const text of ['one', 'two']) await people.owner.say(roomId, text);
    for (const [i, feed] of feeds.entries()) {
      const role = names[i % names.length]?.toUpperCase();
      const shown = (await feed.events(2)).map((item) => item['room'].viewerMembership.role);
      expect(shown).toEqual([role, role]);
    }
    const after = await executionsAt(far);
    expect(after.viewer - before.viewer).toBe(2 * feeds.length);
    expect(after.shared - before.shared).toBe(2 * 2);
    for (const feed of feeds) feed.close();
  });

  test('a changed role is shown from its event on', async () => {
    const { people, roomId } = await makeHall();
    const { owner, member } = people;
    const feeds = await Promise.all([
      openFeed(far.wsUrl, member.token, WATCH_ROOM, { id: roomId }, 'room'),
      openFeed(far.wsUrl, member.token, WATCH_INBOX, {}, 'inbox'),
    ]);
    await ready(feeds);
    // Values are as of the event or later, so each event is awaited before the next change.
    const all = () => Promise.all(feeds.map(async (feed) => (await feed.events(1))[0]));
    await owner.say(roomId, 'before');
    for (const before of await all()) {
      expect(before?.['message'].viewerCanDelete).toBe(false);
      expect(before?.['room'].viewerPermissions).toEqual(['SEND_MESSAGES']);
    }
    await giveRole(owner, roomId, member, 'ADMIN');
    for (const changed of await all()) expect(changed?.['room'].viewerPermissions).toContain('ARCHIVE_ROOM');
    await people.guest.say(roomId, 'after');
    for (const after of await all()) expect(after?.['message'].viewerCanDelete).toBe(true);
    await owner.change('archiveRoom', { roomId });
    for (const archived of await all())
      expect(archived?.['room']).toMatchObject({
        viewerCanSend: false,
        viewerCannotSendReasons: ['ARCHIVED'],
      });
    for (const feed of feeds) feed.close();
  });

  test('a timeout is shown to its member alone, until it ends', async () => {
    const { people, roomId } = await makeHall();
    const { member, guest } = people;
    await setMembership(roomId, member, "timeout_until = now() + interval '12 s'");
    const feeds = await Promise.all([
      openFeed(far.wsUrl, member.token, WATCH_ROOM, { id: roomId }, 'room'),
      openFeed(far.wsUrl, member.token, WATCH_INBOX, {}, 'inbox'),
      openFeed(far.wsUrl, guest.token, WATCH_ROOM, { id: roomId }, 'room'),
    ]);
    await ready(feeds);
    const shown = (feed: Feed) =>
      feed.next('MessageCreated').then((event) => event['room'].viewerCannotSendReasons);
    await guest.say(roomId, 'quiet');
    expect(await Promise.all(feeds.map(shown))).toEqual([['TIMED_OUT'], ['TIMED_OUT'], []]);
    await expect.poll(async () => (await roomOf(member, roomId)).viewerCanSend).toBe(true);
    await member.say(roomId, 'loud');
    expect(await Promise.all(feeds.map(shown))).toEqual([[], [], []]);
    for (const feed of feeds) feed.close();
  });

  test('a timeout is shown from its event on', async () => {
    const { people, roomId } = await makeHall();
    const feed = await openFeed(far.wsUrl, people.member.token, WATCH_ROOM, { id: roomId }, 'room');
    await feed.next('StreamReady');
    await setMembership(roomId, people.member, TIMED_OUT);
    await giveRole(people.owner, roomId, people.member, 'MODERATOR');
    expect((await feed.next('MemberUpdated'))['room'].viewerCannotSendReasons).toEqual(['TIMED_OUT']);
    feed.close();
  });

  test('who was added, promoted and removed while the inbox was open', async () => {
    const { people, roomId } = await makeHall();
    const { late } = await signUpAll(node, 'late');
    const feed = await openFeed(far.wsUrl, late.token, WATCH_INBOX, {}, 'inbox');
    await feed.next('StreamReady');
    await people.owner.change('addMembers', { roomId, userIds: [late.userId] });
    await feed.next('RoomAccessGranted');
    await giveRole(people.owner, roomId, late, 'MODERATOR');
    await people.guest.say(roomId, 'hello');
    const permissions = async (kind: string) => (await feed.next(kind))['room'].viewerPermissions;
    expect(await permissions('MemberUpdated')).toContain('DELETE_MESSAGES');
    expect((await feed.next('MessageCreated'))['message'].viewerCanDelete).toBe(true);
    await people.owner.change('removeMember', { roomId, userId: late.userId });
    expect((await feed.next('MemberLeft'))['room']).toEqual({
      viewerPermissions: [],
      viewerCanSend: false,
      viewerCannotSendReasons: ['NOT_A_MEMBER'],
    });
    feed.close();
  });
});
