import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { Mailbox, type Received, tokenIn } from '../harness/mailbox.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { signUp } from '../harness/people.ts';
import { PASSWORD } from '../harness/sdk.ts';
import { codeOf, wrongCodeOf } from '../harness/totp.ts';

// The account of a user in the demo.

const SHOTS = process.env['DEMO_SHOTS'];

let database: TestDatabase;
let mailbox: Mailbox;
let node: TestNode;
let browser: Browser;

beforeAll(async () => {
  database = await createDatabase();
  mailbox = await Mailbox.open();
  const PUBLIC_URL = 'https://chat.example.org/';
  const env = { DEMO: 'true', SMTP_URL: mailbox.url, MAIL_FROM: 'parley@example.org', PUBLIC_URL };
  node = await startNode({ databaseUrl: database.url, env });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
  await mailbox?.close();
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
  await change('wrong password', 'a better password');
  await dialog.getByText('The current password is wrong.').waitFor();
  await change(PASSWORD, 'password123');
  await dialog.getByText(/one of the most common/).waitFor();
  await change(PASSWORD, 'a better password');
  await dialog.getByText(/Your password was changed/).waitFor();
  await there.reload();
  await signIn(there, ann.username, 'a better password');
  await there.getByRole('button', { name: 'Your account' }).waitFor();
});

test('a user deletes the account', async () => {
  const ann = await signUp(node, 'ann');
  const page = await openPage();
  await signIn(page, ann.username);
  const dialog = await accountOf(page);
  const section = dialog.getByRole('region', { name: 'Delete account' });
  await section.getByText('Delete account').first().click();
  await section.getByText(/This cannot be undone/).waitFor();
  await section.getByLabel('Also delete all my messages').check();
  await expectAccessible(page);
  await picture(page, 'delete-account');
  await section.getByLabel('Password').fill('wrong password');
  await section.getByRole('button', { name: 'Delete account' }).click();
  await section.getByText('The password is wrong.').waitFor();
  await section.getByLabel('Password').fill(PASSWORD);
  await section.getByRole('button', { name: 'Delete account' }).click();
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().waitFor();
  await signIn(page, ann.username);
  await page
    .getByRole('alert')
    .getByText(/wrong|not valid/i)
    .first()
    .waitFor();
});

const passwordLink = (mail: Received) => `/#reset=${tokenIn(mail)}`;

