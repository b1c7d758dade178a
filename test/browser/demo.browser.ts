import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TypedText, until } from '../../packages/client/src/index.ts';
import { expectAccessible } from '../harness/accessibility.ts';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { Device, PASSWORD } from '../harness/sdk.ts';

// The demo as two visitors use it, each in a separate browser, without access to the network.

const ARCHIVE =
  'mutation ($input: ArchiveRoomInput!) { archiveRoom(input: $input) { __typename } }' as unknown as TypedText<
    unknown,
    { input: { roomId: string } }
  >;
const SHOTS = process.env['DEMO_SHOTS'];

let database: TestDatabase;
let node: TestNode;
let browser: Browser;
let home: string;
let ada: Page;
let bob: Page;
const foreign: string[] = [];
const problems: string[] = [];

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url, env: { DEMO: 'true', GRAPHIQL: 'true' } });
  home = new URL('/', node.url).href;
  browser = await launchBrowser();
  ada = await visit({ viewport: { width: 1360, height: 820 } });
  bob = await visit({
    viewport: { width: 390, height: 780 },
    hasTouch: true,
    isMobile: true,
    colorScheme: 'dark',
    locale: 'de-DE',
  });
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
  await database?.drop();
});

async function visit(options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('request', (request) => {
    if (!request.url().startsWith(home) && !request.url().startsWith('data:')) foreign.push(request.url());
  });
  // Includes refusals of the content security policy. Messages about a cut connection are expected.
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket|ERR_FAILED/.test(message.text()))
      problems.push(message.text());
  });
  // The console names no request.
  page.on('response', (response) => {
    if (response.status() < 400) return;
    problems.push(`${response.status()}: ${response.request().postData()?.slice(0, 100) ?? response.url()}`);
  });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(home);
  return page;
}

