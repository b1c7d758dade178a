import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { DatabaseClock } from '../src/eventlog/follower/database-clock.ts';
import type { RoomEvent } from '../src/eventlog/kinds.ts';
import { messageIn } from '../src/messages/events.ts';
import { MAX_LIFETIME, MIN_LIFETIME } from '../src/rooms/lifetime.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { type Feed, openFeed } from './harness/feed.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';

let database: TestDatabase;
let node: TestNode;
/** Its clock is two minutes ahead. */
let far: TestNode;
let people: Record<'ada' | 'bob' | 'cyd', Person>;

const CLOCK = new URL('./faults/clock.mjs', import.meta.url).href;
const directory = mkdtempSync(path.join(tmpdir(), 'parley-lifetimes-'));
const clockFile = path.join(directory, 'clock');

beforeAll(async () => {
  writeFileSync(clockFile, '120000');
  database = await createDatabase();
  const options = { databaseUrl: database.url, redisUrl: inject('redisUrl') };
  const wrong = { NODE_OPTIONS: `--import ${CLOCK}`, FAULTS_CLOCK_FILE: clockFile };
  [node, far] = await Promise.all([startNode(options), startNode({ ...options, env: wrong })]);
  process.kill(far.pid, 'SIGUSR2');
  people = await signUpAll(node, 'ada', 'bob', 'cyd');
});

afterAll(async () => {
  await Promise.all([node?.stop(), far?.stop()]);
  await database?.drop();
  rmSync(directory, { recursive: true });
});

const HOUR = 3_600;
const MINUTE = 60;

async function room(messageLifetimeSeconds: number | null = HOUR): Promise<string> {
  const roomId = await people.ada.createRoom('the hall');
  await people.bob.join(roomId);
  if (messageLifetimeSeconds) await setLifetime(people.ada, roomId, messageLifetimeSeconds);
  return roomId;
}

const setLifetime = (by: Person, roomId: string, messageLifetimeSeconds: number) =>
  by.change('updateRoom', { roomId, messageLifetimeSeconds }, 'roomSeq room { messageLifetimeSeconds }');

const send = (by: Person, roomId: string, text: string, more: object = {}) =>
  by.change(
    'sendMessage',
    { roomId, text, idempotencyKey: randomUUID(), ...more },
    'replayed message { id seq version text sentAt expiresAt deletedAt }',
  );

const placeOf = (messageId: string) => messageId.split('_').slice(1).map(Number) as [number, number];

/** Sets the time back at which messages expire: what is shown of them, and not yet when they are deleted. */
async function expire(...messageIds: string[]): Promise<void> {
  for (const [room, seq] of messageIds.map(placeOf))
    await execute(
      database.url,
      `UPDATE messages SET expires_at = now() - interval '1 minute' WHERE room_id = ${room} AND room_seq = ${seq}`,
    );
}

/** Also lets them be deleted. */
async function release(...messageIds: string[]): Promise<void> {
  for (const [room, seq] of messageIds.map(placeOf))
    await execute(
      database.url,
      `UPDATE message_expiries SET expires_at = now() - interval '1 minute' WHERE room_id = ${room} AND room_seq = ${seq}`,
    );
}

const EVENTS = `subscription ($id: ID!, $after: Cursor) { room(id: $id, after: $after) { __typename
  ... on Heartbeat { cursor } ... on StreamReady { cursor }
  ... on RoomEvent { cursor roomSeq actor { id } room { messageLifetimeSeconds } }
  ... on MessageCreated { message { ...Shown } } ... on MessageEdited { message { ...Shown } }
  ... on MessageDeleted { reason message { ...Shown } }
  ... on ReactionsChanged { message { ...Shown } } } }
  fragment Shown on Message { id version text plainText deletedAt expiresAt mentions { id } replyTo { text } thread { root { text } } }`;

async function watch(by: Person, at: TestNode, roomId: string, after: string | null = null): Promise<Feed> {
  const feed = await openFeed(at.wsUrl, by.token, EVENTS, { id: roomId, after }, 'room');
  if (after === null) await feed.next('StreamReady');
  return feed;
}

