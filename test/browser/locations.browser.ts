import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUp } from '../harness/people.ts';
import { PASSWORD } from '../harness/sdk.ts';

// Locations in the demo, with a position that the test sets.

const ROOM = 'A place to meet';

let database: TestDatabase;
let node: TestNode;
let browser: Browser;
let adas: Page;
let bobs: Page;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url, env: { DEMO: 'true' } });
  const [ada, bob] = [await signUp(node, 'ada'), await signUp(node, 'bob')];
  const roomId = await ada.createRoom(ROOM);
  await bob.join(roomId);
  await ada.say(roomId, 'where are you?');
  browser = await launchBrowser();
  [adas, bobs] = [await openAs(ada), await openAs(bob)];
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
  await database?.drop();
});

async function openAs({ username }: Person): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 820 },
    permissions: ['geolocation'],
    geolocation: { latitude: 52.5, longitude: 13.4 },
  });
  const page = await context.newPage();
  await page.goto(new URL('/', node.url).href);
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
  await page.getByLabel('Username or e-mail address').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: new RegExp(ROOM) }).click();
  await page.locator('.message', { hasText: 'where are you?' }).waitFor();
  return page;
}

const locationIn = (page: Page, label: string) =>
  page.getByRole('group', { name: 'Location' }).filter({ hasText: label });

test('a place is shared with its name and a link to a map', async () => {
  await adas.getByRole('button', { name: 'Share location' }).click();
  await adas.getByLabel('Name of the place').fill('The tower');
  await expectAccessible(adas);
  await adas.getByRole('button', { name: 'Share', exact: true }).click();
  const shown = locationIn(bobs, 'The tower');
  await shown.waitFor();
  const link = shown.getByRole('link', { name: '52.50000, 13.40000' });
  expect(await link.getAttribute('href')).toContain('openstreetmap.org/?mlat=52.5&mlon=13.4');
  expect(await shown.getByText('live').count()).toBe(0);
  await expectAccessible(bobs);
});

test('a live location follows its author until the author stops', async () => {
  await adas.getByRole('button', { name: 'Share location' }).click();
  await adas.getByLabel('Name of the place').fill('On my way');
  await adas.getByLabel('Follow me for an hour').check();
  await adas.getByRole('button', { name: 'Share', exact: true }).click();
  await locationIn(bobs, 'On my way')
    .getByText(/^live until /)
    .waitFor();
  await adas.context().setGeolocation({ latitude: 53, longitude: 14 });
  await locationIn(bobs, 'On my way').getByRole('link', { name: '53.00000, 14.00000' }).waitFor();
  expect(await locationIn(bobs, 'On my way').getByRole('button', { name: 'Stop sharing' }).count()).toBe(0);
  await locationIn(adas, 'On my way').getByRole('button', { name: 'Stop sharing' }).click();
  await locationIn(bobs, 'On my way').getByText('no longer live').waitFor();
  await bobs.reload();
  const link = locationIn(bobs, 'On my way').getByRole('link', { name: '53.00000, 14.00000' });
  await link.waitFor();
});
