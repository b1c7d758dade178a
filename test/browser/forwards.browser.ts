import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, execute, type TestDatabase } from '../harness/database.ts';
import { numberIn } from '../harness/ids.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUp } from '../harness/people.ts';
import { PASSWORD } from '../harness/sdk.ts';

// Forwards, metadata and quotes in the demo: ada is in both rooms, cyd only where it goes to.

let database: TestDatabase;
let node: TestNode;
let browser: Browser;
let ada: Person;
let bob: Person;
let cyd: Person;
let kitchen: string;
let garden: string;
let adas: Page;
let cyds: Page;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url, env: { DEMO: 'true' } });
  [ada, bob, cyd] = [await signUp(node, 'ada'), await signUp(node, 'bob'), await signUp(node, 'cyd')];
  kitchen = await ada.createRoom('The kitchen');
  garden = await ada.createRoom('The garden');
  await bob.join(kitchen);
  await cyd.join(garden);
  await bob.say(kitchen, 'The soup is ready.');
  browser = await launchBrowser();
  adas = await openAs(ada, 'The kitchen');
  cyds = await openAs(cyd, 'The garden');
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
  await database?.drop();
});

async function openAs({ username }: Person, room: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.goto(new URL('/', node.url).href);
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
  await page.getByLabel('Username or e-mail address').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: new RegExp(room) }).click();
  return page;
}

const messageIn = (page: Page, text: string) => page.locator('#messages .message', { hasText: text });

test('a message is forwarded to a chosen room, which opens', async () => {
  const message = messageIn(adas, 'The soup is ready.');
  await message.hover();
  await message.getByRole('button', { name: 'Forward', exact: true }).click();
  const dialog = adas.getByRole('dialog', { name: 'Forward to …' });
  await expectAccessible(adas);
  const search = dialog.getByLabel('Search your rooms');
  await search.fill('nowhere');
  await dialog.getByText('No room has this name.').waitFor();
  await search.fill('GARDEN');
  await expect.poll(() => dialog.locator('.listed-message').allInnerTexts()).toEqual(['The garden']);
  await dialog.getByRole('button', { name: 'The garden' }).click();
  await messageIn(adas, 'The soup is ready.')
    .getByRole('button', { name: 'Forwarded from bob, The kitchen' })
    .waitFor();
  expect(await adas.getByRole('heading', { name: 'The garden' }).count()).toBe(1);
});

test('who may not see the origin sees that it was forwarded, and no name', async () => {
  const message = messageIn(cyds, 'The soup is ready.');
  await message.getByText('Forwarded', { exact: true }).waitFor();
  expect(await message.innerText()).not.toContain('bob');
  expect(await message.innerText()).not.toContain('kitchen');
  await expectAccessible(cyds);
});

test('the origin shows as soon as the viewer joins its room', async () => {
  await cyd.join(kitchen);
  await messageIn(cyds, 'The soup is ready.')
    .getByRole('button', { name: 'Forwarded from bob, The kitchen' })
    .click();
  await expect.poll(() => cyds.getByRole('heading', { name: 'The kitchen' }).count()).toBe(1);
  await messageIn(cyds, 'The soup is ready.').waitFor();
});

test('metadata is shown below its message', async () => {
  const metadata = [
    { key: 'ticket', value: { text: 'A-17' } },
    { key: 'isUrgent', value: { isTrue: true } },
  ];
  const input = { roomId: garden, text: 'It is broken.', metadata, idempotencyKey: randomUUID() };
  await ada.change('sendMessage', input);
  const list = messageIn(adas, 'It is broken.').locator('.metadata');
  await list.waitFor();
  expect((await list.innerText()).split(/\s+/)).toEqual(['ticket', 'A-17', 'isUrgent', 'yes']);
});

test('a quote says that its message was deleted, or that the viewer may not see it', async () => {
  const { message: quoted } = await ada.say(kitchen, 'to be deleted');
  await bob.say(kitchen, 'quotes it', { replyToId: quoted.id });
  await messageIn(cyds, 'quotes it').locator('.quote', { hasText: 'to be deleted' }).waitFor();
  await ada.change('deleteMessage', { messageId: quoted.id });
  await messageIn(cyds, 'quotes it').locator('.quote', { hasText: 'This message was deleted.' }).waitFor();

  const { message: old } = await bob.say(kitchen, 'before the history of cyd');
  await execute(
    database.url,
    `UPDATE memberships SET visible_from_seq = ${(old.seq ?? 0) + 1} WHERE room_id = ${numberIn(kitchen)} AND user_id = ${numberIn(cyd.userId)}`,
  );
  await bob.say(kitchen, 'quotes what cyd cannot see', { replyToId: old.id });
  await messageIn(cyds, 'quotes what cyd cannot see').getByText('A message that you cannot see.').waitFor();
});