describe('the lifetime of a room', () => {
  test('holds for messages from then on, also for replies and polls', async () => {
    const roomId = await room(null);
    const feed = await watch(people.bob, far, roomId);
    const before = await send(people.ada, roomId, 'before');
    expect(before.message.expiresAt).toBeNull();
    expect(await setLifetime(people.ada, roomId, HOUR)).toMatchObject({
      room: { messageLifetimeSeconds: HOUR },
    });
    expect((await feed.next('RoomUpdated'))['room']).toEqual({ messageLifetimeSeconds: HOUR });
    const threadRootId = before.message.id;
    const sent = [
      await send(people.bob, roomId, `for @${people.ada.username}`),
      ...(await Promise.all([1, 2].map((n) => send(people.bob, roomId, `in a batch ${n}`)))),
      await send(people.bob, roomId, 'a reply', { threadRootId }),
      await people.ada.change(
        'createPoll',
        { roomId, question: 'Where?', options: ['here', 'there'], idempotencyKey: randomUUID() },
        'message { id sentAt expiresAt }',
      ),
    ].map(({ message }) => message);
    for (const { sentAt, expiresAt } of sent)
      expect(Date.parse(expiresAt)).toBe(Date.parse(sentAt) + HOUR * 1_000);
    const heard = new Map<string, any>();
    while (heard.size < sent.length) {
      const { message } = await feed.next('MessageCreated');
      heard.set(message.id, message);
    }
    for (const { id, expiresAt } of sent) expect(heard.get(id).expiresAt).toBe(expiresAt);
    expect(heard.get(sent[0].id).mentions).toEqual([{ id: people.ada.userId }]);

    expect(await setLifetime(people.ada, roomId, 0)).toMatchObject({
      room: { messageLifetimeSeconds: null },
    });
    expect((await send(people.ada, roomId, 'after')).message.expiresAt).toBeNull();
    const rows = await queryRows(database.url, 'SELECT FROM message_expiries WHERE room_id = $1', [
      placeOf(roomId)[0],
    ]);
    expect(rows).toHaveLength(sent.length);
    feed.close();
  });

  test('is set by those who may change the room, within limits', async () => {
    const roomId = await room(null);
    const field = ['input', 'messageLifetimeSeconds'];
    for (const seconds of [-1, MIN_LIFETIME - 1, MAX_LIFETIME + 1, 2 ** 31 - 1])
      expect(await setLifetime(people.ada, roomId, seconds)).toMatchObject({
        code: 'VALIDATION',
        path: field,
      });
    expect(await setLifetime(people.bob, roomId, HOUR)).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await setLifetime(people.cyd, roomId, HOUR)).toMatchObject({ code: 'PERMISSION_DENIED' });
    for (const seconds of [MIN_LIFETIME, MAX_LIFETIME])
      expect(await setLifetime(people.ada, roomId, seconds)).toMatchObject({
        room: { messageLifetimeSeconds: seconds },
      });
    const { roomSeq } = await setLifetime(people.ada, roomId, HOUR);
    // No event: nothing has changed. The name stays as it is, and so does the lifetime with a new name.
    expect((await setLifetime(people.ada, roomId, HOUR)).roomSeq).toBe(roomSeq);
    const renamed = await people.ada.change(
      'updateRoom',
      { roomId, name: 'the tower' },
      'room { name messageLifetimeSeconds }',
    );
    expect(renamed.room).toEqual({ name: 'the tower', messageLifetimeSeconds: HOUR });
  });

  test('is set by every member of a direct room, whose name cannot change', async () => {
    const { room: direct } = await people.ada.change(
      'openDirectRoom',
      { userIds: [people.bob.userId] },
      'room { id }',
    );
    await send(people.ada, direct.id, 'hello');
    expect(await setLifetime(people.bob, direct.id, HOUR)).toMatchObject({
      room: { messageLifetimeSeconds: HOUR },
    });
    const named = { roomId: direct.id, name: 'ours', messageLifetimeSeconds: HOUR };
    expect(await people.bob.change('updateRoom', named)).toMatchObject({ code: 'CONFLICT' });
    expect(await setLifetime(people.cyd, direct.id, HOUR)).toMatchObject({ code: 'NOT_FOUND' });
  });
});

const SECRET = 'the secret';

