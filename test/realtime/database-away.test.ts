import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, execute, type TestDatabase } from '../harness/database.ts';
import { type Link, openLink } from '../harness/link.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { signUpAll } from '../harness/people.ts';

// PostgreSQL goes away in the worst manner: connections stay open and nothing answers.

let database: TestDatabase;
let link: Link;
let node: TestNode;

beforeAll(async () => {
  database = await createDatabase();
  link = await openLink(database.url);
  node = await startNode({ databaseUrl: link.url, env: { HEARTBEAT_SECONDS: '1' } });
});

afterAll(async () => {
  await node?.stop();
  link?.close();
  await database?.drop();
});

const readiness = async () => (await fetch(node.url.replace('/graphql', '/health/ready'))).status;

test('a silent database: typed refusals, open streams, and everything once it is back', {
  timeout: 120_000,
}, async () => {
  const { ada, bob } = await signUpAll(node, 'ada', 'bob');
  const roomId = await ada.createRoom('cable');
  await bob.join(roomId);
  const [room, inbox] = [await bob.watch(roomId), await bob.watchInbox()];
  await Promise.all([room.next('StreamReady'), inbox.next('StreamReady')]);
  const { inboxEvents } = (await bob.ask('{ inboxEvents { pageInfo { endCursor } } }')).data;

  link.silence();
  const input = { roomId, text: 'into the silence', idempotencyKey: randomUUID() };
  const post = () => ada.change('sendMessage', input);
  expect(await post()).toMatchObject({ __typename: 'UnavailableError', code: 'UNAVAILABLE' });
  expect(await node.metrics()).toMatchObject({ 'parley_posts_total{outcome="unavailable"}': 1 });
  const page = await bob.ask(
    'query ($after: String) { inboxEvents(after: $after) { pageInfo { endCursor } } }',
    {
      after: inboxEvents.pageInfo.endCursor,
    },
  );
  expect(page.errors[0]?.extensions.code).toBe('UNAVAILABLE');
  await expect.poll(readiness).toBe(503);
  await room.heartbeat();

  link.restore();
  await expect.poll(async () => (await post()).__typename).toBe('SendMessageSuccess');
  await expect.poll(readiness).toBe(200);
  for (const feed of [room, inbox]) {
    await expect.poll(() => feed.items.filter((item) => item.__typename === 'MessageCreated').length).toBe(1);
    expect(feed.closed).toBeNull();
    feed.close();
  }
});

test('other data under the same address: whatever was read of the old is forgotten', async () => {
  const { ada, bob } = await signUpAll(node, 'ada', 'bob');
  const roomId = await ada.createRoom('restored');
  await bob.join(roomId);
  const before = await bob.watch(roomId);
  await before.next('StreamReady');
  await ada.say(roomId, 'only in the old data');
  await before.next('MessageCreated');
  const { roomSeq } = before.items.at(-1) as { roomSeq: number };
  // As a standby that had not got the last message and is promoted.
  await execute(
    database.url,
    `BEGIN;
     DELETE FROM room_events WHERE room_seq = ${roomSeq} AND room_id = (SELECT max(room_id) FROM room_heads);
     DELETE FROM messages WHERE room_seq = ${roomSeq} AND room_id = (SELECT max(room_id) FROM room_heads);
     UPDATE room_heads SET last_room_seq = last_room_seq - 1, last_message_seq = 0 WHERE room_id = (SELECT max(room_id) FROM room_heads);
     UPDATE incarnation SET epoch = gen_random_uuid();
     COMMIT`,
  );
  expect(await before.next('ResyncRequired')).toMatchObject({ resyncReason: 'CURSOR_FOREIGN' });
  const after = await bob.watch(roomId);
  await after.next('StreamReady');
  await ada.say(roomId, 'in the new data');
  expect((await after.next('MessageCreated')).roomSeq).toBe(roomSeq);
  expect(await after.texts(0)).toEqual([]);
  expect(after.items.filter((item) => item.__typename === 'MessageCreated')[0]?.['message'].text).toBe(
    'in the new data',
  );
  after.close();
});
