import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { MAX_REPLIES_BACK, MAX_TITLE } from '../src/threads/changes.ts';
import { createDatabase, queryRows, type TestDatabase } from './harness/database.ts';
import { type Feed, openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';

// Replies are messages of the room's log and of a thread; only those also sent to the room are in its timeline.

let database: TestDatabase;
let nodes: TestNode[];
let node: TestNode;
let people: Record<'ada' | 'bob' | 'cyd' | 'eve', Person>;
let roomId: string;
let root: Sent;

const env = {
  POSTS_PER_SECOND: '10000',
  CHANGES_PER_SECOND: '10000',
  CHANGES_BURST: '10000',
  COST_PER_SECOND: '1000000000',
  COST_BURST: '1000000000',
  REGISTRATIONS_PER_HOUR: '1000',
};

beforeAll(async () => {
  database = await createDatabase();
  const options = { databaseUrl: database.url, redisUrl: inject('redisUrl'), env };
  nodes = await Promise.all([startNode(options), startNode(options)]);
  node = nodes[0] as TestNode;
  people = await signUpAll(node, 'ada', 'bob', 'cyd', 'eve');
});

beforeEach(async () => {
  const { ada, bob, cyd } = people;
  roomId = await ada.createRoom('threads');
  await ada.change('addMembers', { roomId, userIds: [bob.userId, cyd.userId] });
  root = await send(ada, 'root');
});

afterAll(async () => {
  await Promise.all((nodes ?? []).map((each) => each.stop()));
  await database?.drop();
});

// -- asking ----------------------------------------------------------------------------------------

const STATE = 'viewerIsFollowing viewerReadSeq viewerUnreadCount viewerUnreadMentionCount';
const THREAD = `id title replyCount lastThreadSeq participantCount participants { username } root { id text } ${STATE}`;
const MESSAGE = `id seq threadSeq text version thread { ${THREAD} }`;

interface Sent {
  readonly id: string;
  readonly seq: number | null;
  readonly threadSeq: number | null;
  readonly thread: any;
  readonly [field: string]: any;
}

/** What became of a message; `send` expects it to be stored. */
const attempt = (person: Person, text: string, more: object = {}) =>
  person.change(
    'sendMessage',
    { roomId, text, idempotencyKey: randomUUID(), ...more },
    `roomSeq replayed messageEdge { cursor } message { ${MESSAGE} }`,
  );

async function send(person: Person, text: string, more: object = {}): Promise<Sent> {
  const { message, messageEdge, roomSeq, ...refusal } = await attempt(person, text, more);
  if (!message) throw new Error(JSON.stringify(refusal));
  return { ...message, messageEdge, roomSeq };
}

const reply = (person: Person, text: string, more: object = {}) =>
  send(person, text, { threadRootId: root.id, ...more });

async function ask(person: Person, query: string, variables: object = {}): Promise<any> {
  const { data, errors } = await person.ask(query, variables);
  expect(errors).toEqual([]);
  return data;
}

async function threadOf(person: Person, id = root.id): Promise<any> {
  return (
    await ask(person, `query ($id: ID!) { node(id: $id) { ... on Message { thread { ${THREAD} } } } }`, {
      id,
    })
  ).node?.thread;
}

async function roomOf(person: Person): Promise<any> {
  const fields = `lastMessageSeq viewerReadSeq viewerUnreadCount viewerUnreadMentionCount
    messages { nodes { seq text } } lastMessage { text }`;
  return (await ask(person, `query ($id: ID!) { room(id: $id) { ${fields} } }`, { id: roomId })).room;
}

async function repliesOf(person: Person, args: string): Promise<any> {
  const query = `query ($id: ID!) { node(id: $id) { ... on Thread { replies${args} {
    nodes { threadSeq text } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }`;
  return (await ask(person, query, { id: (await threadOf(person)).id })).node.replies;
}

// -- posting ---------------------------------------------------------------------------------------

describe('a reply', () => {
  test('has a number in its thread and none in the room', async () => {
    const { ada, bob } = people;
    const first = await reply(bob, 'one');
    expect(first).toMatchObject({ seq: null, threadSeq: 1, messageEdge: null, roomSeq: root.roomSeq + 1 });
    expect(first.thread).toMatchObject({ replyCount: 1, root: { id: root.id, text: 'root' } });
    expect(await reply(ada, 'two')).toMatchObject({ seq: null, threadSeq: 2 });
    expect(await send(bob, 'in the room')).toMatchObject({ seq: 2, threadSeq: null, thread: null });
    const room = await roomOf(ada);
    expect(room.messages.nodes.map(({ text }: any) => text)).toEqual(['root', 'in the room']);
    expect(room).toMatchObject({ lastMessageSeq: 2, lastMessage: { text: 'in the room' } });
    expect((await repliesOf(ada, '')).nodes.map(({ text }: any) => text)).toEqual(['one', 'two']);
  });

  test('that is also sent to the room is one message with two numbers', async () => {
    const { ada, bob } = people;
    await reply(bob, 'one');
    const both = await reply(bob, 'both', { alsoSendToRoom: true });
    expect(both).toMatchObject({ seq: 2, threadSeq: 2 });
    expect(both.messageEdge).not.toBeNull();
    expect((await roomOf(ada)).messages.nodes).toEqual([
      { seq: 1, text: 'root' },
      { seq: 2, text: 'both' },
    ]);
    expect((await roomOf(ada)).viewerUnreadCount).toBe(1);
  });

  test('to a reply goes to the same thread', async () => {
    const { bob, cyd } = people;
    const first = await reply(bob, 'one');
    const second = await send(cyd, 'two', { threadRootId: first.id, replyToId: first.id });
    expect(second).toMatchObject({ threadSeq: 2, thread: { root: { id: root.id } } });
  });

  test('is refused where there is no such message, by its name', async () => {
    const { ada, bob, eve } = people;
    const elsewhere = (await ada.say(await ada.createRoom('elsewhere'), 'hello')).message;
    const missing = `${root.id}9999`;
    for (const threadRootId of [elsewhere.id, missing, 'none', roomId])
      expect(await attempt(bob, 'one', { threadRootId })).toMatchObject({
        code: 'NOT_FOUND',
        path: ['input', 'threadRootId'],
      });
    expect(await attempt(bob, 'one', { alsoSendToRoom: true })).toMatchObject({
      code: 'VALIDATION',
      path: ['input', 'alsoSendToRoom'],
    });
    expect(await attempt(eve, 'one', { threadRootId: root.id })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('with the same key is the same reply, and only that', async () => {
    const { bob } = people;
    const key = { threadRootId: root.id, idempotencyKey: randomUUID() };
    const first = await attempt(bob, 'one', key);
    const again = await attempt(bob, 'one', key);
    expect(again).toMatchObject({
      replayed: true,
      message: { id: first.message.id, threadSeq: 1, seq: null },
    });
    const conflict = { code: 'IDEMPOTENCY_CONFLICT' };
    expect(await attempt(bob, 'one', { ...key, alsoSendToRoom: true })).toMatchObject(conflict);
    expect(await attempt(bob, 'one', { idempotencyKey: key.idempotencyKey })).toMatchObject(conflict);
    expect((await threadOf(bob)).replyCount).toBe(1);
  });

  test('can be edited, reacted to and deleted; its number stays', async () => {
    const { ada, bob } = people;
    const first = await reply(bob, 'one');
    await reply(ada, 'two');
    const edited = await bob.change(
      'editMessage',
      { messageId: first.id, text: 'one!' },
      `message { ${MESSAGE} }`,
    );
    expect(edited.message).toMatchObject({ text: 'one!', seq: null, threadSeq: 1 });
    await ada.change('addReaction', { messageId: first.id, emoji: '👍' });
    await bob.change('deleteMessage', { messageId: first.id });
    expect(await threadOf(ada)).toMatchObject({ replyCount: 1, lastThreadSeq: 2 });
    expect((await repliesOf(ada, '')).nodes).toEqual([
      { threadSeq: 1, text: null },
      { threadSeq: 2, text: 'two' },
    ]);
  });

  test('stays when the root is deleted; nothing begins under a deleted message', async () => {
    const { ada, bob } = people;
    await reply(bob, 'one');
    await ada.change('deleteMessage', { messageId: root.id });
    expect(await threadOf(bob)).toMatchObject({ replyCount: 1, root: { id: root.id, text: null } });
    expect(await reply(bob, 'two')).toMatchObject({ threadSeq: 2 });
    const other = await send(ada, 'other');
    await ada.change('deleteMessage', { messageId: other.id });
    expect(await attempt(bob, 'one', { threadRootId: other.id })).toMatchObject({ code: 'CONFLICT' });
  });

  test('is in the log of the room in both streams, with its thread', async () => {
    const { ada, bob } = people;
    const fields = `__typename ... on RoomEvent { roomSeq cursor } ... on StreamReady { cursor }
      ... on MessageCreated { messageEdge { cursor } message { ${MESSAGE} } }`;
    const feeds = [
      await openFeed(node.wsUrl, ada.token, `subscription { inbox { ${fields} } }`, {}, 'inbox'),
      await openFeed(
        (nodes[1] as TestNode).wsUrl,
        ada.token,
        `subscription ($id: ID!) { room(id: $id) { ${fields} } }`,
        { id: roomId },
        'room',
      ),
    ];
    for (const feed of feeds) await feed.next('StreamReady');
    const { roomSeq } = await reply(bob, 'one @cyd');
    const thread = {
      replyCount: 1,
      participants: [{ username: bob.username }],
      viewerUnreadCount: 1,
      viewerIsFollowing: true,
    };
    for (const feed of feeds) {
      const item = await feed.next('MessageCreated');
      expect(item).toMatchObject({
        roomSeq,
        messageEdge: null,
        message: { seq: null, threadSeq: 1, thread },
      });
      feed.close();
    }
  });
});

// -- what a thread is to a user --------------------------------------------------------------------

const STREAM = `subscription { inbox { __typename ... on RoomEvent { roomSeq cursor } ... on AccountEvent { accountSeq cursor }
  ... on StreamReady { cursor } ... on MessageCreated { message { ${MESSAGE} } } ... on MessageEdited { message { ${MESSAGE} } }
  ... on MessageDeleted { message { ${MESSAGE} } } ... on ThreadUpdated { thread { ${THREAD} } }
  ... on ThreadStateChanged { thread { ${THREAD} } } } }`;

async function follow(person: Person): Promise<Feed> {
  const feed = await openFeed(person.node.wsUrl, person.token, STREAM, {}, 'inbox');
  await feed.next('StreamReady');
  return feed;
}

/** The last word of a stream on the thread. */
const pushed = ({ items }: Feed) =>
  items.map(({ thread, message }) => thread ?? message?.thread).findLast((thread) => thread) ?? null;

const state = (isFollowing: boolean, readSeq: number, unread: number, mentions = 0) => ({
  viewerIsFollowing: isFollowing,
  viewerReadSeq: readSeq,
  viewerUnreadCount: unread,
  viewerUnreadMentionCount: mentions,
});

describe('a thread', () => {
  test('is followed by the author of its root, by who replies and by who is mentioned', async () => {
    const { ada, bob, cyd } = people;
    await reply(bob, 'one');
    expect(await threadOf(ada)).toMatchObject(state(true, 0, 1));
    expect(await threadOf(bob)).toMatchObject(state(true, 1, 0));
    expect(await threadOf(cyd)).toMatchObject(state(false, 0, 1));
    await reply(bob, `two @${cyd.username}`);
    expect(await threadOf(cyd)).toMatchObject(state(true, 0, 2, 1));
    await reply(ada, 'three @room');
    expect(await threadOf(cyd)).toMatchObject(state(true, 0, 3, 2));
    expect(await threadOf(bob)).toMatchObject(state(true, 2, 1, 1));
    await reply(cyd, 'four');
    expect(await threadOf(cyd)).toMatchObject(state(true, 4, 0));
  });

  test('does not change what is unread in the room, unless a reply is sent there', async () => {
    const { ada, bob, cyd } = people;
    await bob.change('markRead', { roomId, upToSeq: 1 }, 'accountSeq');
    await reply(ada, `one @${bob.username} @room`);
    const numbers = {
      lastMessageSeq: 1,
      viewerReadSeq: 1,
      viewerUnreadCount: 0,
      viewerUnreadMentionCount: 0,
    };
    expect(await roomOf(bob)).toMatchObject(numbers);
    const both = await reply(ada, `two @${bob.username}`, { alsoSendToRoom: true });
    expect(await roomOf(bob)).toMatchObject({
      ...numbers,
      lastMessageSeq: 2,
      viewerUnreadCount: 1,
      viewerUnreadMentionCount: 1,
    });
    expect(await roomOf(ada)).toMatchObject({ viewerReadSeq: 2, viewerUnreadCount: 0 });
    expect(await threadOf(bob)).toMatchObject(state(true, 0, 2, 2));
    await ada.change('deleteMessage', { messageId: both.id });
    expect(await roomOf(bob)).toMatchObject({ ...numbers, lastMessageSeq: 2 });
    expect(await threadOf(bob)).toMatchObject(state(true, 0, 1, 1));
    expect(await threadOf(cyd)).toMatchObject(state(false, 0, 1, 1));
  });

  test('is read and left by one user, on all devices', async () => {
    const { ada, bob } = people;
    const other = ada.via(nodes[1] as TestNode);
    const feed = await follow(other);
    for (const text of ['one', 'two', 'three']) await reply(bob, text);
    const threadId = (await threadOf(ada)).id;
    const marked = await ada.change(
      'markThreadRead',
      { threadId, upToSeq: 2 },
      `accountSeq thread { ${STATE} }`,
    );
    expect(marked.thread).toEqual(state(true, 2, 1));
    expect(await feed.next('ThreadStateChanged')).toMatchObject({
      accountSeq: marked.accountSeq,
      thread: state(true, 2, 1),
    });
    const lower = await ada.change(
      'markThreadRead',
      { threadId, upToSeq: 1 },
      `accountSeq thread { ${STATE} }`,
    );
    expect(lower).toMatchObject({ accountSeq: marked.accountSeq, thread: state(true, 2, 1) });
    expect(await ada.change('markThreadRead', { threadId, upToSeq: 4 }, 'accountSeq')).toMatchObject({
      code: 'VALIDATION',
      path: ['input', 'upToSeq'],
    });
    await ada.change('unfollowThread', { threadId }, 'accountSeq');
    expect((await feed.next('ThreadStateChanged'))['thread']).toMatchObject(state(false, 2, 1));
    await reply(bob, 'four');
    expect(await threadOf(ada)).toMatchObject(state(false, 2, 2));
    await ada.change('followThread', { threadId }, 'accountSeq');
    expect((await feed.next('ThreadStateChanged'))['thread']).toMatchObject(state(true, 2, 2));
    feed.close();
  });

  test('is marked as unread, but not below the last own reply', async () => {
    const { ada, bob } = people;
    const feed = await follow(ada.via(nodes[1] as TestNode));
    for (const text of ['one', 'two', 'three']) await reply(bob, text);
    const threadId = (await threadOf(ada)).id;
    const unread = (fromSeq: number) =>
      ada.change('markThreadUnread', { threadId, fromSeq }, `accountSeq thread { ${STATE} }`);
    await ada.change('markThreadRead', { threadId, upToSeq: 3 }, 'accountSeq');
    expect((await feed.next('ThreadStateChanged'))['thread']).toMatchObject(state(true, 3, 0));
    const marked = await unread(2);
    expect(marked.thread).toEqual(state(true, 1, 2));
    expect(await feed.next('ThreadStateChanged')).toMatchObject({
      accountSeq: marked.accountSeq,
      thread: state(true, 1, 2),
    });
    expect(await unread(3)).toEqual(marked);
    await reply(ada, 'four');
    await reply(bob, 'five');
    await ada.change('markThreadRead', { threadId, upToSeq: 5 }, 'accountSeq');
    expect((await unread(1)).thread).toEqual(state(true, 4, 1));
    for (const fromSeq of [0, -1, 7])
      expect(await unread(fromSeq)).toMatchObject({ code: 'VALIDATION', path: ['input', 'fromSeq'] });
    // As if there were so many replies.
    const grow = `UPDATE threads SET last_thread_seq = last_thread_seq + ${MAX_REPLIES_BACK} WHERE room_id = $1 AND root_seq = $2`;
    await queryRows(database.url, grow, [numberIn(roomId), root.roomSeq]);
    expect(await unread(1)).toMatchObject({ code: 'VALIDATION', path: ['input', 'fromSeq'] });
    feed.close();
  });

  test('that the viewer may not see does not exist', async () => {
    const { bob, eve } = people;
    await reply(bob, 'one');
    const threadId = (await threadOf(bob)).id;
    for (const [name, input] of [
      ['followThread', {}],
      ['unfollowThread', {}],
      ['markThreadRead', { upToSeq: 1 }],
      ['markThreadUnread', { fromSeq: 1 }],
      ['renameThread', { title: 'mine' }],
    ] as const)
      for (const id of [threadId, root.id, 'thread_1_999999'])
        expect(
          await (id === threadId ? eve : bob).change(name, { threadId: id, ...input }, '__typename'),
        ).toMatchObject({
          code: 'NOT_FOUND',
        });
    expect((await ask(eve, 'query ($id: ID!) { node(id: $id) { id } }', { id: threadId })).node).toBeNull();
  });

  test('has a title from the author of its root or a member who may change the room', async () => {
    const { ada, bob } = people;
    const mine = await send(bob, "bob's");
    await reply(ada, 'one', { threadRootId: mine.id });
    await reply(bob, 'one');
    const [threadId, own] = [(await threadOf(ada)).id, (await threadOf(bob, mine.id)).id];
    const feed = await follow(bob);
    const rename = (person: Person, id: string, title: string) =>
      person.change('renameThread', { threadId: id, title }, 'thread { title }');
    expect(await rename(bob, threadId, 'not mine')).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect((await rename(bob, own, ' mine ')).thread.title).toBe('mine');
    expect((await rename(ada, own, 'ours')).thread.title).toBe('ours');
    expect((await feed.next('ThreadUpdated'))['thread']).toMatchObject({ id: own });
    expect((await feed.next('ThreadUpdated'))['thread']).toMatchObject({ id: own, title: 'ours' });
    expect((await rename(ada, own, '')).thread.title).toBeNull();
    expect(await rename(ada, own, 'x'.repeat(MAX_TITLE + 1))).toMatchObject({ code: 'VALIDATION' });
    const timeOut = (until: string | null) =>
      ada.change('timeoutMember', { roomId, userId: bob.userId, until }, 'roomSeq');
    await timeOut(new Date(Date.now() + 3_600_000).toISOString());
    expect(await rename(bob, own, 'still here')).toMatchObject({ code: 'PERMISSION_DENIED' });
    await timeOut(null);
    expect((await rename(bob, own, 'back')).thread.title).toBe('back');
    feed.close();
  });

  test('is forgotten by who leaves the room', async () => {
    const { ada, bob } = people;
    await reply(bob, 'one');
    await bob.change('leaveRoom', { roomId });
    await ada.change('addMembers', { roomId, userIds: [bob.userId] });
    expect(await threadOf(bob)).toMatchObject({ participantCount: 1, ...state(false, 0, 1) });
  });
});

// -- pages and lists -------------------------------------------------------------------------------

describe('replies', () => {
  test('have pages around any of them', async () => {
    const { ada, bob } = people;
    const sent: Sent[] = [];
    for (let n = 1; n <= 7; n++) sent.push(await reply(n % 2 ? ada : bob, `${n}`));
    const numbers = async (args: string, person = bob) =>
      (await repliesOf(person, args)).nodes.map(({ threadSeq }: any) => threadSeq);
    expect(await numbers('(first: 2)')).toEqual([1, 2]);
    expect(await numbers('(last: 2)')).toEqual([6, 7]);
    const { pageInfo } = await repliesOf(bob, '(first: 3)');
    expect(pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    expect(await numbers(`(first: 3, after: "${pageInfo.endCursor}")`)).toEqual([4, 5, 6]);
    expect(await numbers(`(last: 2, before: "${pageInfo.endCursor}")`)).toEqual([1, 2]);
    expect(await numbers('(first: 2, last: 1, around: { threadSeq: 4 })')).toEqual([3, 4, 5]);
    expect(await numbers(`(first: 1, last: 1, around: { messageId: "${sent[5]?.id}" })`)).toEqual([5, 6]);
    expect(await numbers(`(first: 2, around: { messageId: "${root.id}" })`)).toEqual([1, 2]);
    expect(await numbers('(first: 1, around: { firstUnread: true })')).toEqual([7]);
    const { errors } = await bob.ask(
      `query ($id: ID!) { node(id: $id) { ... on Thread {
      replies(around: { messageId: "${(await send(ada, 'elsewhere')).id}" }) { nodes { text } } } } }`,
      {
        id: (await threadOf(bob)).id,
      },
    );
    expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  });

  test('are in lists of threads, those of the room and those of the viewer', async () => {
    const { ada, bob, cyd } = people;
    const roots = [root, await send(ada, 'second'), await send(bob, 'third')];
    for (const { id } of roots) await reply(bob, 'one', { threadRootId: id });
    await reply(cyd, 'two');
    const ofRoom = async (args: string) =>
      (
        await ask(
          ada,
          `query ($id: ID!) { room(id: $id) { threads${args} { nodes { root { text } } pageInfo { endCursor } } } }`,
          { id: roomId },
        )
      ).room.threads;
    const texts = ({ nodes }: any) => nodes.map((thread: any) => thread.root.text);
    expect(texts(await ofRoom(''))).toEqual(['root', 'third', 'second']);
    expect(texts(await ofRoom('(orderBy: NEWEST)'))).toEqual(['third', 'second', 'root']);
    expect(texts(await ofRoom('(last: 1)'))).toEqual(['second']);
    const { pageInfo } = await ofRoom('(first: 1)');
    expect(texts(await ofRoom(`(first: 1, after: "${pageInfo.endCursor}")`))).toEqual(['third']);
    const ofViewer = async (person: Person, filter: string) => {
      const query = `{ viewer { threads(first: 100, filter: ${filter}) { nodes { root { text } room { id } } } } }`;
      const { nodes } = (await ask(person, query)).viewer.threads;
      return texts({ nodes: nodes.filter(({ room }: any) => room.id === roomId) });
    };
    expect(await ofViewer(ada, 'FOLLOWED')).toEqual(['root', 'second']);
    expect(await ofViewer(cyd, 'FOLLOWED')).toEqual(['root']);
    expect(await ofViewer(bob, 'FOLLOWED')).toEqual(['root', 'third', 'second']);
    expect(await ofViewer(bob, 'UNREAD')).toEqual(['root']);
    const threadId = (await threadOf(bob)).id;
    await bob.change('markThreadRead', { threadId, upToSeq: 2 }, 'accountSeq');
    expect(await ofViewer(bob, 'UNREAD')).toEqual([]);
    await bob.change('unfollowThread', { threadId }, 'accountSeq');
    expect(await ofViewer(bob, 'ALL')).toEqual(['root', 'third', 'second']);
    expect(await ofViewer(bob, 'FOLLOWED')).toEqual(['third', 'second']);
    const pages = '{ viewer { threads(first: 1) { pageInfo { endCursor } nodes { root { text } } } } }';
    const { pageInfo: mine } = (await ask(bob, pages)).viewer.threads;
    const next = await ask(bob, pages.replace('first: 1', `first: 1, after: "${mine.endCursor}"`));
    expect(texts(next.viewer.threads)).toEqual(['second']);
  });
});

// -- many at once ----------------------------------------------------------------------------------

/** Until the stream has shown that number. */
async function reading(feed: Feed, numbers: { roomSeq?: number; accountSeq?: number }): Promise<void> {
  const [[name, number] = ['', 0]] = Object.entries(numbers);
  while (!feed.items.some((item) => item[name] === number)) await feed.next();
}

/** By looking at every reply. */
async function recounted(person: Person) {
  const [numbers] = await queryRows<object>(
    database.url,
    `SELECT coalesce(s.is_following, false) AS "viewerIsFollowing", coalesce(s.read_seq, 0)::int AS "viewerReadSeq",
      count(m.room_seq)::int AS "viewerUnreadCount", count(m.room_seq) FILTER (WHERE EXISTS (SELECT FROM message_mentions o
        WHERE o.room_id = m.room_id AND o.room_seq = m.room_seq AND o.user_id IN (0, $2)))::int AS "viewerUnreadMentionCount"
     FROM (SELECT) x LEFT JOIN thread_members s ON s.room_id = $1 AND s.root_seq = $3 AND s.user_id = $2
     LEFT JOIN messages m ON m.room_id = $1 AND m.thread_root_seq = $3 AND m.text IS NOT NULL AND m.author_id <> $2
       AND m.thread_seq > coalesce(s.read_seq, 0)
     GROUP BY s.is_following, s.read_seq`,
    [numberIn(roomId), numberIn(person.userId), root.roomSeq],
  );
  return numbers;
}

const stateIn = ({ viewerIsFollowing, viewerReadSeq, viewerUnreadCount, viewerUnreadMentionCount }: any) => ({
  viewerIsFollowing,
  viewerReadSeq,
  viewerUnreadCount,
  viewerUnreadMentionCount,
});

test('500 replies by 20 users at once have dense numbers, and what is pushed is what is counted', async () => {
  const { ada, bob, cyd } = people;
  const names = Array.from({ length: 20 }, (_, i) => `crowd${i}`);
  const crowd = Object.values(await signUpAll(node, ...names));
  await ada.change('addMembers', { roomId, userIds: crowd.map(({ userId }) => userId) });
  const watchers = [ada, bob, crowd[0] as Person, crowd[7] as Person].map((person, i) =>
    person.via(nodes[i % 2] as TestNode),
  );
  const feeds = await Promise.all(watchers.map(follow));
  const before = (await roomOf(cyd)).lastMessageSeq;
  const threadId = root.id.replace('msg', 'thread');
  // The answers show little, or 500 at once would read more than a node does at once.
  const one = async (n: number) => {
    const author = (crowd[n % 20] as Person).via(nodes[n % 2] as TestNode);
    const text = n % 10 === 0 ? `${n} @${bob.username}` : n % 25 === 1 ? `${n} @room` : `${n}`;
    const input = {
      roomId,
      text,
      idempotencyKey: randomUUID(),
      threadRootId: root.id,
      alsoSendToRoom: n % 50 === 0,
    };
    const { message, roomSeq, ...refusal } = await author.change(
      'sendMessage',
      input,
      'roomSeq message { id threadSeq }',
    );
    if (!message) throw new Error(JSON.stringify(refusal));
    const messageId = message.id;
    if (n % 9 === 0) await author.change('deleteMessage', { messageId });
    else if (n % 11 === 0) await author.change('editMessage', { messageId, text: `${n} @${ada.username}` });
    if (n % 40 === 0)
      await bob.change('markThreadRead', { threadId, upToSeq: message.threadSeq }, 'accountSeq');
    const unread = { threadId, fromSeq: Math.max(1, message.threadSeq - 20) };
    for (const person of n % 60 === 7 ? [bob, crowd[7] as Person] : [])
      await person.change('markThreadUnread', unread, 'accountSeq');
    return { roomSeq, threadSeq: message.threadSeq };
  };
  const sent = await Promise.all(Array.from({ length: 500 }, (_, n) => one(n)));
  const order = sent.toSorted((a, b) => a.roomSeq - b.roomSeq).map(({ threadSeq }) => threadSeq);
  expect(order).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
  expect((await roomOf(cyd)).lastMessageSeq).toBe(before + 10);
  const { accountSeq } = await bob.change('markThreadRead', { threadId, upToSeq: 1 }, 'accountSeq');
  const { roomSeq } = await send(ada, 'the end');
  for (const [i, feed] of feeds.entries()) {
    const person = watchers[i] as Person;
    await reading(feed, { roomSeq });
    if (i === 1) await reading(feed, { accountSeq });
    const expected = await recounted(person);
    expect(stateIn(pushed(feed))).toEqual(expected);
    expect(stateIn(await threadOf(person))).toEqual(expected);
    feed.close();
  }
  expect(stateIn(await threadOf(cyd))).toEqual(await recounted(cyd));
  expect(await threadOf(cyd)).toMatchObject({ participantCount: 20, lastThreadSeq: 500, replyCount: 444 });
});
