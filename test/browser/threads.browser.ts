import { randomUUID } from 'node:crypto';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUp } from '../harness/people.ts';
import { PASSWORD } from '../harness/sdk.ts';

// Threads in the demo, on two devices of one user.

const SHOTS = process.env['DEMO_SHOTS'];

let database: TestDatabase;
let node: TestNode;
let browser: Browser;
let ada: Person;
let bob: Person;
let roomId: string;
let rootId: string;
let questionId: string;
let desktop: Page;
let phone: Page;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url, env: { DEMO: 'true' } });
  [ada, bob] = [await signUp(node, 'ada'), await signUp(node, 'bob')];
  roomId = await ada.createRoom('A place with threads');
  await bob.join(roomId);
  rootId = (await ada.say(roomId, 'What shall we eat?')).message.id;
  browser = await launchBrowser();
  desktop = await openAs(ada, { width: 1360, height: 820 });
  phone = await openAs(ada, { width: 390, height: 780 });
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
  await database?.drop();
});

async function openAs({ username }: Person, viewport: { width: number; height: number }): Promise<Page> {
  const page = await (await browser.newContext({ viewport })).newPage();
  await page.goto(new URL('/', node.url).href);
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
  await page.getByLabel('Username or e-mail address').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: /A place with threads/ }).click();
  await page.locator('#messages').getByText('What shall we eat?').waitFor();
  return page;
}

const answer = (text: string, threadRootId = rootId) =>
  bob.change('sendMessage', { roomId, text, threadRootId, idempotencyKey: randomUUID() });
const summaryOf = (page: Page) => page.locator('.thread-summary');
const paneOf = (page: Page) => page.getByRole('complementary', { name: 'Thread' });