/** A message with everything that can be attached to it, in a room where it has expired and is not yet deleted. */
async function expiredMessage() {
  const { ada, bob } = people;
  const roomId = await room();
  const begin = await watch(bob, node, roomId);
  const idempotencyKey = randomUUID();
  const first = await send(ada, roomId, `${SECRET} draft of it`, { idempotencyKey });
  const id = first.message.id as string;
  await ada.change('editMessage', { messageId: id, text: `${SECRET} for @${bob.username}` });
  await ada.change('pinMessage', { messageId: id });
  await bob.change('saveMessage', { messageId: id }, 'messageId');
  await bob.change('addReaction', { messageId: id, emoji: '👍' });
  const quoting = await send(bob, roomId, 'this one', { replyToId: id });
  const reply = await send(bob, roomId, 'below it', { threadRootId: id });
  const poll = await ada.change(
    'createPoll',
    { roomId, question: `${SECRET}?`, options: [`${SECRET} one`, 'two'], idempotencyKey: randomUUID() },
    'message { id poll { options { id } } }',
  );
  await bob.change(
    'saveDraft',
    {
      roomId,
      text: 'about it',
      quotedMessageId: id,
      idempotencyKey: randomUUID(),
      expectedVersion: 0,
    },
    'accountSeq',
  );
  const last = await send(ada, roomId, `${SECRET} and last`);
  await expire(id, poll.message.id, last.message.id);
  begin.close();
  return { roomId, id, idempotencyKey, quoting, reply, poll, last, cursor: begin.items[0]?.cursor ?? null };
}

const SHOWN = `id seq version text plainText content { blocks { __typename } } deletedAt expiresAt isPinned mentions { id } reactions { emoji }
  revisions { nodes { text } } poll { question options { text } } viewerCanEdit viewerCanDelete`;

/** Every way to read a message. */
const reads: Readonly<Record<string, string>> = {
  'a page of the room': `query ($room: ID!) { room(id: $room) { messages(last: 20) { nodes { ${SHOWN} replyTo { ${SHOWN} } } } } }`,
  'a page around it': `query ($room: ID!, $id: ID!) { room(id: $room) { messages(around: { messageId: $id }, first: 5, last: 5) { nodes { ${SHOWN} } } } }`,
  'the last message': `query ($room: ID!) { room(id: $room) { lastMessage { ${SHOWN} } } }`,
  'the message by its id': `query ($id: ID!) { node(id: $id) { ... on Message { ${SHOWN} } } }`,
  'the poll by its id': `query ($poll: ID!) { node(id: $poll) { ... on Message { ${SHOWN} } } }`,
  'the thread below it': `query ($reply: ID!) { node(id: $reply) { ... on Message { thread { root { ${SHOWN} } replies(first: 5) { nodes { text replyTo { text } } } } } } }`,
  'the pinned messages': `query ($room: ID!) { room(id: $room) { pinnedMessages(first: 5) { nodes { ${SHOWN} } } } }`,
  'the saved messages': `{ viewer { savedMessages(first: 5) { nodes { message { ${SHOWN} } } } } }`,
  'a draft that quotes it': `{ viewer { drafts(first: 5) { nodes { quotedMessage { ${SHOWN} } } } } }`,
  'a snapshot': `{ viewer { inboxCursor rooms(first: 5) { nodes { lastMessage { ${SHOWN} } messages(last: 20) { nodes { ${SHOWN} } } } } } }`,
};

test('a node shows messages until they expire by the clock of the database, though its own is ahead', async () => {
  const roomId = await room(MINUTE);
  const feed = await watch(people.bob, far, roomId);
  const { message } = await send(people.ada, roomId, 'for a minute');
  const shown = { id: message.id, version: 1, text: 'for a minute', deletedAt: null };
  expect((await feed.next('MessageCreated')).message).toMatchObject(shown);
  await people.ada.change('editMessage', { messageId: message.id, text: 'edited' });
  expect((await feed.next('MessageEdited')).message).toMatchObject({ version: 2, text: 'edited' });
  feed.close();
});

test('readings of the clock of the database narrow it down, and follow it when it was set', () => {
  const clock = new DatabaseClock();
  expect(clock.now()).toBe(Number.NEGATIVE_INFINITY);
  const aheadMs = () => Math.round(clock.now() - performance.now());
  clock.adjust(10_000, 0, 100);
  expect(aheadMs()).toBe(9_900);
  clock.adjust(10_050, 100, 110);
  expect(aheadMs()).toBe(9_940);
  clock.adjust(12_000, 1_000, 5_000);
  expect(aheadMs()).toBe(9_940);
  clock.adjust(5_000, 6_000, 6_010);
  expect(aheadMs()).toBe(-1_000);
});

