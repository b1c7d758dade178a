import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trimLogs } from '../src/eventlog/retention.ts';
import { openDatabase } from '../src/platform/db.ts';
import { createLog, createMetrics } from '../src/platform/telemetry.ts';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { signUp, signUpAll } from './harness/people.ts';

let database: TestDatabase;
let node: TestNode;
let client: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await node?.stop();
  await database?.drop();
});

/** Lets the first events of a room have happened long ago, and trims. */
async function trimBefore(roomId: string, roomSeq: number): Promise<number> {
  const inside = Buffer.from(roomId, 'base64url').toString().split(':')[1];
  await client.query(
    `UPDATE room_events SET created_at = created_at - interval '40 days' WHERE room_id = $1 AND room_seq < $2`,
    [inside, roomSeq],
  );
  const db = openDatabase(database.url, 4, createLog('silent', 'test'), createMetrics());
  const deleted = await trimLogs(db.tail, new Date(Date.now() - 30 * 86_400_000));
  await db.close();
  return deleted;
}

test('a cursor from before the retained log is told so; history and keys stay', async () => {
  const { ada, bob } = await signUpAll(node, 'ada', 'bob');
  const roomId = await ada.createRoom('archive');
  await bob.join(roomId);
  const cursors = async () =>
    (await bob.ask('query ($id: ID!) { room(id: $id) { cursor } viewer { inboxCursor } }', { id: roomId }))
      .data;
  const old = await cursors();
  const input = { roomId, text: 'old', idempotencyKey: 'kept' };
  await ada.change('sendMessage', input);
  for (let i = 0; i < 9; i++) await ada.say(roomId, `${i}`);
  const young = await cursors();
  await ada.say(roomId, 'last');

  // Events 1 to 11 are old; the newest of them stays, to prove where an old snapshot stood.
  expect(await trimBefore(roomId, 12)).toBe(10);
  for (const feed of [
    await bob.watch(roomId, old.room.cursor),
    await bob.watchInbox(old.viewer.inboxCursor),
  ]) {
    expect(await feed.next()).toMatchObject({ __typename: 'ResyncRequired', resyncReason: 'CURSOR_EXPIRED' });
    feed.close();
  }
  for (const feed of [
    await bob.watch(roomId, young.room.cursor),
    await bob.watchInbox(young.viewer.inboxCursor),
  ]) {
    expect(await feed.texts(1)).toEqual(['last']);
    feed.close();
  }
  const page = await bob.ask(
    'query ($id: ID!) { room(id: $id) { events { nodes { roomSeq } } messages(first: 1) { nodes { text } } } }',
    { id: roomId },
  );
  expect(page.data.room.events.nodes.map((event: any) => event.roomSeq)).toEqual([11, 12, 13, 14]);
  expect(page.data.room.messages.nodes).toEqual([{ text: 'old' }]);
  expect(await ada.change('sendMessage', input, 'replayed')).toMatchObject({ replayed: true });
});

test('a room with nothing new never expires', async () => {
  const ada = await signUp(node, 'ada');
  const roomId = await ada.createRoom('silence');
  const { data } = await ada.ask('query ($id: ID!) { room(id: $id) { cursor } viewer { inboxCursor } }', {
    id: roomId,
  });
  await trimBefore(roomId, 99);
  for (const feed of [
    await ada.watch(roomId, data.room.cursor),
    await ada.watchInbox(data.viewer.inboxCursor),
  ]) {
    expect(await feed.next()).toMatchObject({ __typename: 'StreamReady', replayedCount: 0 });
    feed.close();
  }
});

test('a new epoch makes every cursor foreign, also for those who are connected', async () => {
  const ada = await signUp(node, 'ada');
  const roomId = await ada.createRoom('time');
  const { data } = await ada.ask('query ($id: ID!) { room(id: $id) { cursor } viewer { inboxCursor } }', {
    id: roomId,
  });
  const live = [await ada.watch(roomId), await ada.watchInbox()];
  for (const feed of live) await feed.next('StreamReady');
  await client.query('UPDATE incarnation SET epoch = gen_random_uuid(), rotated_at = now()');
  const foreign = { __typename: 'ResyncRequired', resyncReason: 'CURSOR_FOREIGN' };
  for (const feed of live) expect(await feed.next('ResyncRequired')).toMatchObject(foreign);
  for (const feed of [
    await ada.watch(roomId, data.room.cursor),
    await ada.watchInbox(data.viewer.inboxCursor),
  ]) {
    expect(await feed.next()).toMatchObject(foreign);
    feed.close();
  }
  const fresh = await ada.watchInbox((await ada.ask('{ viewer { inboxCursor } }')).data.viewer.inboxCursor);
  await fresh.next('StreamReady');
  await ada.say(roomId, 'again');
  expect(await fresh.texts(1)).toEqual(['again']);
  fresh.close();
});
