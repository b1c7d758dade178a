import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { CLIENT, OpenIdProvider } from '../harness/openid-provider.ts';
import { signUp } from '../harness/people.ts';
import { PASSWORD } from '../harness/sdk.ts';

// Signing in to the demo with a real OpenID provider.

const SHOTS = process.env['DEMO_SHOTS'];

let database: TestDatabase;
let provider: OpenIdProvider;
let node: TestNode;
let browser: Browser;

beforeAll(async () => {
  [database, provider] = await Promise.all([createDatabase(), OpenIdProvider.open()]);
  const ISSUERS = JSON.stringify([{ name: 'corp', displayName: 'Corp', issuer: provider.issuer, ...CLIENT }]);
  node = await startNode({ databaseUrl: database.url, env: { DEMO: 'true', ISSUERS } });
  provider.serve(new URL('/', node.url).href);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
  provider?.close();
  await database?.drop();
});

async function openPage(path = '/'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 820 } });
  const page = await context.newPage();
  await page.goto(new URL(path, node.url).href);
  return page;
}

async function picture(page: Page, name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

const accountOf = async (page: Page) => {
  await page.getByRole('button', { name: 'Your account' }).click();
  return page.getByRole('dialog', { name: 'Your account' });
};

test('a user of a provider signs in, and keeps the only way to do so', async () => {
  provider.accounts.set('1', {
    name: 'Ada Lovelace',
    preferred_username: 'ada',
    email: 'ada@corp.example',
    email_verified: true,
  });
  provider.user = '1';
  const page = await openPage();
  const button = page.getByRole('button', { name: 'Sign in with Corp' });
  await button.waitFor();
  await expectAccessible(page);
  await picture(page, 'providers');
  await button.click();
  const dialog = await accountOf(page);
  expect(new URL(page.url()).search).toBe('');
  const identities = dialog.getByRole('region', { name: 'Sign in with' });
  await identities.getByText('Corp, ada@corp.example').waitFor();
  expect(await identities.getByRole('button', { name: 'Remove' }).count()).toBe(0);
  await expectAccessible(page);
  await picture(page, 'identities');
});

test('a user with a password links a user of a provider, and removes it again', async () => {
  const bob = await signUp(node, 'bob');
  provider.accounts.set('2', { email: 'bob@corp.example', email_verified: true });
  provider.user = '2';
  const page = await openPage();
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
  await page.getByLabel('Username or e-mail address').fill(bob.username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
  const dialog = await accountOf(page);
  const identities = dialog.getByRole('region', { name: 'Sign in with' });
  await identities.getByText('Link with Corp').first().click();
  await identities.getByLabel('Password').fill('wrong password');
  await identities.getByRole('button', { name: 'Link with Corp' }).click();
  await identities.getByText('The password is wrong.').waitFor();
  await identities.getByLabel('Password').fill(PASSWORD);
  await identities.getByRole('button', { name: 'Link with Corp' }).click();
  await page.getByText('You can now sign in with it.').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Continue' }).click();
  const again = await accountOf(page);
  await again.getByText('Corp, bob@corp.example').waitFor();
  await again.getByRole('button', { name: 'Remove' }).click();
  await expect.poll(() => again.getByText('Corp, bob@corp.example').count()).toBe(0);
});

test('an answer that another browser has asked for signs nobody in', async () => {
  const page = await openPage('/?code=x&state=y');
  await page.getByText(/was begun elsewhere/).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Sign in with Corp' }).waitFor();
});
