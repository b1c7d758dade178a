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

// The account of a user in the demo.

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

async function openPage(path = '/'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 820 } });
  const page = await context.newPage();
  await page.goto(new URL(path, node.url).href);
  return page;
}

async function signIn(page: Page, username: string, password = PASSWORD): Promise<void> {
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
  await page.getByLabel('Username or e-mail address').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
}

const accountOf = async (page: Page) => {
  await page.getByRole('button', { name: 'Your account' }).click();
  return page.getByRole('dialog', { name: 'Your account' });
};

async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

async function picture(page: Page, name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

test('a user sees the devices, signs another one out, and changes the password', async () => {
  const ann = await signUp(node, 'ann');
  const [here, there] = [await openPage(), await openPage()];
  for (const page of [here, there]) await signIn(page, ann.username);
  const dialog = await accountOf(here);
  const devices = dialog.getByRole('region', { name: 'Devices' }).getByRole('listitem');
  await expect.poll(() => devices.count()).toBe(3);
  await expect.poll(() => devices.filter({ hasText: 'This device' }).innerText()).toMatch(/Chrome, Linux/);
  await expectAccessible(here);
  await picture(here, 'account');
  await devices.first().getByRole('button', { name: 'Sign out' }).click();
  await there.getByText('Your session has ended.').first().waitFor();
  await dialog.getByRole('button', { name: 'Sign out all other devices' }).click();
  await expect.poll(() => devices.count()).toBe(1);

  const change = async (current: string, next: string) => {
    await dialog.getByLabel('Current password').fill(current);
    await dialog.getByLabel('New password').fill(next);
    await dialog.getByRole('button', { name: 'Change password' }).click();
  };
  await change(PASSWORD, 'password123');
  await dialog.getByText(/one of the most common/).waitFor();
  await change(PASSWORD, 'a better password');
  await dialog.getByText(/Your password was changed/).waitFor();
  await there.reload();
  await signIn(there, ann.username, 'a better password');
  await there.getByRole('button', { name: 'Your account' }).waitFor();
});