/** Takes a screenshot if requested. */
async function picture(page: Page, name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

async function signUp(page: Page, username: string, labels: readonly string[]): Promise<void> {
  const [user = '', name = '', email = '', password = '', submit = ''] = labels;
  await page.getByLabel(user, { exact: true }).fill(username);
  await page.getByLabel(name).fill(username === 'ada' ? 'Ada Lovelace' : 'Bob Rossi');
  await page.getByLabel(email).fill(`${username}@example.org`);
  await page.getByLabel(password, { exact: true }).fill(PASSWORD);
  await page.locator('form').getByRole('button', { name: submit }).click();
  await page.locator('.chat').waitFor();
}

/** When the page has what it asked for: the server refuses requests that are under way when their session ends. */
async function signOut(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.getByRole('button', { name: 'Abmelden' }).click();
}

const statusOf = (page: Page) => page.locator('.banner').getAttribute('data-status');
const counter = async (page: Page, name: string) =>
  Number(await page.locator(`[data-counter=${name}]`).innerText());
const textsIn = (page: Page) => page.locator('.message .content').allInnerTexts();

async function write(page: Page, text: string): Promise<void> {
  await page.locator('.composer textarea').fill(text);
  await page.keyboard.press('Enter');
}

test('two people sign up, each in a language of their own', async () => {
  await picture(ada, 'welcome-desktop-light');
  await picture(bob, 'welcome-phone-dark');
  await expectAccessible(ada);
  await expectAccessible(bob);
  await signUp(ada, 'ada', [
    'Username',
    'Display name (optional)',
    'E-mail address',
    'Password',
    'Create account',
  ]);
  await signUp(bob, 'bob', [
    'Benutzername',
    'Anzeigename (optional)',
    'E-Mail-Adresse',
    'Passwort',
    'Konto erstellen',
  ]);
  await expect.poll(() => statusOf(ada)).toBe('live');
  await picture(bob, 'home-phone-dark');
});

test('they meet in a room of the directory, and post both ways', async () => {
  await ada.getByRole('button', { name: 'New room' }).click();
  await expectAccessible(ada);
  await picture(ada, 'new-room-desktop-light');
  await ada.getByLabel('Name', { exact: true }).fill('Engine room');
  await ada.getByLabel('Description (optional)').fill('Machines, numbers, poetry');
  await ada.getByRole('button', { name: 'Create room' }).click();
  await ada.locator('.composer textarea').waitFor();
  await write(ada, 'Hello **everybody**');

  await bob.getByRole('link', { name: 'Verzeichnis' }).click();
  await bob.getByText('Machines, numbers, poetry').waitFor();
  await expectAccessible(bob);
  await picture(bob, 'directory-phone-dark');
  await bob.getByRole('button', { name: 'Beitreten: Engine room' }).click();
  await expect.poll(() => textsIn(bob)).toEqual(['Hello everybody']);
  await write(bob, 'Hello Ada');
  await expect.poll(() => textsIn(ada)).toEqual(['Hello everybody', 'Hello Ada']);
  await expect.poll(() => ada.getByRole('log').innerText()).toBe('Bob Rossi: Hello Ada');
});

test('text of people never becomes HTML', async () => {
  const hostile = '<img src=x onerror=alert(1)> [x](javascript:alert(1)) [ok](https://example.org/a)';
  await write(bob, hostile);
  const content = ada.locator('.message .content').last();
  await expect.poll(() => content.innerText()).toBe('<img src=x onerror=alert(1)> x ok');
  expect(await content.locator('img').count()).toBe(0);
  expect(await content.locator('a').getAttribute('href')).toBe('https://example.org/a');
});

test('formatted text: lists, quotes, code, mentions, and spoilers that the keyboard opens', async () => {
  await write(bob, '> a *quote*\n\n1. one\n   - two `three`\n\n@Ada, @nobody and ||what *happens*||');
  const content = ada.locator('.message .content').last();
  await content.locator('.mention.own').waitFor();
  expect(await content.locator('.mention').allInnerTexts()).toEqual(['@Ada']);
  expect(await content.locator('blockquote em').innerText()).toBe('quote');
  expect(await content.locator('ol > li > ul > li code').innerText()).toBe('three');
  expect(await content.innerText()).not.toContain('happens');
  await expectAccessible(ada);
  await picture(ada, 'formatted-text-desktop-light');
  await content.getByRole('button', { name: 'Show hidden text' }).press('Enter');
  expect(await content.locator('.spoiler em').innerText()).toBe('happens');
  expect(await content.locator('.spoiler').evaluate((element) => element === document.activeElement)).toBe(
    true,
  );
  await expectAccessible(ada);
});

test('a person writes to another, and sees who is in a room', async () => {
  await ada.getByRole('button', { name: 'Message someone' }).click();
  await ada.getByLabel('Username').fill('nobody-here');
  await ada.keyboard.press('Enter');
  await ada.getByText('There is no user with this name.').waitFor();
  await ada.getByLabel('Username').fill('bob');
  await ada.keyboard.press('Enter');
  await ada.getByRole('heading', { name: 'Bob Rossi' }).waitFor();
  await write(ada, 'just for you');
  await ada.getByRole('link', { name: /Engine room/ }).click();
  await ada.getByRole('button', { name: '2 members' }).click();
  const members = ada.getByRole('dialog', { name: 'Members' });
  await expect
    .poll(() => members.getByRole('listitem').allInnerTexts())
    .toEqual([expect.stringContaining('@ada · owner'), expect.stringContaining('@bob')]);
  await expectAccessible(ada);
  await picture(ada, 'members-desktop-light');
  await ada.keyboard.press('Escape');
  await expect.poll(() => members.count()).toBe(0);
});

test('what is said while the connection is cut arrives, and nothing twice', async () => {
  await ada.getByRole('button', { name: 'Cut the connection' }).click();
  await expect.poll(() => statusOf(ada)).toBe('offline');
  await write(ada, 'said offline');
  expect(await ada.locator('.message.pending .content').innerText()).toBe('said offline');
  for (const text of ['one', 'two', 'three']) await write(bob, text);
  await expect.poll(async () => (await textsIn(bob)).at(-1)).toBe('three');
  await expectAccessible(ada);
  await picture(ada, 'offline-desktop-light');
  await ada.locator('.guarantee').getByRole('button', { name: 'Reconnect' }).click();
  await expect.poll(() => statusOf(ada)).toBe('live');
  await expect
    .poll(async () => (await textsIn(ada)).slice(-4))
    .toEqual(['one', 'two', 'three', 'said offline']);
  await expect.poll(async () => (await textsIn(bob)).at(-1)).toBe('said offline');
  expect(await counter(ada, 'received')).toBeGreaterThan(5);
  expect([await counter(ada, 'gaps'), await counter(ada, 'repeats')]).toEqual([0, 0]);
});

test('a message is quoted, edited and deleted', async () => {
  const ofBob = ada.locator('.message').filter({ hasText: 'Hello Ada' });
  await ofBob.hover();
  await ofBob.getByRole('button', { name: 'Reply', exact: true }).click();
  await write(ada, 'a reply');
  const reply = bob.locator('.message').last();
  await expect.poll(() => reply.locator('.content').innerText()).toBe('a reply');
  expect(await reply.getByRole('button', { name: 'Zitierte Nachricht: Bob Rossi' }).innerText()).toContain(
    'Hello Ada',
  );
  await ada.locator('.composer textarea').press('ArrowUp');
  await ada.getByLabel('Edit message').fill('an edited reply');
  await ada.keyboard.press('Enter');
  await expect.poll(() => reply.innerText()).toContain('(bearbeitet)');
  expect(await reply.locator('.content').innerText()).toBe('an edited reply');
  await expectAccessible(bob);
  await picture(bob, 'conversation-phone-dark');
  await bob.emulateMedia({ colorScheme: 'light' });
  await expectAccessible(bob);
  await picture(bob, 'conversation-phone-light');
  await bob.emulateMedia({ colorScheme: 'dark' });
  await picture(ada, 'conversation-desktop-light');
  const own = ada.locator('.message').last();
  await own.getByRole('button', { name: '(edited)' }).click();
  const texts = ada.getByRole('dialog', { name: 'Earlier texts' });
  await texts.getByText('a reply', { exact: true }).waitFor();
  await expectAccessible(ada);
  await picture(ada, 'earlier-texts-desktop');
  await texts.getByRole('button', { name: 'Close' }).click();
  await own.hover();
  await own.getByRole('button', { name: 'Delete' }).click();
  await ada.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect.poll(() => reply.locator('.content').innerText()).toBe('Diese Nachricht wurde gelöscht.');
});

test('people react to a message, with the mouse and the keyboard', async () => {
  const [ofAda, ofBob] = [ada, bob].map((page) => page.locator('.message').filter({ hasText: 'everybody' }));
  if (!ofAda || !ofBob) throw new Error('There is no message.');
  const reactions = (message: Locator) =>
    message.locator('.reaction').evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));
  await ofAda.hover();
  await ofAda.getByRole('button', { name: 'React' }).click();
  const picker = ada.getByRole('toolbar', { name: 'Choose a reaction' });
  await expectAccessible(ada);
  await picture(ada, 'picker-desktop-light');
  await picker.getByRole('button', { name: '🎉' }).click();
  await expect.poll(() => picker.count()).toBe(0);
  await expect.poll(() => reactions(ofBob)).toEqual(['🎉 1 Reaktion']);
  await ofBob.getByRole('button', { name: '🎉 1 Reaktion' }).click();
  await expect.poll(() => reactions(ofAda)).toEqual(['🎉 2 reactions, one of them is yours']);

  await ofAda.getByRole('button', { name: 'React', exact: true }).focus();
  await ada.keyboard.press('Enter');
  await ada.keyboard.press('ArrowLeft');
  await ada.keyboard.press('ArrowRight');
  await ada.keyboard.press('ArrowRight');
  await ada.keyboard.press('Enter');
  await expect
    .poll(() => reactions(ofBob))
    .toEqual(['🎉 2 Reaktionen, eine davon ist von dir', '❤️ 1 Reaktion']);
  expect(await ofAda.evaluate((message) => message === document.activeElement)).toBe(true);
  await ada.keyboard.press('Tab');
  await ada.keyboard.press('Enter');
  await expect
    .poll(() => reactions(ofBob))
    .toEqual(['🎉 1 Reaktion, eine davon ist von dir', '❤️ 1 Reaktion']);
  await expectAccessible(bob);
  await picture(bob, 'reactions-phone-dark');
});

