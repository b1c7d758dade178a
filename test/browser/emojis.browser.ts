import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, execute, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUp } from '../harness/people.ts';
import { PASSWORD } from '../harness/sdk.ts';

// Emoji of the server in the demo: an administrator, and another user.

const SHOTS = process.env['DEMO_SHOTS'];
const ROOM = 'A place with emoji';

let database: TestDatabase;
let node: TestNode;
let browser: Browser;
let adas: Page;
let bobs: Page;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url, env: { DEMO: 'true' } });
  const [ada, bob] = [await signUp(node, 'ada'), await signUp(node, 'bob')];
  await execute(database.url, `UPDATE users SET is_admin = true WHERE username = '${ada.username}'`);
  const roomId = await ada.createRoom(ROOM);
  await bob.join(roomId);
  await ada.say(roomId, 'We did it :party: at 10:30:45');
  browser = await launchBrowser();
  [adas, bobs] = [await openAs(ada), await openAs(bob)];
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
  await database?.drop();
});

async function openAs({ username }: Person): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1360, height: 820 } })).newPage();
  await page.goto(new URL('/', node.url).href);
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
  await page.getByLabel('Username or e-mail address').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: new RegExp(ROOM) }).click();
  await messageOn(page).waitFor();
  return page;
}

const messageOn = (page: Page) => page.locator('#messages .message', { hasText: 'We did it' });

async function pickerOn(page: Page) {
  await messageOn(page).hover();
  await messageOn(page).getByRole('button', { name: 'React', exact: true }).click();
  return page.getByRole('toolbar', { name: 'Choose a reaction' });
}

test('an administrator creates an emoji, and others react with it', async () => {
  expect(await messageOn(adas).locator('.custom-emoji').count()).toBe(0);
  await adas.getByRole('button', { name: 'Your account' }).click();
  const emojis = adas.getByRole('region', { name: 'Emoji of this server' });
  await emojis.getByLabel('Name of the emoji').fill('party');
  await emojis.getByRole('button', { name: 'Add emoji' }).click();
  await emojis.getByText(':party:', { exact: true }).waitFor();
  await expectAccessible(adas);
  if (SHOTS) await adas.screenshot({ path: `${SHOTS}/server-emojis.png` });
  await adas.keyboard.press('Escape');
  await expect.poll(() => messageOn(adas).locator('.custom-emoji').allInnerTexts()).toEqual([':party:']);

  const picker = await pickerOn(bobs);
  await picker.getByRole('button', { name: ':party:' }).click();
  await messageOn(adas).locator('.reaction', { hasText: ':party:' }).waitFor();
  await expectAccessible(bobs);
  if (SHOTS) await adas.screenshot({ path: `${SHOTS}/emojis.png` });
});

test('a deleted emoji is no longer offered; reactions with it stay, and can be removed', async () => {
  await adas.getByRole('button', { name: 'Your account' }).click();
  await adas.getByRole('button', { name: 'Delete :party:' }).click();
  await adas.getByRole('button', { name: 'Delete :party:' }).waitFor({ state: 'detached' });
  await adas.keyboard.press('Escape');
  const picker = await pickerOn(bobs);
  await picker.getByRole('button', { name: ':party:' }).waitFor({ state: 'detached' });
  await bobs.keyboard.press('Escape');
  await messageOn(bobs).locator('.reaction', { hasText: ':party:' }).click();
  await messageOn(adas).locator('.reaction', { hasText: ':party:' }).waitFor({ state: 'detached' });
});

test('other users see no list of the emoji in their account', async () => {
  await bobs.getByRole('button', { name: 'Your account' }).click();
  await bobs.getByRole('region', { name: 'Devices' }).getByText('This device').waitFor();
  expect(await bobs.getByText('Emoji of this server').count()).toBe(0);
});
