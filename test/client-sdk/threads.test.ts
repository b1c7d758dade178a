import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../packages/client/src/index.ts';
import { type OpenThread, type ThreadList, Threads } from '../../packages/client/src/threads.ts';
import { type Link, openLink } from '../harness/link.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// Threads, as a client shows and sends them.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

let link: Link;
let ann: Person;
let ben: Person;
let roomId: string;
let rootId: string;
const closing: (() => unknown)[] = [];

beforeEach(async () => {
  link = await openLink(stage.node.url);
  [ann, ben] = await Promise.all([signUp(stage.node, 'ann'), signUp(stage.node, 'ben')]);
  roomId = await ann.createRoom(`threads ${randomUUID()}`);
  await ben.join(roomId);
  rootId = (await ann.say(roomId, 'root')).message.id;
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  link.close();
});

async function deviceOf(person: Person): Promise<{ device: Device; threads: Threads }> {
  const device = new Device(link.url);
  closing.push(() => device.client.close());
  const threads = new Threads(device.client);
  closing.push(() => threads.close());
  await device.signIn(person);
  return { device, threads };
}

const reply = (person: Person, text: string, more: object = {}) =>
  person.change(
    'sendMessage',
    { roomId, text, threadRootId: rootId, idempotencyKey: randomUUID(), ...more },
    'message { id } roomSeq',
  );

const textsIn = (open: OpenThread) => open.view.getSnapshot().replies.map(({ text }) => text);
const shows = (open: OpenThread, texts: readonly string[]) =>
  until(open.view, () => textsIn(open).join() === texts.join());

test('a summary follows replies, and what the viewer does on another device', async () => {
  const [one, two] = [await deviceOf(ann), await deviceOf(ann)];
  for (const { threads } of [one, two]) threads.show([rootId]);
  const [here, there] = [one.threads.of(rootId), two.threads.of(rootId)];
  await reply(ben, 'first');
  for (const summary of [here, there])
    await until(summary, (thread) => thread?.replyCount === 1 && thread.viewerUnreadCount === 1);
  const open = one.threads.open(roomId, rootId);
  await shows(open, ['first']);
  open.markRead();
  await until(there, (thread) => thread?.viewerUnreadCount === 0);
  await one.threads.setFollowing(here.getSnapshot()?.id ?? '', false);
  await until(there, (thread) => thread?.viewerIsFollowing === false);
});

test('an open thread has its replies in order, and the room has none of them', async () => {
  await reply(ben, 'first');
  const { device, threads } = await deviceOf(ann);
  const open = threads.open(roomId, rootId);
  await shows(open, ['first']);
  expect(open.view.getSnapshot().root?.text).toBe('root');
  const second = await reply(ben, 'second', {});
  await reply(ben, 'both', { alsoSendToRoom: true });
  await shows(open, ['first', 'second', 'both']);
  expect(second.roomSeq).toBeGreaterThan(0);
  await until(device.client.room(roomId).messages, (all) => all.at(-1)?.text === 'both');
  expect(device.texts(roomId)).toEqual(['root', 'both']);
});

test('polls in a thread show votes, also that of a message without replies', async () => {
  const input = { roomId, question: 'Where?', options: ['here', 'there'] };
  const create = async (more: object = {}): Promise<string> =>
    (await ben.change('createPoll', { ...input, ...more, idempotencyKey: randomUUID() }, 'message { id }'))
      .message.id;
  const [alone, replied] = [await create(), await create({ threadRootId: rootId })];
  const { threads } = await deviceOf(ann);
  const [root, thread] = [threads.open(roomId, alone), threads.open(roomId, rootId)];
  await until(root.view, (view) => view.root?.poll != null);
  await until(thread.view, ({ replies }) => replies[0]?.poll != null);
  for (const messageId of [alone, replied]) {
    const option = messageId.replace('msg', 'option');
    await ann.change('votePoll', { messageId, optionIds: [`${option}_2`] });
  }
  await until(root.view, (view) => view.root?.poll?.voterCount === 1);
  await until(thread.view, ({ replies }) => replies[0]?.poll?.viewerVotes?.length === 1);
  expect(thread.view.getSnapshot().replies[0]?.poll?.options.map(({ count }) => count)).toEqual([0, 1]);
});

const idOf = async (sent: Promise<{ message: { id: string } }>) => (await sent).message.id;

