import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { numberIn } from '../harness/ids.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUp, signUpAll } from '../harness/people.ts';

let database: TestDatabase;
let node: TestNode;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({
    databaseUrl: database.url,
    env: { POSTS_PER_SECOND: '10000', POSTS_BURST: '10000', CHANGES_PER_SECOND: '1000' },
  });
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

const seqs = (items: { roomSeq?: number }[]) => items.map(({ roomSeq }) => roomSeq);

describe('a room', () => {
  test('says when it is ready, then everything new with its kind', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const roomId = await ada.createRoom('stage');
    await bob.join(roomId);
    const feed = await bob.watch(roomId);
    expect(await feed.next()).toMatchObject({ __typename: 'StreamReady', replayedCount: 0 });
    const { message } = await ada.say(roomId, 'one');
    await ada.change('editMessage', { messageId: message.id, text: 'two' });
    await ada.change('deleteMessage', { messageId: message.id });
    await ada.change('updateRoom', { roomId, name: 'the stage' });
    await ada.change('changeMemberRole', { roomId, userId: bob.userId, role: 'ADMIN' });
    await ada.change('archiveRoom', { roomId });
    const items = await feed.events(6);
    expect(items.map((item) => item.__typename)).toEqual([
      'MessageCreated',
      'MessageEdited',
      'MessageDeleted',
      'RoomUpdated',
      'MemberUpdated',
      'RoomArchived',
    ]);
    expect(seqs(items)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(items[0]?.['message'].author.id).toBe(ada.userId);
    feed.close();
  });

  test('a member who was away gets what happened meanwhile, in order and once', async () => {
    const { ada, grace } = await signUpAll(node, 'ada', 'grace');
    const roomId = await ada.createRoom('engine room');
    await grace.join(roomId);
    const feed = await grace.watch(roomId);
    await feed.next('StreamReady');
    await ada.say(roomId, 'one');
    const { cursor } = await feed.next('MessageCreated');
    feed.cut();
    for (let i = 2; i <= 450; i++) await ada.say(roomId, `${i}`); // beyond the recent events and more than two pages of the log
    const back = await grace.watch(roomId, cursor ?? null);
    expect(await back.texts(449)).toEqual(Array.from({ length: 449 }, (_, i) => `${i + 2}`));
    expect(await back.next()).toMatchObject({ __typename: 'StreamReady', replayedCount: 449 });
    back.close();
  });

  test('nothing is lost at the seam between backlog and live', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const roomId = await ada.createRoom('seam');
    await bob.join(roomId);
    const start = (await bob.ask('query ($id: ID!) { room(id: $id) { cursor } }', { id: roomId })).data.room
      .cursor;
    let done = false;
    const posting = (async () => {
      let count = 0;
      for (; !done || count < 50; count++) await ada.say(roomId, 'x');
      return count;
    })();
    const feeds = [];
    for (let i = 0; i < 10; i++) feeds.push(await bob.watch(roomId, start));
    done = true;
    const count = await posting;
    for (const feed of feeds) {
      expect(seqs(await feed.events(count))).toEqual(Array.from({ length: count }, (_, i) => i + 4));
      feed.close();
    }
  });

  test('the last thing a removed member sees is the own departure', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const roomId = await ada.createRoom('door');
    await bob.join(roomId);
    const feed = await bob.watch(roomId);
    await feed.next('StreamReady');
    await ada.say(roomId, 'before');
    const { roomSeq } = await ada.change('removeMember', { roomId, userId: bob.userId });
    await ada.say(roomId, 'after');
    await feed.ended();
    expect(feed.items.map((item) => item.__typename)).toEqual([
      'StreamReady',
      'MessageCreated',
      'MemberLeft',
      'StreamClosed',
    ]);
    expect(feed.items.at(-2)).toMatchObject({ roomSeq, removed: true });
    expect(feed.items.at(-1)).toMatchObject({ closeReason: 'ACCESS_LOST', retryable: false });
    const again = await bob.watch(roomId, feed.items[1]?.cursor ?? null);
    expect(await again.next()).toMatchObject({ __typename: 'StreamClosed', closeReason: 'NOT_FOUND' });
    await bob.join(roomId);
    const rejoined = await bob.watch(roomId, feed.items[1]?.cursor ?? null);
    expect(await rejoined.next()).toMatchObject({
      __typename: 'ResyncRequired',
      resyncReason: 'ACCESS_CHANGED',
    });
  });

  test('what cannot be followed says why, as its only item', async () => {
    const { ada, eve } = await signUpAll(node, 'ada', 'eve');
    const [roomId, other] = [await ada.createRoom('one', 'PRIVATE'), await ada.createRoom('two')];
    const cursorOf = async (id: string) =>
      (await ada.ask('query ($id: ID!) { room(id: $id) { cursor } viewer { inboxCursor } }', { id })).data;
    const { room, viewer } = await cursorOf(other);
    const only = async (person: Person, id: string, after?: string) => {
      const feed = await person.watch(id, after ?? null);
      const item = await feed.next();
      await feed.ended();
      expect(feed.items).toHaveLength(1);
      feed.close();
      return item['closeReason'] ?? item['resyncReason'];
    };
    expect(await only(eve, roomId)).toBe('NOT_FOUND');
    expect(await only(ada, 'nonsense')).toBe('NOT_FOUND');
    for (const after of ['nonsense', '', room.cursor, viewer.inboxCursor])
      expect(await only(ada, roomId, after)).toBe('INVALID_CURSOR');
    const bytes = Buffer.from(room.cursor, 'base64url');
    bytes[2] = (bytes[2] as number) ^ 1;
    expect(await only(ada, other, bytes.toString('base64url'))).toBe('CURSOR_FOREIGN');
    const ahead = Buffer.from(room.cursor, 'base64url');
    ahead[ahead.length - 1] = 100;
    expect(await only(ada, other, ahead.toString('base64url'))).toBe('CURSOR_FOREIGN');
  });

  test('its log as pages has the same events with the same cursors', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const roomId = await ada.createRoom('ledger');
    const feed = await ada.watch(roomId);
    await feed.next('StreamReady');
    await bob.join(roomId);
    for (let i = 0; i < 7; i++) await ada.say(roomId, `entry ${i}`);
    const streamed = await feed.events(8);
    const query =
      'query ($id: ID!, $first: Int, $after: String) { room(id: $id) { events(first: $first, after: $after) { edges { cursor node { roomSeq cursor __typename } } pageInfo { hasNextPage hasPreviousPage endCursor } } } }';
    const paged: { roomSeq: number; cursor: string; __typename: string }[] = [];
    for (let after: string | null = null; ; ) {
      const page: any = (await ada.ask(query, { id: roomId, first: 4, after })).data.room.events;
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
      paged.push(...page.edges.map((edge: any) => edge.node));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(paged.map((event) => event.roomSeq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(paged.slice(2).map(({ cursor }) => cursor)).toEqual(streamed.map(({ cursor }) => cursor));
    feed.close();
  });

  test('a document that selects a list in an event is refused when it subscribes', async () => {
    const ada = await signUp(node, 'ada');
    const { openFeed } = await import('../harness/feed.ts');
    const feed = await openFeed(
      node.wsUrl,
      ada.token,
      'subscription { inbox { ... on RoomEvent { room { members { nodes { id } } } } } }',
      {},
      'inbox',
    );
    await feed.ended();
    expect(JSON.stringify(feed.errors)).toMatch(/GRAPHQL_VALIDATION_FAILED/);
    feed.close();
  });
});