describe('an expired message', () => {
  let scene: Awaited<ReturnType<typeof expiredMessage>>;

  beforeAll(async () => {
    scene = await expiredMessage();
  });

  test.each(Object.entries(reads))('%s: shows it as deleted', async (_what, query) => {
    const { roomId, id, poll, reply } = scene;
    const variables = { room: roomId, id, poll: poll.message.id, reply: reply.message.id };
    for (const person of [people.ada, people.bob]) {
      const used = Object.fromEntries(
        Object.entries(variables).filter(([name]) => query.includes(`$${name}:`)),
      );
      const { data, errors } = await person.ask(query, used);
      expect(errors).toEqual([]);
      expect(JSON.stringify(data)).not.toContain(SECRET);
    }
  });

  test('it is shown as its deletion will store it', async () => {
    const query = `query ($id: ID!) { node(id: $id) { ... on Message { ${SHOWN} } } }`;
    const { data } = await people.ada.ask(query, { id: scene.id });
    const { expiresAt } = data.node;
    expect(data.node).toMatchObject({
      version: 3,
      text: null,
      plainText: null,
      content: null,
      deletedAt: expiresAt,
    });
    expect(data.node).toMatchObject({ isPinned: false, mentions: [], reactions: [], poll: null });
    expect(data.node).toMatchObject({ viewerCanEdit: false, viewerCanDelete: false });
  });

  test('it is not replayed to streams that come later, also where events were in memory', async () => {
    for (const at of [far, node]) {
      const feed = await watch(people.bob, at, scene.roomId, scene.cursor);
      await feed.next('StreamReady');
      // The node that stored it has it in memory with the time that the test has set back.
      if (at === far) expect(JSON.stringify(feed.items)).not.toContain(SECRET);
      expect(feed.items.filter(({ __typename }) => __typename === 'MessageCreated').length).toBeGreaterThan(
        3,
      );
      feed.close();
    }
    const record = {
      ...{ roomId: 1, roomSeq: 1, seq: 1, authorId: 1, idempotencyKey: '', text: SECRET, version: 1 },
      ...{ replyToRoomSeq: null, threadRootSeq: null, threadSeq: null, editedAt: null, deletedAt: null },
      ...{ createdAt: new Date(0), expiresAt: new Date(), isNew: true, attached: { polls: SECRET } },
    };
    const shown = messageIn({ record } as unknown as RoomEvent, Date.now());
    expect(shown).toMatchObject({ text: null, version: 2, deletedAt: record.expiresAt });
    expect(JSON.stringify(shown)).not.toContain(SECRET);
  });

  test('it can no longer be changed', async () => {
    const { id, roomId, poll } = scene;
    const pollId = poll.message.id;
    const { ada, bob } = people;
    const deleted = { code: 'CONFLICT' };
    expect(await ada.change('editMessage', { messageId: id, text: 'else' })).toMatchObject(deleted);
    expect(await bob.change('addReaction', { messageId: id, emoji: '🎉' })).toMatchObject(deleted);
    expect(await ada.change('pinMessage', { messageId: pollId })).toMatchObject(deleted);
    expect(await bob.change('saveMessage', { messageId: pollId }, 'messageId')).toMatchObject(deleted);
    expect(await ada.change('closePoll', { messageId: pollId })).toMatchObject(deleted);
    const vote = { messageId: pollId, optionIds: [poll.message.poll.options[0].id] };
    expect(await bob.change('votePoll', vote)).toMatchObject(deleted);
    expect(await send(bob, roomId, 'late', { threadRootId: pollId })).toMatchObject(deleted);
    const again = await ada.change('deleteMessage', { messageId: id }, 'message { version text }');
    expect(again.message).toEqual({ version: 3, text: null });
  });

  test('a repetition of its send returns it as it is shown now', async () => {
    const { roomId, idempotencyKey } = scene;
    const again = await send(people.ada, roomId, `${SECRET} draft of it`, { idempotencyKey });
    expect(again).toMatchObject({ replayed: true, message: { version: 3, text: null } });
  });

  test('its deletion is one event, and numbers of unread messages count it until then', async () => {
    const { roomId, id, poll, last, quoting } = scene;
    const counted = async () => {
      const query = 'query ($id: ID!) { room(id: $id) { viewerUnreadCount viewerUnreadMentionCount } }';
      return (await people.bob.ask(query, { id: roomId })).data.room;
    };
    await people.bob.change('markUnread', { roomId, fromSeq: 1 }, 'room { id }');
    const before = await counted();
    const [own, feed] = [await watch(people.ada, node, roomId), await watch(people.bob, far, roomId)];
    await release(id, poll.message.id, last.message.id);
    const events = [
      await feed.next('MessageDeleted'),
      await feed.next('MessageDeleted'),
      await feed.next('MessageDeleted'),
    ];
    expect(new Set(events.map(({ message }) => message.id))).toEqual(
      new Set([id, poll.message.id, last.message.id]),
    );
    for (const { reason, actor, message } of events) {
      expect([reason, actor, message.text]).toEqual(['EXPIRED', null, null]);
      expect(message.deletedAt).toBe(message.expiresAt);
    }
    expect(events.find(({ message }) => message.id === id)?.['message'].version).toBe(3);
    expect(await counted()).toEqual({
      viewerUnreadCount: before.viewerUnreadCount - 3,
      viewerUnreadMentionCount: before.viewerUnreadMentionCount - 1,
    });
    // Each node has tried: the next event is that of the deletion by a user.
    await people.bob.change('deleteMessage', { messageId: quoting.message.id });
    expect(await feed.next('MessageDeleted')).toMatchObject({
      reason: 'DELETED',
      actor: { id: people.bob.userId },
    });
    await Promise.all([1, 2, 3, 4].map(() => own.next('MessageDeleted')));
    const [inRoom] = placeOf(id);
    const tables = ['pins', 'polls', 'reactions', 'reaction_groups', 'message_revisions', 'message_mentions'];
    const kept = tables.map((table) => `SELECT '${table}' AS place FROM ${table} WHERE room_id = ${inRoom}`);
    kept.push(`SELECT text FROM messages WHERE room_id = ${inRoom} AND text LIKE '${SECRET}%'`);
    expect(await queryRows(database.url, kept.join(' UNION ALL '))).toEqual([]);
    const late = await watch(people.bob, node, roomId, scene.cursor);
    await late.next('StreamReady');
    expect(JSON.stringify(late.items)).not.toContain(SECRET);
    for (const each of [own, feed, late]) each.close();
  });
});

