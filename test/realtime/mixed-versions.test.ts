import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { makeMutant } from '../faults/mutation.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { Follower, inboxSnapshot } from '../harness/follower.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUpAll } from '../harness/people.ts';

// A rolling upgrade: a node that does not know a kind of event beside one that writes it.

let database: TestDatabase;
let folder: string;
let newer: TestNode;
let older: TestNode;
let people: Record<'ada' | 'bob', Person>;
let roomId: string;

beforeAll(async () => {
  // The node of the release before: the same but for one registration.
  folder = makeMutant({
    name: 'older-node',
    edits: [
      {
        where: 'src/reactions/capability.ts',
        text: 'roomEvents: reactionEventKinds',
        becomes: 'roomEvents: []',
      },
    ],
  });
  database = await createDatabase();
  const options = { databaseUrl: database.url, redisUrl: inject('redisUrl') };
  newer = await startNode(options);
  older = await startNode({ ...options, main: path.join(folder, 'dist/main.js') });
  people = await signUpAll(newer, 'ada', 'bob');
  roomId = await people.ada.createRoom('the bridge');
  await people.bob.join(roomId);
}, 240_000);

afterAll(async () => {
  await Promise.all([newer?.stop(), older?.stop()]);
  await database?.drop();
  if (folder) rmSync(folder, { recursive: true });
});

/** A message, a change of it that the older node does not know, and a message. */
async function write(): Promise<number> {
  const { message, roomSeq } = await people.ada.say(roomId, 'one');
  await people.ada.change('addReaction', { messageId: message.id, emoji: '👍' });
  await people.ada.say(roomId, 'two');
  return roomSeq;
}

const numbered = (items: readonly { __typename: string; roomSeq?: number }[]) =>
  items.map(({ __typename, roomSeq }) => [__typename, roomSeq]);

test('clients of the older node stay connected, and get the number of an event that it does not know', async () => {
  const feed = await people.bob.via(older).watch(roomId);
  const { cursor } = await feed.next('StreamReady');
  const first = await write();
  expect(numbered(await feed.events(3))).toEqual([
    ['MessageCreated', first],
    ['EventUnavailable', first + 1],
    ['MessageCreated', first + 2],
  ]);
  expect(feed.closed).toBeNull();
  feed.close();

  const pages = await people.bob
    .via(older)
    .ask(
      'query ($id: ID!, $after: String) { room(id: $id) { events(after: $after) { nodes { __typename roomSeq } } } }',
      { id: roomId, after: cursor },
    );
  expect(numbered(pages.data.room.events.nodes)).toEqual([
    ['MessageCreated', first],
    ['EventUnavailable', first + 1],
    ['MessageCreated', first + 2],
  ]);

  // The same position at the newer node: nothing of it is lost.
  const resumed = await people.bob.watch(roomId, cursor);
  expect(numbered(await resumed.events(3))).toEqual([
    ['MessageCreated', first],
    ['ReactionsChanged', first + 1],
    ['MessageCreated', first + 2],
  ]);
  resumed.close();
});

test('a client of the older node has what a fresh snapshot has, after every such event', async () => {
  const follower = await Follower.ofInbox(people.bob.via(older));
  await write();
  const { rooms } = await inboxSnapshot(people.bob);
  const head = rooms[0]?.lastRoomSeq;
  await follower.reaches(
    (state) => state.rooms[roomId]?.lastRoomSeq === head,
    () => `room ${roomId} at ${head}`,
  );
  const reactionsOf = (messages: readonly { id: string; reactions?: readonly object[] }[]) =>
    Object.fromEntries(messages.map(({ id, reactions }) => [id, reactions]));
  const held = Object.values(follower.state.rooms[roomId]?.messages ?? {});
  expect(reactionsOf(held)).toEqual(reactionsOf(rooms[0]?.messages?.nodes ?? []));
  expect(follower.counts).toMatchObject({ fetches: 1, resyncs: 0 });
  await follower.cut();
});
