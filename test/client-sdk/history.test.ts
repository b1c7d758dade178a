import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../packages/client/src/index.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// A room shows its newest messages, or a part of its timeline; pages are added at both ends.

let stage: Stage;
setStage(
  (ready) => {
    stage = ready;
  },
  'stop',
  { POSTS_PER_SECOND: '10000', POSTS_BURST: '10000' },
);

const COUNT = 120;
let ann: Person;
let roomId: string;
let device: Device;

beforeEach(async () => {
  ann = await signUp(stage.node, 'ann');
  roomId = await ann.createRoom(`history ${randomUUID()}`);
  for (let first = 1; first <= COUNT; first += 10) await sayTen(first);
  device = await new Device(stage.node.url).signIn(ann);
});
afterEach(() => device.client.close());

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);
/** In one request, in this order. */
async function sayTen(first: number): Promise<void> {
  const fields = numbered(first, first + 9).map(
    (text) =>
      `m${text}: sendMessage(input: { roomId: "${roomId}", text: "${text}", idempotencyKey: "${text}" }) { __typename }`,
  );
  await ann.ask(`mutation { ${fields.join(' ')} }`);
}

const room = () => device.client.room(roomId);
const history = () => room().history.getSnapshot();

test('older pages, to the beginning', async () => {
  expect(device.texts(roomId)).toEqual(numbered(101, 120));
  expect(history()).toEqual({ hasOlder: true, hasNewer: false, loading: null });
  const reading = room().loadOlder(50);
  await until(room().history, ({ loading }) => loading === 'older');
  // A second request for the same page is none.
  await room().loadOlder(50);
  await reading;
  expect(device.texts(roomId)).toEqual(numbered(51, 120));
  await room().loadOlder();
  await room().loadOlder();
  expect(device.texts(roomId)).toEqual(numbered(1, 120));
  expect(history().hasOlder).toBe(false);
  expect(device.operations.filter((name) => name === 'Timeline')).toHaveLength(2);
  await ann.say(roomId, '121');
  await device.shows(roomId, numbered(1, 121));
});

test('around a message, then on in both directions until it meets the newest', async () => {
  await room().jump({ seq: 40 }, 10);
  expect(device.texts(roomId)).toEqual(numbered(35, 44));
  expect(history()).toEqual({ hasOlder: true, hasNewer: true, loading: null });
  await ann.say(roomId, '121');
  await until(room().info, (info) => info?.lastMessageSeq === 121);
  expect(device.texts(roomId)).toEqual(numbered(35, 44));
  await room().loadOlder(5);
  await room().loadNewer(30);
  expect(device.texts(roomId)).toEqual(numbered(30, 74));
  await room().loadNewer(30);
  expect(device.texts(roomId)).toEqual(numbered(30, 121));
  expect(history().hasNewer).toBe(false);
});

test('the newest again, from anywhere', async () => {
  await room().jump({ seq: 1 }, 10);
  expect(device.texts(roomId)).toEqual(numbered(1, 5));
  await room().showLatest();
  expect(device.texts(roomId)).toEqual(numbered(101, 120));
});

test('what was read stays right: edits and deletions arrive there, also while it is being read', async () => {
  await room().jump({ seq: 40 }, 10);
  const [first, second] = room().messages.getSnapshot();
  await room().edit(first?.id ?? '', 'edited', 1);
  await until(room().messages, ([message]) => message?.text === 'edited');
  await room().delete(second?.id ?? '');
  await until(room().messages, ([, message]) => message?.deletedAt !== null);
  const { data } = await ann.ask(
    `{ room(id: "${roomId}") { messages(around: { seq: 90 }, first: 1) { nodes { id } } } }`,
  );
  const reading = room().jump({ seq: 90 }, 4);
  await ann.change('editMessage', { messageId: data.room.messages.nodes[0].id, text: 'meanwhile' });
  await reading;
  await until(room().messages, (all) => all.some(({ text }) => text === 'meanwhile'));
  expect(device.texts(roomId)).toEqual(['88', '89', 'meanwhile', '91']);
});

test('all members, and those who leave meanwhile', async () => {
  const others = await Promise.all(numbered(1, 30).map((n) => signUp(stage.node, `member${n}`)));
  for (const other of others) await other.join(roomId);
  const fresh = await new Device(stage.node.url).signIn(ann);
  const { members } = fresh.client.room(roomId);
  expect(members.getSnapshot()).toHaveLength(20);
  await Promise.all([fresh.client.room(roomId).loadMembers(), others[29]?.change('leaveRoom', { roomId })]);
  await until(members, (all) => all.length === 30);
  expect(members.getSnapshot().map(({ user }) => user.displayName)).not.toContain('member30');
  await fresh.client.close();
});