test('each sees that the other is typing', async () => {
  const input = bob.locator('.composer textarea');
  const typing = ada.locator('.typing');
  await expect
    .poll(async () => {
      await input.press('a');
      return typing.innerText();
    })
    .toBe('Bob Rossi is typing …');
  await expectAccessible(ada);
  await picture(ada, 'typing-desktop-light');
  await input.fill('');
  await expect.poll(() => typing.innerText()).toBe('');
});

test('arrow keys reach every message, and the tab key only one', async () => {
  await ada.locator('.message').last().focus();
  await ada.keyboard.press('ArrowUp');
  await ada.keyboard.press('ArrowUp');
  const focused = await ada.evaluate(() => document.activeElement?.querySelector('.content')?.textContent);
  expect(focused).toBe((await textsIn(ada)).at(-3));
  expect(await ada.locator('.message[tabindex="0"]').count()).toBe(1);
});

test('history is read in both directions, and stays where it is', async () => {
  const { client: device } = await new Device(node.url).signIn({ username: 'ada' });
  const roomId = await device.createRoom({ name: 'Long room', kind: 'PUBLIC' });
  await until(device.rooms, (rooms) => rooms.some(({ id }) => id === roomId));
  for (let i = 1; i <= 150; i++) await device.room(roomId).send(`number ${i}`);
  await until(device.outbox, (entries) => entries.length === 0);
  const first = device.room(roomId).messages.getSnapshot()[0]?.id ?? '';
  await device.room(roomId).send('the last one', { replyToId: first });
  await until(device.outbox, (entries) => entries.length === 0);
  await device.close();

  await bob.goto(`${home}#/directory`);
  await bob.getByRole('button', { name: 'Beitreten: Long room' }).click();
  await expect.poll(async () => (await textsIn(bob)).at(-1)).toBe('the last one');
  const before = await bob.locator('.message').count();
  expect(before).toBeLessThan(151);
  await bob.getByRole('button', { name: 'Zitierte Nachricht: Ada Lovelace' }).click();
  await expect.poll(async () => (await textsIn(bob))[0]).toBe('number 1');
  const scroller = bob.locator('.scroller');
  const top = (text: string) =>
    bob.getByText(text, { exact: true }).evaluate((element) => element.getBoundingClientRect().top);
  await expect.poll(() => bob.getByText('Hier beginnt der Raum.').count()).toBe(1);
  await scroller.evaluate((box) => box.scrollTo(0, 700));
  const shown = await top('number 15');
  await expect.poll(() => bob.locator('.message').count()).toBeGreaterThan(50);
  expect(Math.abs((await top('number 15')) - shown)).toBeLessThan(2);
  await picture(bob, 'history-phone-dark');
  await bob.getByRole('button', { name: 'Die Garantie' }).click();
  await expectAccessible(bob);
  await picture(bob, 'guarantee-phone-dark');
  await bob.locator('.guarantee').getByRole('button', { name: 'Schließen' }).click();
  await bob.getByRole('button', { name: 'Zu den neuesten Nachrichten' }).click();
  await expect.poll(async () => (await textsIn(bob)).at(-1)).toBe('the last one');
  const toEnd = () => scroller.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
  await expect.poll(toEnd).toBeLessThan(2);
});

