import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, execute, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { signUp } from '../harness/people.ts';
import { PASSWORD } from '../harness/sdk.ts';

// Passkeys in the demo, with an authenticator of Chromium.

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

async function openPage(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 820 } });
  const page = await context.newPage();
  // Passkeys belong to a name, not to an address.
  await page.goto(new URL('/', node.url.replace('127.0.0.1', 'localhost')).href);
  return page;
}

/** Gives the page an authenticator in software, which answers at once. */
async function addAuthenticator(page: Page): Promise<{ cdp: CDPSession; authenticatorId: string }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, authenticatorId };
}

async function signIn(page: Page, username: string): Promise<void> {
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
  await page.getByLabel('Username or e-mail address').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.locator('form').getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function picture(page: Page, name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

test('a user creates a passkey, signs in with it, renames it and deletes it', async () => {
  const ida = await signUp(node, 'ida');
  const page = await openPage();
  await signIn(page, ida.username);
  const { cdp, authenticatorId } = await addAuthenticator(page);
  const openAccount = async () => {
    await page.getByRole('button', { name: 'Your account' }).click();
    return page.getByRole('dialog', { name: 'Your account' }).getByRole('region', { name: 'Passkeys' });
  };
  const passkeys = await openAccount();
  await passkeys.getByText('Add a passkey').click();
  await passkeys.getByRole('textbox', { name: 'Name of the passkey' }).fill('laptop');
  await passkeys.getByRole('textbox', { name: 'Password' }).fill('wrong password');
  await passkeys.getByRole('button', { name: 'Create passkey' }).click();
  await passkeys.getByText('The password is wrong.').waitFor();
  await passkeys.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await passkeys.getByRole('button', { name: 'Create passkey' }).click();
  const entry = passkeys.getByRole('listitem');
  await entry.getByText('Not used yet').waitFor();
  await expectAccessible(page);
  await picture(page, 'passkeys');
  const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
  expect(credentials).toMatchObject([{ isResidentCredential: true, rpId: 'localhost' }]);

  const signOut = async () => {
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
  };
  // The browser offers the passkey below the field, and this authenticator takes every offer.
  await signOut();
  await page.getByRole('button', { name: 'Your account' }).waitFor();
  await page.evaluate('PublicKeyCredential.isConditionalMediationAvailable = async () => false');
  await signOut();
  const byPasskey = page.getByRole('button', { name: 'Sign in with a passkey' });
  await byPasskey.waitFor();
  await expectAccessible(page);
  await picture(page, 'passkey-sign-in');
  await byPasskey.click();

  const again = await openAccount();
  await again.getByText(/^laptop/).click();
  await again.getByText(/Last used/).waitFor();
  await again.getByRole('textbox', { name: 'Name of the passkey' }).fill('old laptop');
  await again.getByRole('button', { name: 'Rename' }).click();
  await again.getByText(/^old laptop/).waitFor();
  await again.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await again.getByRole('button', { name: 'Delete passkey' }).click();
  await expect.poll(() => again.getByRole('listitem').count()).toBe(0);

  await signOut();
  await byPasskey.click();
  await page.getByText('The passkey is not accepted.').waitFor();
});

test('a user without a password creates a passkey without a proof, and cannot delete the last way to sign in', async () => {
  const uma = await signUp(node, 'uma');
  const page = await openPage();
  await signIn(page, uma.username);
  await page.getByRole('button', { name: 'Your account' }).waitFor();
  await execute(database.url, `UPDATE users SET password_hash = NULL WHERE username = '${uma.username}'`);
  await addAuthenticator(page);
  await page.getByRole('button', { name: 'Your account' }).click();
  const passkeys = page
    .getByRole('dialog', { name: 'Your account' })
    .getByRole('region', { name: 'Passkeys' });
  await passkeys.getByText('Add a passkey').click();
  await passkeys.getByRole('textbox', { name: 'Name of the passkey' }).fill('phone');
  expect(await passkeys.getByRole('textbox', { name: 'Password' }).count()).toBe(0);
  await passkeys.getByRole('button', { name: 'Create passkey' }).click();
  await passkeys.getByText(/^phone/).click();
  await passkeys.getByRole('button', { name: 'Rename' }).waitFor();
  expect(await passkeys.getByRole('button', { name: 'Delete passkey' }).count()).toBe(0);
});
