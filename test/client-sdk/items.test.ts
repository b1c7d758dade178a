import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StreamItem } from '../../packages/client/src/index.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';

// The items that `onItem` passes to an application.

let database: TestDatabase;
let node: TestNode;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url });
});

afterAll(async () => {
  await node.stop();
  await database.drop();
});

test('every item of the stream, in its order, before it shows', async () => {
  const ada = await signUp(node);
  const roomId = await ada.createRoom('engine room');
  const told: { kind: string; seq: number | null; shown: number }[] = [];
  const onItem = (item: StreamItem) => {
    if (!('roomSeq' in item)) return;
    told.push({ kind: item.__typename, seq: item.roomSeq, shown: device.texts(roomId).length });
  };
  const device = new Device(node.url, { onItem });
  await device.signIn(ada);
  // One after the other: items that arrive together are shown together.
  for (const text of ['one', 'two', 'three']) {
    await ada.say(roomId, text);
    await expect.poll(() => device.texts(roomId)).toContain(text);
  }
  expect(device.texts(roomId)).toEqual(['one', 'two', 'three']);
  const first = told[0]?.seq ?? 0;
  expect(told).toEqual([0, 1, 2].map((i) => ({ kind: 'MessageCreated', seq: first + i, shown: i })));
  await device.client.close();
});
