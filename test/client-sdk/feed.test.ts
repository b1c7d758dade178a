import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { type Cache, feed, messageRecord } from '../../packages/client/src/feed.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// Writes into the cache of another GraphQL client.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

const devices: Device[] = [];
afterEach(async () => {
  await Promise.all(devices.splice(0).map(({ client }) => client.close()));
});

async function deviceOf(person: Person): Promise<Device> {
  const device = new Device(stage.node.url);
  devices.push(device);
  return device.signIn(person);
}

/** A cache that records all writes for one room. */
function notes(roomId: string): { cache: Cache; told: string[] } {
  const told: string[] = [];
  const cache: Cache = {
    write(room, changed, timeline) {
      if (room.id !== roomId || changed.length === 0) return;
      told.push(`${changed.map(({ text }) => text ?? '-').join()} of ${timeline.length}`);
    },
    remove: (id) => {
      if (id === roomId) told.push('removed');
    },
  };
  return { cache, told };
}

test('a cache is told what changed, and again what a response may have made older', async () => {
  const [ann, ben] = await Promise.all([signUp(stage.node, 'ann'), signUp(stage.node, 'ben')]);
  const roomId = await ann.createRoom(`feed ${randomUUID()}`);
  await ben.join(roomId);
  await ann.say(roomId, 'one');
  const { client } = await deviceOf(ben);
  const { cache, told } = notes(roomId);
  const { refresh, stop } = feed(client, cache);
  expect(told).toEqual(['one of 1']);
  await ann.say(roomId, 'two');
  await expect.poll(() => told).toEqual(['one of 1', 'two of 2']);
  const [first, second] = client.room(roomId).messages.getSnapshot();
  await ann.change('editMessage', { messageId: first?.id, text: 'ONE' });
  await expect.poll(() => told.at(-1)).toBe('ONE of 2');
  refresh({ node: { id: second?.id } });
  expect(told.at(-1)).toBe('ONE,two of 2');
  refresh({ node: { id: 'another' } });
  expect(told).toHaveLength(4);
  await client.room(roomId).leave();
  await expect.poll(() => told.at(-1)).toBe('removed');
  stop();
});

test('messages that wait to be sent are not told of', async () => {
  const ann = await signUp(stage.node, 'ann');
  const roomId = await ann.createRoom(`feed ${randomUUID()}`);
  const device = await deviceOf(ann);
  const { cache, told } = notes(roomId);
  const { stop } = feed(device.client, cache);
  await device.client.room(roomId).send('x'.repeat(5_001));
  await device.client.room(roomId).send('stored');
  await expect.poll(() => told).toEqual(['stored of 1']);
  stop();
});

test('records have the names of the API', async () => {
  const ann = await signUp(stage.node, 'ann');
  const roomId = await ann.createRoom(`feed ${randomUUID()}`);
  const { message } = await ann.say(roomId, 'one');
  await ann.say(roomId, 'two', { replyToId: message.id });
  const device = await deviceOf(ann);
  const seen: unknown[] = [];
  const { stop } = feed(device.client, {
    write: (_, changed) => seen.push(...changed.map(messageRecord)),
    remove: () => undefined,
  });
  expect(seen).toMatchObject([
    { __typename: 'Message', seq: 1, text: 'one', author: { __typename: 'User', username: ann.username } },
    { __typename: 'Message', seq: 2, reactions: [], replyTo: { __typename: 'Message', id: message.id } },
  ]);
  stop();
});
