import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { signUp } from '../harness/people.ts';
import { PASSWORD } from '../harness/sdk.ts';

// Moderation in the demo.

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
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

async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

test('an owner times a member out, and ends it; the member cannot write meanwhile', async () => {
  const [ann, ben] = [await signUp(node, 'ann'), await signUp(node, 'ben')];
  const roomId = await ann.createRoom('the loud hall');
  await ben.join(roomId);
  const [annes, bens] = [
    await openRoom(ann.username, 'the loud hall'),
    await openRoom(ben.username, 'the loud hall'),
  ];
  await bens.getByRole('textbox', { name: 'Write a message' }).waitFor();
  await annes.getByRole('button', { name: /members?$/ }).click();
  const members = annes.getByRole('dialog', { name: 'Members' });
  await members.getByRole('button', { name: 'Moderate ben' }).click();
  const panel = members.getByRole('region', { name: 'Moderate ben' });
  await panel.getByLabel('Reason').fill('too loud');
  await panel.getByLabel('For how long').selectOption('5 minutes');
  await expectAccessible(annes);
  if (SHOTS) await annes.screenshot({ path: `${SHOTS}/moderation.png` });
  await panel.getByRole('button', { name: 'Time out' }).click();
  await bens.getByText('You cannot send messages here for a while.').waitFor();
  await members.getByText('timed out until').waitFor();
  await panel.getByRole('button', { name: 'End timeout' }).click();
  await bens.getByRole('textbox', { name: 'Write a message' }).waitFor();
});
