import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUp } from '../harness/people.ts';
import { PASSWORD } from '../harness/sdk.ts';

// Disappearing messages in the demo.

const ROOM = 'A place to forget things';

let database: TestDatabase;
let node: TestNode;
let browser: Browser;
let ada: Person;
let roomId: string;
let page: Page;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url, env: { DEMO: 'true' } });
  ada = await signUp(node, 'ada');
  roomId = await ada.createRoom(ROOM);
  await ada.say(roomId, 'this stays');
  browser = await launchBrowser();
  page = await (await browser.newContext({ viewport: { width: 1360, height: 820 } })).newPage();
  await page.goto(new URL('/', node.url).href);
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
  await page.getByLabel('Username or e-mail address').fill(ada.username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: new RegExp(ROOM) }).click();
  await messageIn('this stays').waitFor();
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
  await database?.drop();
});

const messageIn = (text: string) => page.locator('.messages .message', { hasText: text });

async function send(text: string): Promise<void> {
  await page.getByLabel('Write a message').fill(text);
  await page.getByLabel('Write a message').press('Enter');
}

test('a member sets how long messages last, and a message says when it disappears', async () => {
  await page.getByRole('button', { name: 'Room settings' }).click();
  const lifetime = page.getByLabel('Lifetime of messages');
  expect(await lifetime.inputValue()).toBe('');
  await lifetime.selectOption('1 hour');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await send('this is gone in an hour');
  await messageIn('this is gone in an hour')
    .getByText(/^Disappears /)
    .waitFor({ state: 'attached' });
  expect(
    await messageIn('this stays')
      .getByText(/^Disappears /)
      .count(),
  ).toBe(0);
});

test('a message disappears when its time is over, also without a connection', async () => {
  await ada.change('updateRoom', { roomId, messageLifetimeSeconds: 12 });
  await send('for a moment');
  await messageIn('for a moment')
    .getByText(/^Disappears /)
    .waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Cut the connection' }).click();
  await messageIn('for a moment').waitFor({ state: 'detached' });
  expect(await messageIn('This message was deleted.').count()).toBe(1);
  expect(await page.getByRole('link', { name: new RegExp(ROOM) }).textContent()).not.toContain(
    'for a moment',
  );
  await page.getByRole('button', { name: 'Reconnect' }).first().click();
  await messageIn('this is gone in an hour').waitFor();
  expect(await messageIn('This message was deleted.').count()).toBe(1);
});
