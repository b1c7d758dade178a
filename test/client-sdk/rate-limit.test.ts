import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// A client that asks for more than its user may use waits as long as the server says.

let stage: Stage;
setStage(
  (ready) => {
    stage = ready;
  },
  'stop',
  { COST_BURST: '12000', COST_PER_SECOND: '1000' },
);

test('pages that cost more than the burst are all read', async () => {
  const ann = await signUp(stage.node, 'ann');
  const roomId = await ann.createRoom(`rate limit ${randomUUID()}`);
  await ann.say(roomId, 'hello');
  const device = await new Device(stage.node.url).signIn(ann);
  const PAGES = 4;
  for (let page = 0; page < PAGES; page++) await device.client.room(roomId).jump({ seq: 1 }, 100);
  expect(device.texts(roomId)).toEqual(['hello']);
  const requests = device.operations.filter((name) => name === 'Timeline');
  expect(requests.length).toBeGreaterThan(PAGES);
  await device.client.close();
});