describe('the inbox', () => {
  test('carries all rooms, those joined later, and tells of those lost', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const first = await ada.createRoom('first');
    await bob.join(first);
    const inbox = await bob.watchInbox();
    await inbox.next('StreamReady');
    await ada.say(first, 'hello first');
    expect(await inbox.texts(1)).toEqual(['hello first']);
    const second = await ada.createRoom('second', 'PRIVATE');
    await ada.say(second, 'before bob');
    await ada.change('addMembers', { roomId: second, userIds: [bob.userId] });
    await ada.say(second, 'hello second');
    const granted = await inbox.next();
    expect(granted).toMatchObject({ __typename: 'RoomAccessGranted', room: { id: second }, accountSeq: 2 });
    expect(await inbox.next()).toMatchObject({ __typename: 'MemberJoined', roomSeq: granted['grantedAt'] });
    expect(await inbox.texts(1)).toEqual(['hello second']);
    await ada.change('removeMember', { roomId: second, userId: bob.userId });
    await ada.say(second, 'behind his back');
    expect(await inbox.next()).toMatchObject({ __typename: 'MemberLeft' });
    expect(await inbox.next()).toMatchObject({ __typename: 'RoomAccessLost', roomId: second, accountSeq: 3 });
    await ada.change('deleteRoom', { roomId: first });
    expect(await inbox.next()).toMatchObject({ __typename: 'RoomDeleted' });
    expect(await inbox.next()).toMatchObject({ __typename: 'RoomAccessLost', roomId: first, accountSeq: 4 });
    inbox.close();
  });

  test('resumes from any item, exactly behind it', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const start = (await bob.ask('{ viewer { inboxCursor } }')).data.viewer.inboxCursor;
    const rooms: string[] = [];
    for (let i = 0; i < 5; i++) {
      rooms.push(await ada.createRoom(`room ${i}`));
      await bob.join(rooms[i] as string);
    }
    for (let i = 0; i < 40; i++) await ada.say(rooms[i % 5] as string, `${i}`);
    const whole = await bob.watchInbox(start);
    await whole.next('StreamReady');
    const items = whole.items.slice(0, -1);
    const key = (item: any) =>
      item.accountSeq ? `account ${item.accountSeq}` : `${item.room?.id} ${item.roomSeq}`;
    const all = new Set(items.map(key));
    expect(items.map(key)).toEqual([...all]); // each once
    expect(items).toHaveLength(5 + 5 + 40); // grants, own joins, messages
    for (const at of [0, 7, 23, 48]) {
      const rest = await bob.watchInbox(items[at]?.cursor ?? null);
      await rest.next('StreamReady');
      const before = items.slice(0, at + 1).map(key);
      const after = rest.items.slice(0, -1).map(key);
      expect(new Set([...before, ...after])).toEqual(all);
      expect(before.length + after.length).toBe(50);
      rest.close();
    }
    whole.close();
  });

  test('as pages: the same, without a socket', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const roomId = await ada.createRoom('paper');
    await bob.join(roomId);
    const query =
      'query ($first: Int, $after: String) { inboxEvents(first: $first, after: $after) { nodes { __typename ... on MessageCreated { message { text } } } pageInfo { hasNextPage endCursor } } }';
    const empty = (await bob.ask(query)).data.inboxEvents;
    expect(empty).toMatchObject({
      nodes: [],
      pageInfo: { hasNextPage: false, endCursor: expect.any(String) },
    });
    for (let i = 0; i < 5; i++) await ada.say(roomId, `${i}`);
    const texts: string[] = [];
    for (let after = empty.pageInfo.endCursor; ; ) {
      const page = (await bob.ask(query, { first: 2, after })).data.inboxEvents;
      texts.push(...page.nodes.map((item: any) => item.message.text));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(texts).toEqual(['0', '1', '2', '3', '4']);
    const { errors } = await bob.ask(query, { after: 'nonsense' });
    expect(errors[0]?.extensions).toMatchObject({ code: 'VALIDATION', argument: 'after' });
  });

  test('as pages: also from a position that saw a room which is lost by now', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const [quiet, lost, short] = [
      await ada.createRoom('quiet'),
      await ada.createRoom('lost'),
      await ada.createRoom('short'),
    ];
    await bob.join(quiet);
    await bob.join(lost);
    await ada.say(lost, 'the last that was written in any of his rooms');
    let after = (await bob.ask('{ viewer { inboxCursor } }')).data.viewer.inboxCursor;
    await bob.change('leaveRoom', { roomId: lost });
    for (let i = 0; i < 2; i++) {
      await bob.join(short);
      await bob.change('leaveRoom', { roomId: short });
    }
    const query =
      'query ($after: String!) { inboxEvents(first: 1, after: $after) { nodes { __typename } pageInfo { endCursor } } }';
    const kinds: string[] = [];
    for (;;) {
      const { nodes, pageInfo } = (await bob.ask(query, { after })).data.inboxEvents;
      if (nodes.length === 0) break;
      kinds.push(nodes[0].__typename);
      after = pageInfo.endCursor;
    }
    expect(kinds).toEqual([
      'RoomAccessLost',
      ...['RoomAccessGranted', 'RoomAccessLost'],
      ...['RoomAccessGranted', 'RoomAccessLost'],
    ]);
  });

  test('repeats nothing where the transaction that began last was not the one that wrote last', async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const roomId = await ada.createRoom('overtaken');
    await bob.join(roomId);
    for (let i = 0; i < 5; i++) await ada.say(roomId, `${i}`);
    const slow = new pg.Client({ connectionString: database.url });
    await slow.connect();
    await slow.query('BEGIN; SELECT pg_current_xact_id()');
    await ada.say(roomId, 'of the later one');
    await slow.query('SELECT status FROM post_message($1, $2, $3, $4, $5, NULL)', [
      numberIn(roomId),
      numberIn(ada.userId),
      randomUUID(),
      randomUUID(),
      'of the earlier one',
    ]);
    await slow.query('COMMIT');
    await slow.end();
    const { inboxCursor } = (await bob.ask('{ viewer { inboxCursor } }')).data.viewer;
    for (const text of ['first', 'second']) await ada.say(roomId, text);
    const feed = await bob.watchInbox(inboxCursor);
    expect(await feed.texts(2)).toEqual(['first', 'second']);
    feed.close();
  });

  test("somebody else's cursor is foreign", async () => {
    const { ada, bob } = await signUpAll(node, 'ada', 'bob');
    const { inboxCursor } = (await ada.ask('{ viewer { inboxCursor } }')).data.viewer;
    const feed = await bob.watchInbox(inboxCursor);
    expect(await feed.next()).toMatchObject({ __typename: 'ResyncRequired', resyncReason: 'CURSOR_FOREIGN' });
    feed.close();
  });
});
