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

// The settings of a room in the demo: slow mode, and who sends messages.

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

test('an owner sets slow mode and who sends messages; members wait, react and reply in threads', async () => {
  const [ann, ben] = [await signUp(node, 'ann'), await signUp(node, 'ben')];
  const roomId = await ann.createRoom('the slow hall');
  await ben.join(roomId);
  await ann.say(roomId, 'hello');
  const [annes, bens] = [
    await openRoom(ann.username, 'the slow hall'),
    await openRoom(ben.username, 'the slow hall'),
  ];
  const writing = bens.getByRole('textbox', { name: 'Write a message' });
  await writing.waitFor();
  await bens.getByRole('button', { name: 'Room settings' }).click();
  await bens.getByRole('dialog', { name: 'Room settings' }).waitFor();
  expect(await bens.getByRole('region', { name: 'For all members' }).count()).toBe(0);
  await bens.keyboard.press('Escape');

  await annes.getByRole('button', { name: 'Room settings' }).click();
  const rules = annes.getByRole('region', { name: 'For all members' });
  await rules.waitFor();
  await expectAccessible(annes);
  const slowMode = rules.getByLabel('Slow mode');
  await slowMode.focus();
  await slowMode.selectOption('1 hour');
  await writing.fill('one');
  await writing.press('Enter');
  await bens.getByText(/^Slow mode: you can send the next message in \d+:\d\d\.$/).waitFor();
  await writing.fill('two');
  expect(await bens.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
  await expectAccessible(bens);
  if (SHOTS) await bens.screenshot({ path: `${SHOTS}/slow-mode.png` });
  await slowMode.selectOption('Off');
  await bens.getByRole('timer').waitFor({ state: 'detached' });
  await writing.press('Enter');
  await annes.getByText('two', { exact: true }).waitFor();

  await rules
    .getByLabel('Who sends messages')
    .selectOption('Moderators; all others react and reply in threads');
  await bens.getByText('You cannot send messages in this room.').waitFor();
  if (SHOTS) await annes.screenshot({ path: `${SHOTS}/room-settings.png` });
  const hello = bens.locator('#messages').getByRole('listitem').filter({ hasText: 'hello' });
  await hello.hover();
  await hello.getByRole('button', { name: 'Reply in a thread' }).click();
  const replying = bens.getByRole('textbox', { name: 'Write a reply' });
  await replying.fill('a reply');
  await replying.press('Enter');
  await bens.getByRole('complementary', { name: 'Thread' }).getByText('a reply').waitFor();
  await expect.poll(() => bens.getByLabel('Also send to the room').count()).toBe(0);
});
