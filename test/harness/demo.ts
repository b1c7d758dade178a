import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchBrowser } from './browser.ts';
import { createDatabase, type TestDatabase } from './database.ts';
import { startNode, type TestNode } from './node.ts';
import { PASSWORD } from './sdk.ts';

/** A node with the demo, and a browser, for the tests of one file. */
export interface Demo {
  readonly node: TestNode;
  /** Signs a user in, in a window of its own on a desktop. */
  signIn(username: string): Promise<Page>;
  /** The same, and opens the room with that name. */
  openRoom(username: string, room: string): Promise<Page>;
}

export function useDemo(): Demo {
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
  return {
    get node() {
      return node;
    },
    signIn: (username) => signIn(browser, node, username),
    async openRoom(username, room) {
      const page = await signIn(browser, node, username);
      await page.getByRole('link', { name: room }).first().click();
      await page.getByRole('heading', { name: room }).waitFor();
      return page;
    },
  };
}

async function signIn(browser: Browser, node: TestNode, username: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 820 } });
  const page = await context.newPage();
  await page.goto(new URL('/', node.url).href);
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
  await page.getByLabel('Username or e-mail address').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'Directory' }).waitFor();
  return page;
}
