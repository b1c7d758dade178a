import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUp } from '../harness/people.ts';
import { PASSWORD } from '../harness/sdk.ts';

// Profiles, blocked users and privacy in the demo.

const ROOM = 'A place to meet';
const SHOTS = process.env['DEMO_SHOTS'];

let database: TestDatabase;
let node: TestNode;
let browser: Browser;
let ada: Person;
let bob: Person;
let adas: Page;
let bobs: Page;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url, env: { DEMO: 'true' } });
  [ada, bob] = [await signUp(node, 'ada'), await signUp(node, 'bob')];
  const roomId = await ada.createRoom(ROOM);
  await bob.join(roomId);
  for (const text of ['hello', 'anybody there?']) await bob.say(roomId, text);
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
  await page.locator('.message', { hasText: 'hello' }).waitFor();
  return page;
}

async function picture(page: Page, name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

/** The direct room of the two, which was opened last. */
const writeDirectly = async (page: Page, text: string) => {
  const input = page.getByRole('textbox', { name: 'Write a message' });
  await input.fill(text);
  await input.press('Enter');
};

test('a user opens the profile of another one by keyboard, writes, and blocks', async () => {
  const name = adas.locator('.messages .message').first().getByRole('button', { name: 'bob' });
  await name.focus();
  await adas.keyboard.press('Enter');
  const profile = adas.getByRole('dialog', { name: 'bob' });
  await profile.getByText(`@${bob.username}`).waitFor();
  await expectAccessible(adas);
  await picture(adas, 'profile');
  await profile.getByRole('button', { name: 'Message' }).click();
  await adas.getByRole('heading', { name: 'bob', level: 1 }).waitFor();
  await writeDirectly(adas, 'for you only');
  await bobs.getByRole('link', { name: /ada/ }).click();
  await bobs.locator('.message', { hasText: 'for you only' }).waitFor();

  await adas.getByRole('button', { name: '2 members' }).click();
  await adas.getByRole('dialog', { name: 'Members' }).getByRole('button', { name: 'bob' }).click();
  await profile.getByRole('button', { name: 'Block', exact: true }).click();
  await adas
    .getByRole('dialog', { name: /^Block / })
    .getByRole('button', { name: 'Block', exact: true })
    .click();
  await profile.getByRole('button', { name: 'Unblock' }).waitFor();
  await adas.keyboard.press('Escape');
  await adas.keyboard.press('Escape');
  await adas.getByText('You have blocked bob.').waitFor();
  await bobs.getByText('You cannot send messages in this room.').waitFor();
  await expectAccessible(adas);
  await picture(adas, 'blocked-direct');
});

test('messages of a blocked user are collapsed until the reader shows one', async () => {
  await adas.getByRole('link', { name: new RegExp(ROOM) }).click();
  const collapsed = adas.locator('.messages .message.collapsed');
  await expect.poll(() => collapsed.count()).toBe(2);
  expect(await adas.getByText(/anybody there/).count()).toBe(0);
  await expectAccessible(adas);
  await picture(adas, 'blocked-room');
  await collapsed.last().getByRole('button', { name: 'Show' }).click();
  await adas.locator('.message', { hasText: 'anybody there?' }).waitFor();
  expect(await collapsed.count()).toBe(1);
});

test('the account lists blocked users, and says who may reach the user', async () => {
  await adas.getByRole('button', { name: 'Your account' }).click();
  const privacy = adas.getByRole('region', { name: 'Privacy' });
  await privacy.getByLabel('Who may write to me').selectOption('Nobody');
  await privacy.getByLabel('Who may add me to rooms').selectOption('Members of my rooms');
  const rules = async () => (await ada.ask('{ viewer { directMessagesFrom addableBy } }')).data.viewer;
  await expect.poll(rules).toEqual({ directMessagesFrom: 'NOBODY', addableBy: 'SHARED_ROOMS' });
  await expectAccessible(adas);
  await picture(adas, 'privacy');
  await privacy.getByRole('listitem').getByRole('button', { name: 'Unblock' }).click();
  await expect.poll(() => privacy.getByRole('listitem').count()).toBe(0);
  await adas.keyboard.press('Escape');
  await adas.locator('.message', { hasText: 'hello' }).waitFor();
  await bobs.getByRole('textbox', { name: 'Write a message' }).waitFor();
});