test('replies follow their edits, reactions, pins and deletions, also those that were missed', async () => {
  const [first, second, last] = [
    await idOf(reply(ben, 'first')),
    await idOf(reply(ben, 'second')),
    await idOf(reply(ben, 'last')),
  ];
  await ben.change('sendMessage', {
    roomId,
    text: 'quoting',
    replyToId: first,
    threadRootId: rootId,
    idempotencyKey: randomUUID(),
  });
  const { device, threads } = await deviceOf(ann);
  const open = threads.open(roomId, rootId);
  await shows(open, ['first', 'second', 'last', 'quoting']);
  const replyTo = () => open.view.getSnapshot().replies.at(-1)?.replyTo?.text;
  expect(replyTo()).toBe('first');

  await device.client.room(roomId).react(second, '👍');
  await until(open.view, ({ replies }) => replies[1]?.reactions[0]?.count === 1);
  await ben.change('addReaction', { messageId: second, emoji: '👍' });
  await until(open.view, ({ replies }) => replies[1]?.reactions[0]?.count === 2);
  expect(open.view.getSnapshot().replies[1]?.reactions[0]?.viewerHasReacted).toBe(true);
  await until(device.client.source, ({ reactions }) => Object.keys(reactions).length === 0);

  await device.client.close();
  threads.close();
  await ben.change('editMessage', { messageId: first, text: 'better' });
  await ben.change('deleteMessage', { messageId: last });
  await device.restart();
  const again = new Threads(device.client);
  closing.push(() => again.close());
  const reopened = again.open(roomId, rootId);
  await until(reopened.view, ({ replies }) => replies.length === 4);
  link.cut();
  await ann.change('editMessage', { messageId: rootId, text: 'new root' });
  await ann.change('pinMessage', { messageId: second });
  await ann.change('removeReaction', { messageId: second, emoji: '👍' });
  await until(reopened.view, ({ root, replies }) =>
    Boolean(root?.text === 'new root' && replies[1]?.isPinned && replies[1].reactions[0]?.count === 1),
  );
  const { replies } = reopened.view.getSnapshot();
  expect(replies.map(({ text, isOwn }) => [text, isOwn])).toEqual([
    ['better', false],
    ['second', false],
    [null, false],
    ['quoting', false],
  ]);
  expect(replies[1]?.reactions[0]?.viewerHasReacted).toBe(false);
  expect(replies[3]?.replyTo?.text).toBe('better');
});

test('a reply quotes another one, and a quoted message follows its edits', async () => {
  const first = await idOf(reply(ben, 'first'));
  const { threads } = await deviceOf(ann);
  const open = threads.open(roomId, rootId);
  await shows(open, ['first']);
  const release = link.holdAnswers();
  await open.send('why?', { replyToId: first });
  await until(open.view, ({ pending }) => pending[0]?.replyTo?.text === 'first');
  release();
  await shows(open, ['first', 'why?']);
  await ben.change('editMessage', { messageId: first, text: 'because' });
  await until(open.view, ({ replies }) => replies[1]?.replyTo?.text === 'because');
});

test('older replies are loaded page by page', async () => {
  const texts = Array.from({ length: 60 }, (_, i) => `${i}`);
  const ids: string[] = [];
  for (const text of texts) ids.push(await idOf(reply(ben, text)));
  const second = ids[1] ?? '';
  const { threads } = await deviceOf(ann);
  const open = threads.open(roomId, rootId);
  await until(open.view, ({ hasOlder }) => hasOlder);
  expect(textsIn(open)).toEqual(texts.slice(10));
  await ben.change('editMessage', { messageId: second, text: 'changed' });
  await reply(ben, 'new');
  await shows(open, [...texts.slice(10), 'new']);
  await until(open.view, ({ isLoading }) => !isLoading);
  expect(await open.loadUntil(second)).toBe(true);
  expect(textsIn(open)).toEqual([texts[0], 'changed', ...texts.slice(2), 'new']);
  expect(open.view.getSnapshot().hasOlder).toBe(false);
  expect(await open.loadUntil('nowhere')).toBe(false);
});