async function picture(page: Page, name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

test('a message has its replies below it in one line, with what is unread', async () => {
  await answer('Soup.');
  await answer('Or bread.');
  for (const page of [desktop, phone]) {
    await expect.poll(() => summaryOf(page).innerText()).toMatch(/2 replies/);
    await expect.poll(() => summaryOf(page).locator('.badge [aria-hidden]').innerText()).toBe('2');
    expect(await page.locator('#messages').getByText('Soup.').count()).toBe(0);
  }
});

test('the pane shows them, sends replies, and marks them as read on all devices', async () => {
  await summaryOf(desktop).click();
  await paneOf(desktop).getByText('Or bread.').waitFor();
  await expect.poll(() => summaryOf(phone).locator('.badge').count()).toBe(0);
  await paneOf(desktop).getByLabel('Write a reply').fill('Both!');
  await paneOf(desktop).getByLabel('Write a reply').press('Enter');
  await expect.poll(() => summaryOf(phone).innerText()).toMatch(/3 replies/);
  await expectAccessible(desktop);
  await picture(desktop, 'thread-desktop');
});

test('a reply can also be sent to the room', async () => {
  await paneOf(desktop).getByLabel('Also send to the room').check();
  await paneOf(desktop).getByLabel('Write a reply').fill('At noon.');
  await paneOf(desktop).getByLabel('Write a reply').press('Enter');
  await phone.locator('#messages').getByText('At noon.').waitFor();
  await paneOf(desktop).getByText('Also sent to the room').waitFor();
});

test('a reply can be a poll', async () => {
  const [pane, dialog] = [paneOf(desktop), desktop.getByRole('dialog')];
  await pane.getByRole('button', { name: 'New poll' }).click();
  await dialog.getByLabel('Question').press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await pane.getByRole('button', { name: 'New poll' }).click();
  await dialog.getByLabel('Question').fill('Salt?');
  await dialog.getByLabel('Option 1').fill('Much');
  await dialog.getByLabel('Option 2').fill('Little');
  await dialog.getByRole('button', { name: 'Create poll' }).click();
  const option = pane.getByRole('button', { name: /^Much/ });
  await option.click();
  await expect.poll(() => option.getAttribute('aria-pressed')).toBe('true');
  await expect.poll(() => option.innerText()).toMatch(/1 vote/);
});

test('replies are quoted, reacted to, edited, pinned and deleted, and both windows agree', async () => {
  await summaryOf(phone).first().click();
  const [here, there] = [paneOf(desktop), paneOf(phone)];
  const replyIn = (pane: Locator, text: string) => pane.locator('.message', { hasText: text });
  const act = async (text: string, name: string) => {
    await replyIn(here, text).focus();
    await replyIn(here, text).getByRole('button', { name, exact: true }).click();
  };
  await act('Both!', 'React');
  await here.getByRole('toolbar').getByText('👍').click();
  await replyIn(there, 'Both!')
    .getByRole('button', { name: '👍 1 reaction, one of them is yours' })
    .waitFor();
  await act('Soup.', 'Reply');
  await here.getByLabel('Write a reply').fill('With what?');
  await here.getByLabel('Write a reply').press('Enter');
  const quote = replyIn(there, 'With what?').locator('.quote');
  await expect.poll(() => quote.innerText()).toMatch(/Soup\./);
  await act('With what?', 'Edit');
  await here.getByLabel('Edit message').fill('With cheese?');
  await here.getByLabel('Edit message').press('Enter');
  await replyIn(there, 'With cheese?').getByText('edited').waitFor();
  await act('Or bread.', 'Pin message');
  await replyIn(there, 'Or bread.').locator('.pinned-mark').waitFor();
  await picture(desktop, 'thread-replies-desktop');
  await act('At noon.', 'Delete');
  await desktop.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await there.getByText('This message was deleted.').waitFor();
  await replyIn(there, 'With cheese?').locator('.quote').click();
  await there.locator('.message.marked', { hasText: 'Soup.' }).waitFor();
  for (const page of [desktop, phone]) await expectAccessible(page);
  await picture(phone, 'thread-replies-phone');
  await there.getByRole('button', { name: 'Close', exact: true }).click();
});

test('who no longer follows a thread sees no number', async () => {
  await paneOf(desktop).getByRole('button', { name: 'Follow thread' }).click();
  await expect
    .poll(() => paneOf(desktop).getByRole('button', { name: 'Follow thread' }).getAttribute('aria-pressed'))
    .toBe('false');
  await paneOf(desktop).getByRole('button', { name: 'Close', exact: true }).click();
  await answer('Fine.');
  await expect.poll(() => summaryOf(phone).first().innerText()).toMatch(/6 replies/);
  expect(await summaryOf(phone).locator('.badge').count()).toBe(0);
});

test('on a phone it is in place of the room, and begins from a message', async () => {
  questionId = (await bob.say(roomId, 'Another question')).message.id;
  const message = phone.locator('.message', { hasText: 'Another question' });
  await message.focus();
  await message.getByRole('button', { name: 'Reply in a thread' }).click();
  await paneOf(phone).getByLabel('Write a reply').fill('An answer');
  await paneOf(phone).getByLabel('Write a reply').press('Enter');
  await expect.poll(() => message.locator('.thread-summary').innerText()).toMatch(/1 reply/);
  const box = await paneOf(phone).boundingBox();
  expect([box?.width, box?.height]).toEqual([390, 780]);
  await expectAccessible(phone);
  await picture(phone, 'thread-phone');
  await paneOf(phone).getByRole('button', { name: 'Close', exact: true }).click();
  await expect.poll(() => paneOf(phone).count()).toBe(0);
});

test('lists of threads lead to them, and a new title is in all windows', async () => {
  const entry = desktop.getByRole('navigation').getByRole('button', { name: /^Threads/ });
  await answer('My answer', questionId);
  await entry.getByText('1 thread with new replies').waitFor();
  await entry.click();
  const dialog = desktop.getByRole('dialog', { name: 'Threads' });
  await dialog.getByLabel('Show').selectOption('With new replies');
  await dialog.getByText('Another question').waitFor();
  await expectAccessible(desktop);
  await picture(desktop, 'thread-list-desktop');
  await dialog.getByText('Another question').click();
  await paneOf(desktop).getByText('My answer').waitFor();
  await expect.poll(() => entry.locator('.badge').count()).toBe(0);
  await paneOf(desktop).getByRole('button', { name: 'Rename thread' }).click();
  await paneOf(desktop).getByLabel('Title of the thread').fill('Lunch');
  await paneOf(desktop).getByLabel('Title of the thread').press('Enter');

  await picture(phone, 'room-phone');
  await phone.getByRole('button', { name: 'Threads of this room' }).click();
  await phone.getByRole('dialog').getByText('Lunch').waitFor();
  await expectAccessible(phone);
  await picture(phone, 'thread-list-phone');
  await phone.getByRole('dialog').getByText('Lunch').click();
  await paneOf(phone).getByRole('heading', { name: 'Lunch' }).waitFor();
  await paneOf(phone).getByRole('button', { name: 'Close', exact: true }).click();

  await desktop.getByRole('button', { name: 'Pinned messages' }).click();
  await desktop.getByRole('dialog').getByText('Or bread.').click();
  await paneOf(desktop).locator('.message.marked', { hasText: 'Or bread.' }).waitFor();
  await paneOf(desktop).getByRole('button', { name: 'Close', exact: true }).click();
});

test('what is written in one window is in the other, until it is sent', async () => {
  const composerOf = (page: Page) => page.getByLabel('Write a message');
  const replyOf = (page: Page) => paneOf(page).getByLabel('Write a reply');
  const link = desktop.getByRole('link', { name: /A place with threads/ });
  await composerOf(desktop).fill('I was thinking');
  await expect.poll(() => composerOf(phone).inputValue()).toBe('I was thinking');
  await expect.poll(() => link.innerText()).toContain('Draft: I was thinking');
  await composerOf(phone).fill('I was thinking of soup');
  await expect.poll(() => composerOf(desktop).inputValue()).toBe('I was thinking of soup');
  await expectAccessible(desktop);
  for (const page of [desktop, phone]) await summaryOf(page).first().click();
  await replyOf(desktop).fill('Not again');
  await expect.poll(() => replyOf(phone).inputValue()).toBe('Not again');
  await replyOf(phone).press('Enter');
  await expect.poll(() => replyOf(desktop).inputValue()).toBe('');
  await paneOf(desktop).getByText('Not again').waitFor();
  await paneOf(phone).getByRole('button', { name: 'Close', exact: true }).click();
  await phone.reload();
  await expect.poll(() => composerOf(phone).inputValue()).toBe('I was thinking of soup');
  await composerOf(phone).press('Enter');
  await desktop.locator('#messages').getByText('I was thinking of soup').waitFor();
  for (const page of [desktop, phone]) await expect.poll(() => composerOf(page).inputValue()).toBe('');
  await expect.poll(() => link.innerText()).not.toContain('Draft:');
});

test('a reply shows its place, is marked as unread, mentions a member, and disappears on time', async () => {
  const pane = paneOf(desktop);
  const location = { latitude: 52.52, longitude: 13.405 };
  const input = { roomId, text: 'Here it is', threadRootId: rootId, location, idempotencyKey: randomUUID() };
  await bob.change('sendMessage', input);
  const reply = pane.locator('.message', { hasText: 'Here it is' });
  await reply.getByRole('link', { name: '52.52000, 13.40500' }).waitFor();
  const badge = summaryOf(phone).first().locator('.badge');
  await expect.poll(() => badge.count()).toBe(0);
  await reply.hover();
  await reply.getByRole('button', { name: 'Mark as unread from here' }).click();
  await expect.poll(() => badge.locator('[aria-hidden]').innerText()).toBe('1');

  const field = pane.getByLabel('Write a reply');
  await field.fill('Thank you, @bo');
  await pane.getByRole('option', { name: new RegExp(bob.username) }).waitFor();
  await expectAccessible(desktop);
  await field.press('Enter');
  await expect.poll(() => field.inputValue()).toBe(`Thank you, @${bob.username} `);
  await pane.getByLabel('When this message disappears').selectOption('1 hour');
  await field.press('Enter');
  const thanks = pane.locator('.message', { hasText: 'Thank you' });
  await thanks.getByText(/^Disappears /).waitFor({ state: 'attached' });
  await thanks.locator('.mention').waitFor();
  expect(await pane.getByLabel('When this message disappears').inputValue()).toBe('');
  await picture(desktop, 'thread-parts-desktop');
});