test('a message that is refused can be discarded', async () => {
  await ada.goto(`${home}#/`);
  await ada.getByRole('link', { name: /Engine room/ }).click();
  await ada.getByRole('button', { name: 'Cut the connection' }).click();
  await expect.poll(() => statusOf(ada)).toBe('offline');
  await write(ada, 'too late');
  const { client: device } = await new Device(node.url).signIn({ username: 'ada' });
  await until(device.rooms, (rooms) => rooms.length > 0);
  const engine = device.rooms.getSnapshot().find(({ name }) => name === 'Engine room');
  await device.request(ARCHIVE, { input: { roomId: engine?.id ?? '' } });
  await device.close();
  await ada.getByRole('button', { name: 'Reconnect' }).first().click();
  const failed = ada.locator('.message.failed');
  await failed.getByRole('button', { name: 'Try again' }).waitFor();
  await expectAccessible(ada);
  await picture(ada, 'failed-desktop-light');
  await failed.getByRole('button', { name: 'Discard' }).click();
  await expect.poll(() => failed.count()).toBe(0);
  await expect.poll(() => ada.locator('.cannot-send').innerText()).toContain('archived');
});

test('a reload and a second tab are signed in, and show the same numbers', async () => {
  await ada.reload();
  await expect.poll(() => statusOf(ada)).toBe('live');
  const second = await ada.context().newPage();
  await second.goto(home);
  await expect.poll(() => second.locator('.room-link-name').allInnerTexts()).toContain('Engine room');
  await second.getByRole('button', { name: 'Cut the connection' }).click();
  await expect.poll(() => statusOf(ada)).toBe('offline');
  await second.getByRole('button', { name: 'Reconnect' }).first().click();
  await expect.poll(() => statusOf(ada)).toBe('live');
  expect(await counter(second, 'interruptions')).toBe(1);
  await second.close();
});

test('theme and language can be chosen, and stay', async () => {
  await ada.getByLabel('Theme').selectOption('dark');
  await ada.getByLabel('Language').selectOption('de');
  await ada.reload();
  await ada.getByRole('heading', { name: 'Die Garantie' }).waitFor();
  await expect.poll(() => statusOf(ada)).toBe('live');
  await expectAccessible(ada);
  await picture(ada, 'conversation-desktop-dark');
  await ada.getByLabel('Farbschema').selectOption('system');
});

test('signing out forgets everything', async () => {
  await signOut(ada);
  await ada.locator('.welcome').waitFor();
  await ada.reload();
  await ada.locator('.welcome').waitFor();
});

test('a server that takes no registrations says so', async () => {
  await bob.route(home, async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace('data-registration="open"', 'data-registration="closed"');
    await route.fulfill({ response: answer, body });
  });
  await bob.goto(`${home}#/`);
  await signOut(bob);
  await bob.reload();
  await bob.getByText('Auf diesem Server kannst du dich nicht selbst registrieren.').waitFor();
  expect(await bob.getByRole('button', { name: 'Konto erstellen' }).count()).toBe(0);
  await picture(bob, 'closed-phone-dark');
});

test('no file of it was foreign, and the policy refused nothing', () => {
  expect(foreign).toEqual([]);
  expect(problems).toEqual([]);
});
