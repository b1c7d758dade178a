import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from './browser.ts';
import { createDatabase, type TestDatabase } from './database.ts';
import { type Example, openExample } from './example.ts';
import { type Link, openLink } from './link.ts';
import { startNode, type TestNode } from './node.ts';
import { type Person, signUp } from './people.ts';
import { PASSWORD } from './sdk.ts';

/** Building needs the registry, and both processors of a small machine. */
const BUILD_PATIENCE_MS = 300_000;

const NEWEST = 'query ($id: ID!) { room(id: $id) { messages(last: 1) { nodes { id } } } }';

/**
 * What every example has to do: show messages in order, send, and miss or repeat nothing when the server is killed or the
 * page is reloaded. All of them have the same labels.
 */
export function testExample(name: string): void {
  let database: TestDatabase;
  let example: Example;
  let browser: Browser;
  let node: TestNode;
  let link: Link;
  let ann: Person;
  let ben: Person;
  let roomId: string;
  let page: Page;
  /** The messages on screen when the server came back. */
  const before: string[] = [];
  const problems: string[] = [];

  const start = () =>
    startNode({ databaseUrl: database.url, env: { CORS_ORIGINS: example.origin, HEARTBEAT_SECONDS: '2' } });
  const texts = () => page.locator('main li span').allInnerTexts();
  const shows = (...expected: string[]) => expect.poll(texts).toEqual(expected);
  const status = () => page.getByRole('status').getAttribute('data-status');

  const newestIdOf = async (person: Person): Promise<string> =>
    (await person.ask(NEWEST, { id: roomId })).data.room.messages.nodes[0].id;

  async function write(text: string): Promise<void> {
    await page.getByLabel('Message').fill(text);
    await page.keyboard.press('Enter');
  }

  beforeAll(async () => {
    [database, example, browser] = await Promise.all([createDatabase(), openExample(name), launchBrowser()]);
    node = await start();
    link = await openLink(node.url);
    [ann, ben] = await Promise.all([signUp(node, 'ann'), signUp(node, 'ben')]);
    roomId = await ann.createRoom(`example ${randomUUID()}`);
    await ben.join(roomId);
    page = await browser.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${example.origin}?server=${new URL(link.url).origin}`);
  }, BUILD_PATIENCE_MS);

  afterAll(async () => {
    await browser?.close();
    link?.close();
    await example?.close();
    await node?.stop();
    await database?.drop();
  });

  test('messages come and go', async () => {
    await page.getByLabel('Username').fill(ann.username);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await expect.poll(status).toBe('live');
    await ben.say(roomId, 'one');
    await shows('one');
    await write('two');
    await shows('one', 'two');
    await ben.say(roomId, 'three');
    await shows('one', 'two', 'three');
    const messageId = await newestIdOf(ben);
    await ben.change('editMessage', { messageId, text: 'three, edited' });
    await shows('one', 'two', 'three, edited');
    await ben.change('deleteMessage', { messageId });
    await shows('one', 'two', '');
  });

  test('the server is killed and comes back: nothing is lost or repeated', async () => {
    await node.kill();
    await expect.poll(status).not.toBe('live');
    node = await start();
    const missed = Array.from({ length: 30 }, (_, i) => `missed ${i}`);
    for (const text of missed) await ben.via(node).say(roomId, text);
    link.lead(node.url);
    // The event of a browser when the network is back: the client need not wait for its next attempt.
    await page.evaluate(() => dispatchEvent(new Event('online')));
    before.push('one', 'two', '', ...missed);
    await shows(...before);
    await expect.poll(status).toBe('live');
    await write('after');
    before.push('after');
    await shows(...before);
  });

  test('a page that is opened again goes on where it stopped', async () => {
    const address = page.url();
    await page.goto('about:blank');
    await ben.via(node).say(roomId, 'while it was closed');
    await page.goto(address);
    await shows(...before, 'while it was closed');
    await expect.poll(status).toBe('live');
    await ben.via(node).say(roomId, 'last');
    await shows(...before, 'while it was closed', 'last');
    expect(problems).toEqual([]);
  });
}
