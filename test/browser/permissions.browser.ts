import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { signUp } from '../harness/people.ts';
import { PASSWORD } from '../harness/sdk.ts';

// The permissions of a room in the demo.

const SHOTS = process.env['DEMO_SHOTS'];

let database: TestDatabase;
let node: TestNode;
let browser: Browser;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url, env: { DEMO: 'true' } });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
  await database?.drop();
});

async function openRoom(username: string, room: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 820 } });
  const page = await context.newPage();
  await page.goto(new URL('/', node.url).href);
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
  await page.getByLabel('Username or e-mail address').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: room }).first().click();
  await page.getByRole('heading', { name: room }).waitFor();
  return page;
}

test('an owner takes a permission from a role by keyboard; members lose it at once, and others see no table', async () => {
  const [ann, ben] = [await signUp(node, 'ann'), await signUp(node, 'ben')];
  const roomId = await ann.createRoom('the quiet hall');
  await ben.join(roomId);
  await ann.say(roomId, 'hello');
  const [annes, bens] = [
    await openRoom(ann.username, 'the quiet hall'),
    await openRoom(ben.username, 'the quiet hall'),
  ];
  await bens.getByRole('textbox', { name: 'Write a message' }).waitFor();
  await annes.getByRole('button', { name: 'Room settings' }).click();
  const table = annes.getByRole('region', { name: 'Permissions', exact: true });
  await table.waitFor();
  expect(await table.getByRole('columnheader').allInnerTexts()).toEqual([
    'Admins',
    'Moderators',
    'Members',
    'Guests',
  ]);
  await expectAccessible(annes);
  const cell = table.getByLabel('Send messages: Members');
  await cell.focus();
  if (SHOTS) await annes.screenshot({ path: `${SHOTS}/permissions.png` });
  await annes.keyboard.type('No');
  await bens.getByText('You cannot send messages in this room.').waitFor();
  await expect.poll(() => cell.inputValue()).toBe('DENY');
  await cell.selectOption('Default');
  await bens.getByRole('textbox', { name: 'Write a message' }).waitFor();
  expect(await table.getByLabel('Manage members: Guests').getByRole('option').allInnerTexts()).toEqual([
    'Default',
    'No',
  ]);
  await bens.getByRole('button', { name: 'Room settings' }).click();
  await bens.getByRole('dialog', { name: 'Room settings' }).waitFor();
  expect(await bens.getByRole('region', { name: 'Permissions', exact: true }).count()).toBe(0);
});
