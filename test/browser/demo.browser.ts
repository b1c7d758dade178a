import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';

// The demo as two visitors use it, each in a browser of their own, with nothing from the network.

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
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
  // Also what the content security policy refuses. What a cut connection says is expected.
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket|ERR_FAILED/.test(message.text()))
      problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(home);
  return page;
}

/** A picture for people, where somebody asks for them. */
async function picture(page: Page, name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

/** No finding of axe that is serious. The page's policy refuses foreign scripts, so axe comes through the debugger. */
async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  expect(found).toEqual([]);
}

async function signUp(page: Page, username: string, labels: readonly string[]): Promise<void> {
  const [user = '', name = '', email = '', password = '', submit = ''] = labels;
  await page.getByLabel(user, { exact: true }).fill(username);
  await page.getByLabel(name).fill(username === 'ada' ? 'Ada Lovelace' : 'Bob Rossi');
  await page.getByLabel(email).fill(`${username}@example.org`);
  await page.getByLabel(password, { exact: true }).fill('correct horse battery');
  await page.locator('form').getByRole('button', { name: submit }).click();
  await page.locator('.chat').waitFor();
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
  await expect
    .poll(() => content.innerText())
    .toBe('<img src=x onerror=alert(1)> [x](javascript:alert(1)) ok');
  expect(await content.locator('img').count()).toBe(0);
  expect(await content.locator('a').getAttribute('href')).toBe('https://example.org/a');
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

test('no file of it was foreign, and the policy refused nothing', () => {
  expect(foreign).toEqual([]);
  expect(problems).toEqual([]);
});
