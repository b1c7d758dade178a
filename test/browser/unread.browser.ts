import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUp } from '../harness/people.ts';
import { PASSWORD } from '../harness/sdk.ts';

// Unread messages and receipts in the demo, on two devices of one user and one of another.

const SHOTS = process.env['DEMO_SHOTS'];
const QUIET = 'A quiet place';
const BUSY = 'A busy place';

let database: TestDatabase;
let node: TestNode;
let browser: Browser;
let ada: Person;
let bob: Person;
let quiet: string;
let busy: string;
let desktop: Page;
let phone: Page;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url, env: { DEMO: 'true' } });
  [ada, bob] = [await signUp(node, 'ada'), await signUp(node, 'bob')];
  [quiet, busy] = [await bob.createRoom(QUIET), await bob.createRoom(BUSY)];
  for (const room of [quiet, busy]) await ada.join(room);
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
  await page.locator('.chat').waitFor();
  return page;
}

const linkTo = (page: Page, room: string) =>
  page.locator('.room-link').filter({ has: page.locator('.room-link-name', { hasText: room }) });
const badgeOf = (page: Page, room: string) =>
  linkTo(page, room)
    .locator('.badge [aria-hidden]')
    .allInnerTexts()
    .then(([count]) => count ?? '');

async function expectBadges(room: string, count: string): Promise<void> {
  for (const page of [desktop, phone]) await expect.poll(() => badgeOf(page, room)).toBe(count);
}