test('a reply that is sent without a connection arrives once', async () => {
  const { threads } = await deviceOf(ann);
  const open = threads.open(roomId, rootId);
  await until(open.view, ({ root }) => root !== null);
  const release = link.holdAnswers();
  await open.send('kept');
  await until(open.view, ({ pending }) => pending.length === 1);
  release();
  link.cut();
  await shows(open, ['kept']);
  expect(open.view.getSnapshot().pending).toEqual([]);
  await reply(ben, 'answer');
  await shows(open, ['kept', 'answer']);
});

test('a reply that is not sent yet survives a restart, and is not in the room', async () => {
  const { device, threads } = await deviceOf(ann);
  const open = threads.open(roomId, rootId);
  await until(open.view, ({ root }) => root !== null);
  link.lead('http://127.0.0.1:1');
  link.cut();
  await open.send('kept');
  expect(device.texts(roomId)).toEqual(['root']);
  threads.close();
  await device.restart();
  const again = new Threads(device.client);
  closing.push(() => again.close());
  link.lead(stage.node.url);
  const reopened = again.open(roomId, rootId);
  await device.client.reconnect();
  await shows(reopened, ['kept']);
  await until(device.client.outbox, (waiting) => waiting.length === 0);
});

test('a refused reply waits for the user', async () => {
  const { device, threads } = await deviceOf(ann);
  const open = threads.open(roomId, rootId);
  await until(open.view, ({ root }) => root !== null);
  const key = await open.send(' ');
  const { pending } = await until(open.view, (view) => Boolean(view.pending[0]?.error));
  expect(pending).toMatchObject([{ key, error: { code: 'VALIDATION' } }]);
  await device.client.discard(key);
  await until(open.view, (view) => view.pending.length === 0);
});

const rootsIn = (list: ThreadList) => list.view.getSnapshot().threads.map(({ root }) => root.text);
const lists = (list: ThreadList, roots: readonly string[]) =>
  until(list.view, ({ isLoading }) => !isLoading && rootsIn(list).join() === roots.join());

test('lists of threads follow replies, marks, titles, roots, and the loss of a room', async () => {
  const { threads } = await deviceOf(ann);
  const [mine, unread, all] = [threads.mine(), threads.mine('UNREAD'), threads.mine('ALL')];
  const newest = threads.inRoom(roomId, 'NEWEST');
  await lists(mine, []);
  const other = (await ann.say(roomId, 'other')).message.id;
  await reply(ben, 'to the root');
  await reply(ben, 'to the other', { threadRootId: other });
  for (const list of [mine, unread, all, newest]) await lists(list, ['other', 'root']);
  await reply(ben, 'again');
  for (const list of [mine, unread]) await lists(list, ['root', 'other']);
  await lists(newest, ['other', 'root']);

  const open = threads.open(roomId, rootId);
  await shows(open, ['to the root', 'again']);
  open.markRead();
  await lists(unread, ['other']);
  expect(mine.view.getSnapshot().threads[0]?.viewerUnreadCount).toBe(0);
  const [first] = mine.view.getSnapshot().threads;
  await threads.rename(first?.id ?? '', 'Lunch');
  await ann.change('editMessage', { messageId: rootId, text: 'changed' });
  await until(
    mine.view,
    (view) => view.threads[0]?.title === 'Lunch' && view.threads[0].root.text === 'changed',
  );
  await threads.setFollowing(first?.id ?? '', false);
  await lists(mine, ['other']);
  await lists(all, ['changed', 'other']);

  await ann.change('changeMemberRole', { roomId, userId: ben.userId, role: 'OWNER' });
  await ann.change('leaveRoom', { roomId });
  for (const list of [mine, unread, all]) await lists(list, []);
});

test('a list is loaded page by page, and new replies come on top', async () => {
  const texts = Array.from({ length: 32 }, (_, i) => `${i}`);
  const begin = async (text: string) =>
    reply(ben, 'reply', { threadRootId: (await ben.say(roomId, text)).message.id });
  for (const text of texts) await begin(text);
  const { threads } = await deviceOf(ann);
  const list = threads.inRoom(roomId);
  const newestFirst = [...texts].reverse();
  await lists(list, newestFirst.slice(0, 30));
  expect(list.view.getSnapshot().hasMore).toBe(true);
  await reply(ben, 'reply');
  await lists(list, ['root', ...newestFirst.slice(0, 30)]);
  await list.loadMore();
  await lists(list, ['root', ...newestFirst]);
  expect(list.view.getSnapshot().hasMore).toBe(false);
});