test('messages are deleted in time, in archived rooms too, and erased in deleted rooms', async () => {
  const { ada, bob } = people;
  const [open, archived, gone] = [await room(MIN_LIFETIME), await room(), await room()];
  const feeds = [await watch(bob, far, open), await watch(bob, far, archived)] as const;
  const [inOpen, inArchived, inGone] = [
    await send(ada, open, 'soon'),
    await send(ada, archived, 'later'),
    await send(ada, gone, 'never read'),
  ].map(({ message }) => message);
  await ada.change('archiveRoom', { roomId: archived });
  await ada.change('deleteRoom', { roomId: gone });
  await expire(inArchived.id, inGone.id);
  await release(inArchived.id, inGone.id);
  const [first, second] = await Promise.all(feeds.map((feed) => feed.next('MessageDeleted')));
  expect(first).toMatchObject({ reason: 'EXPIRED', message: { id: inOpen.id, deletedAt: inOpen.expiresAt } });
  expect(second).toMatchObject({ reason: 'EXPIRED', message: { id: inArchived.id } });
  const [inRoom] = placeOf(gone);
  const left = `SELECT text FROM messages WHERE room_id = ${inRoom} AND text IS NOT NULL
    UNION ALL SELECT 'expiry' FROM message_expiries WHERE room_id = ${inRoom}`;
  await expect.poll(() => queryRows(database.url, left)).toEqual([]);
  const [{ kind }] = (await queryRows<{ kind: number }>(
    database.url,
    `SELECT kind FROM room_events WHERE room_id = ${inRoom} ORDER BY room_seq DESC LIMIT 1`,
  )) as [{ kind: number }];
  expect(kind).toBe(4);
  for (const feed of feeds) feed.close();
});