/** Changes one of the settings of the open room. */
async function change(page: Page, setting: string): Promise<void> {
  await page.getByRole('button', { name: 'Room settings' }).click();
  await page.getByRole('checkbox', { name: setting }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
}

async function picture(page: Page, name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

test('all devices show how many messages are unread, in the list and in the title', async () => {
  for (const text of ['first', 'second', 'third']) await bob.say(quiet, text);
  await expectBadges(QUIET, '3');
  await expect.poll(() => desktop.title()).toBe('(3) Parley');
  await picture(desktop, 'unread-list-desktop');
  await picture(phone, 'unread-list-phone');
});

test('to open a room is to read it, on all devices; a line shows where the new messages began', async () => {
  await linkTo(desktop, QUIET).click();
  const line = desktop.locator('.unread-line + .message .content');
  await expect.poll(() => line.allInnerTexts()).toEqual(['first']);
  await expectBadges(QUIET, '');
  await expect.poll(() => desktop.title()).toBe('Parley');
  await bob.say(quiet, 'fourth');
  await desktop.getByText('fourth').last().waitFor();
  await expectBadges(QUIET, '');
  await picture(desktop, 'unread-line-desktop');
});

test('messages are marked as unread until the room is opened again', async () => {
  const second = desktop.locator('.message').filter({ hasText: 'second' });
  await second.hover();
  await second.getByRole('button', { name: 'Mark as unread from here' }).click();
  await expectBadges(QUIET, '3');
  await linkTo(phone, QUIET).click();
  await phone.locator('.message').first().waitFor();
  await expect.poll(() => badgeOf(desktop, QUIET)).toBe('');
});

test('a button leads to the first of many', async () => {
  for (let i = 1; i <= 120; i++) await bob.say(busy, `number ${i}`);
  await expect.poll(() => badgeOf(desktop, BUSY)).toBe('99+');
  await linkTo(desktop, BUSY).click();
  await desktop.getByText('number 120').last().waitFor();
  await picture(desktop, 'unread-jump-desktop');
  await desktop.getByRole('button', { name: '120 new messages' }).click();
  const first = desktop.locator('.message').filter({ hasText: /number 1$/ });
  await expect.poll(() => first.isVisible()).toBe(true);
  await expect
    .poll(() => desktop.locator('.unread-line + .message .content').allInnerTexts())
    .toEqual(['number 1']);
  await expectBadges(BUSY, '');
});

test('a mention is completed while it is typed, and shown in the badge of the user', async () => {
  await linkTo(desktop, QUIET).click();
  const input = desktop.locator('.composer textarea');
  await input.pressSequentially('Hello @bo');
  await desktop.getByRole('option', { name: /bob/ }).waitFor();
  await expectAccessible(desktop);
  await picture(desktop, 'mention-completion-desktop');
  await desktop.keyboard.press('Enter');
  await expect.poll(() => input.inputValue()).toBe(`Hello @${bob.username} `);
  await input.pressSequentially('and all');
  await desktop.keyboard.press('Enter');
  await desktop.getByText(`Hello @${bob.username} and all`).last().waitFor();
  await phone.getByRole('link', { name: 'Back to rooms' }).click();
  await bob.say(busy, `thanks, @${ada.username}`);
  await expectBadges(BUSY, '@ 1');
});

test('rooms are muted and pinned on all devices; a muted room does not count in the title', async () => {
  await change(desktop, 'Pin room');
  const namesOn = (page: Page) => page.locator('.room-link-name').allInnerTexts();
  for (const page of [desktop, phone])
    await expect.poll(async () => (await namesOn(page))[0]).toMatch(new RegExp(QUIET));
  await linkTo(desktop, BUSY).click();
  await expectBadges(BUSY, '');
  await change(desktop, 'Mute room');
  await linkTo(desktop, QUIET).click();
  await bob.say(busy, 'not important');
  await expectBadges(BUSY, '1');
  await expect.poll(() => desktop.title()).toBe('Parley');
  await expectAccessible(desktop);
  await picture(desktop, 'muted-pinned-desktop');
  await picture(phone, 'muted-pinned-phone');
});

test('a room is put into a folder on all devices, and taken out again', async () => {
  const setFolder = async (name: string) => {
    await linkTo(desktop, BUSY).click();
    await desktop.getByRole('button', { name: 'Room settings' }).click();
    await desktop.getByLabel('Folder').fill(name);
    await desktop.getByLabel('Folder').press('Enter');
    await desktop.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  };
  const inFolder = (page: Page) => page.getByRole('list', { name: 'Work' }).locator('.room-link-name');
  await setFolder('Work');
  for (const page of [desktop, phone])
    await expect.poll(async () => (await inFolder(page).allInnerTexts()).join()).toMatch(BUSY);
  await expectAccessible(desktop);
  await picture(desktop, 'folder-desktop');
  await setFolder('');
  for (const page of [desktop, phone]) await expect.poll(() => inFolder(page).count()).toBe(0);
  await linkTo(desktop, BUSY).waitFor();
});

/** What the last own message says of itself to a screen reader. */
const ticksOn = (page: Page) => page.locator('.ticks').last();

test('ticks show that a message was sent, delivered and read, and by whom', async () => {
  const cyd = await signUp(node, 'cyd');
  const talk = await ada.change('openDirectRoom', { userIds: [bob.userId] }, 'room { id }');
  await linkTo(desktop, 'bob').click();
  await desktop.locator('.composer textarea').fill('Are you there?');
  await desktop.keyboard.press('Enter');
  await expect.poll(() => ticksOn(desktop).innerText()).toBe('Sent');
  const bobs = await openAs(bob, { width: 390, height: 780 });
  await expect.poll(() => ticksOn(desktop).innerText()).toBe('Delivered');
  await linkTo(bobs, 'ada').click();
  await expect.poll(() => ticksOn(desktop).innerText()).toBe('Read');
  await linkTo(phone, 'bob').click();
  await expect.poll(() => ticksOn(phone).innerText()).toBe('Read');
  await bob.say(talk.room.id, 'Yes.');
  await linkTo(desktop, QUIET).click();
  await cyd.join(quiet);
  await desktop.locator('.composer textarea').fill('Who is there?');
  await desktop.keyboard.press('Enter');
  const ticks = desktop.locator('button.ticks').last();
  await desktop.getByText('Who is there?').last().waitFor();
  await bobs.getByRole('link', { name: 'Back to rooms' }).click();
  await linkTo(bobs, QUIET).click();
  await expect.poll(() => ticks.getAttribute('aria-label')).toBe('Read by 1 of 2');
  await ticks.click();
  const dialog = desktop.getByRole('dialog', { name: 'Who has received and read it' });
  await expect
    .poll(() => dialog.locator('section').allInnerTexts())
    .toEqual([expect.stringMatching(/^Read by 1 of 2[^]*bob/), 'Delivered to 1 of 2']);
  await expectAccessible(desktop);
  await picture(desktop, 'ticks-dialog-desktop');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await change(desktop, 'Share what I have read');
  await expect.poll(() => ticksOn(desktop).innerText()).toBe('Sent');
  await change(desktop, 'Share what I have read');
  await expect.poll(() => ticks.getAttribute('aria-label')).toBe('Read by 1 of 2');
  await desktop.getByLabel('Theme').selectOption('dark');
  await desktop.getByLabel('Language').selectOption('de');
  await expect.poll(() => ticks.getAttribute('aria-label')).toBe('Gelesen von 1 von 2');
  await expectAccessible(desktop);
  await picture(desktop, 'ticks-desktop-dark');
  await phone.getByRole('link', { name: 'Back to rooms' }).click();
  await linkTo(phone, QUIET).click();
  await phone.locator('button.ticks').last().waitFor();
  await expectAccessible(phone);
  await picture(phone, 'ticks-phone');
});

test('a hidden room is not in the list until its next message', async () => {
  const rooms = phone.locator('.room-link-name');
  await change(phone, 'Hide room until the next message');
  await phone.getByRole('link', { name: 'Back to rooms' }).click();
  await expect.poll(async () => (await rooms.allInnerTexts()).join()).not.toMatch(QUIET);
  await bob.say(quiet, 'nobody misses me');
  await expect.poll(async () => (await rooms.allInnerTexts()).join()).toMatch(QUIET);
});