async function signUpByForm(page: Page, username: string): Promise<void> {
  await page.getByLabel('Username', { exact: true }).fill(username);
  await page.getByLabel('E-mail address').fill(`${username}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.locator('form').getByRole('button', { name: 'Create account' }).click();
}

test('a new user verifies the address by a mail, and changes it', async () => {
  const page = await openPage();
  await signUpByForm(page, 'vera');
  const reminder = page.getByRole('complementary', { name: 'Verify your e-mail address' });
  await reminder.getByText(/vera@example.com is not verified/).waitFor();
  await expectAccessible(page);
  await picture(page, 'unverified');
  await mailbox.next('vera@example.com');
  await reminder.getByRole('button', { name: 'Send the link again' }).click();
  await reminder.getByText(/on its way to vera@example.com/).waitFor();
  const mail = await mailbox.next('vera@example.com');
  await page.goto(new URL(`/#verify=${tokenIn(mail)}`, node.url).href);
  await page.getByText('The address vera@example.com is verified.').waitFor();
  expect(page.url()).not.toContain('verify');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Continue' }).click();
  const dialog = await accountOf(page);
  await dialog.getByText('vera@example.com verified').waitFor();
  expect(await reminder.count()).toBe(0);

  await dialog.getByText('Change e-mail address').first().click();
  await dialog.getByLabel('New e-mail address').fill('vera@example.net');
  await dialog.getByRole('textbox', { name: 'Password', exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Change e-mail address' }).click();
  await dialog.getByText('It changes to vera@example.net').waitFor();
  await expectAccessible(page);
  await picture(page, 'account-email');
  const other = await openPage(`/#verify=${tokenIn(await mailbox.next('vera@example.net'))}`);
  await other.getByText('The address vera@example.net is verified.').waitFor();
});

test('a user who forgot the password chooses another one by a mail', async () => {
  const page = await openPage();
  const ann = await signUp(node, 'ann');
  const email = `${ann.username}@example.org`;
  await mailbox.next(email);
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
  await page.getByRole('button', { name: 'Forgot your password?' }).click();
  const dialog = page.getByRole('dialog', { name: 'Forgot your password?' });
  await dialog.getByLabel('Username or e-mail address').fill(ann.username);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Send link' }).click();
  await dialog.getByText(/If there is such an account/).waitFor();
  const link = passwordLink(await mailbox.next(email));

  const phone = await openPage(link);
  await phone.getByLabel('New password', { exact: true }).fill('password123');
  await phone.getByRole('button', { name: 'Choose a new password' }).click();
  await phone.getByText(/one of the most common/).waitFor();
  await expectAccessible(phone);
  await picture(phone, 'reset');
  await phone.getByLabel('New password', { exact: true }).fill('a much better password');
  await phone.getByRole('button', { name: 'Choose a new password' }).click();
  const account = await accountOf(phone);
  await account.getByText(`${email} verified`).waitFor();
  const again = await openPage(link);
  await again.getByLabel('New password', { exact: true }).fill('a much better password');
  await again.getByRole('button', { name: 'Choose a new password' }).click();
  await again.getByText('This link does not work any more.').waitFor();
});

test('a user sets up an app with codes, and signs in with a code and with a recovery code', async () => {
  const eve = await signUp(node, 'eve');
  const [here, there] = [await openPage(), await openPage()];
  await signIn(here, eve.username);
  const dialog = await accountOf(here);
  const steps = dialog.getByRole('region', { name: 'Two-step sign-in' });
  await steps.getByText('Set up an app').click();
  await steps.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await steps.getByRole('button', { name: 'Continue' }).click();
  await steps.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
  const secret = await steps.locator('code').innerText();
  await expectAccessible(here);
  await picture(here, 'two-step');
  await steps.getByRole('textbox', { name: 'Code' }).fill(wrongCodeOf(secret));
  await steps.getByRole('button', { name: 'Turn on' }).click();
  await steps.getByText('The code is wrong, or was used before.').waitFor();
  await steps.getByRole('textbox', { name: 'Code' }).fill(codeOf(secret));
  await steps.getByRole('button', { name: 'Turn on' }).click();
  const codes = steps.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
  await expect.poll(() => codes.count()).toBe(10);
  const recoveryCode = await codes.first().innerText();
  await steps.getByText('Unused recovery codes: 10.').waitFor();
  await expectAccessible(here);
  await picture(here, 'recovery-codes');

  await signIn(there, eve.username);
  await there.getByText('Your password is right.').waitFor();
  await expectAccessible(there);
  await picture(there, 'second-step');
  const enter = async (code: string) => {
    await there.getByRole('textbox', { name: 'Code' }).fill(code);
    await there.locator('form').getByRole('button', { name: 'Sign in' }).click();
  };
  await enter(wrongCodeOf(secret));
  await there.getByText('The code is wrong, or was used before.').waitFor();
  await enter(codeOf(secret, 1));
  await there.getByRole('button', { name: 'Your account' }).waitFor();

  const other = await openPage();
  await signIn(other, eve.username);
  await other.getByRole('textbox', { name: 'Code' }).fill(recoveryCode);
  await other.locator('form').getByRole('button', { name: 'Sign in' }).click();
  const again = await accountOf(other);
  const turning = again.getByRole('region', { name: 'Two-step sign-in' });
  await turning.getByText('Unused recovery codes: 9.').waitFor();
  await again.locator('summary', { hasText: 'Turn off' }).click();
  await turning.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await turning.getByRole('textbox', { name: 'Code' }).fill(recoveryCode);
  await turning.getByRole('button', { name: 'Turn off' }).click();
  await turning.getByText('The code is wrong, or was used before.').waitFor();
  await turning
    .getByRole('textbox', { name: 'Code' })

    .fill((await here.locator('.recovery-codes li').nth(1).innerText()).trim());
  await turning.getByRole('button', { name: 'Turn off' }).click();
  await turning.getByText('Set up an app').waitFor();
});
