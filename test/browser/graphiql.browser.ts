import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examples } from '../../src/server/pages/examples.ts';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { ask, Person } from '../harness/people.ts';

// GraphiQL as a newcomer meets it, in a real browser, with nothing from the network.

const LOGIN =
  'mutation ($input: LoginInput!) { login(input: $input) { ... on LoginSuccess { tokens { accessToken refreshToken } viewer { user { id } } } } }';

let database: TestDatabase;
let node: TestNode;
let browser: Browser;
let page: Page;
const foreign: string[] = [];
const problems: string[] = [];
const heard: string[] = [];

beforeAll(async () => {
  database = await createDatabase();
  const env = { GRAPHIQL: 'true', HEARTBEAT_SECONDS: '1' };
  node = await startNode({ databaseUrl: database.url, env });
  browser = await launchBrowser();
  page = await browser.newPage();
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(node.url).origin) && !/^(data|blob):/.test(request.url()))
      foreign.push(request.url());
  });
  // Also what the content security policy of the page refuses.
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => heard.push(String(payload))));
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
  await database?.drop();
});

/** Puts a text into one of GraphiQL's editors, which are no ordinary inputs. */
async function fill(editor: string, text: string): Promise<void> {
  await page.locator(editor).first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

const EXAMPLES = examples.map(({ query }) => /(?:query|mutation|subscription) (\w+)/.exec(query)?.[1]);

test('GraphiQL opens offline, with examples in its tabs', async () => {
  await page.goto(node.url);
  const tabs = page.locator('.graphiql-tab');
  await expect.poll(() => tabs.allInnerTexts()).toEqual(EXAMPLES);
  // The first press of the pointer, as long as a real one.
  await page.locator('button[title=Watch]').click({ delay: 60 });
  await expect.poll(() => page.locator('.graphiql-tab-active').innerText()).toBe('Watch');
  await page.locator('button[title=Register]').click({ delay: 60 });
  await expect.poll(() => page.locator('.graphiql-tab-active').innerText()).toBe('Register');
  await page.reload();
  await page.locator('button[title=Watch]').waitFor();
  expect(await tabs.allInnerTexts()).toEqual(EXAMPLES);
  expect(foreign).toEqual([]);
});

test('its examples register, watch over a WebSocket, and see a message arrive', async () => {
  const answer = page.locator('.graphiql-response');
  // GraphiQL stores half a second later which tab is open: the reload may have come before.
  await page.locator('button[title=Register]').click();
  await expect.poll(() => page.locator('.graphiql-tab-active').innerText()).toBe('Register');
  await page.getByRole('button', { name: /execute query/i }).click();
  await expect.poll(() => answer.innerText()).toContain('accessToken');
  const { data } = await ask<any>(node.url, LOGIN, {
    input: { usernameOrEmail: 'ada', password: 'correct horse battery staple' },
  });
  const { tokens, viewer } = data?.login ?? {};
  const ada = new Person(node, viewer.user.id, 'ada', tokens.accessToken, tokens.refreshToken);
  const roomId = await ada.createRoom('engine room');

  await page.locator('button[title=Watch]').click();
  await page.getByRole('button', { name: 'Headers' }).click();
  await fill(
    '.graphiql-editor-tool .graphiql-editor:not(.hidden)',
    JSON.stringify({ authorization: `Bearer ${ada.token}` }),
  );
  await page.getByRole('button', { name: /execute query/i }).click();
  await expect.poll(() => answer.innerText()).toContain('StreamReady');
  await ada.say(roomId, 'hello-browser');
  await expect.poll(() => answer.innerText()).toContain('hello-browser');
  // The last item stays visible until the next one; a heartbeat does not count.
  const isHeartbeat = (frame: string) => frame.includes('"Heartbeat"');
  const before = heard.filter(isHeartbeat).length;
  await expect.poll(() => heard.filter(isHeartbeat).length).toBeGreaterThan(before + 1);
  expect(await answer.innerText()).toContain('hello-browser');
  await ada.say(roomId, 'once-more');
  await expect.poll(() => answer.innerText()).toContain('once-more');
  expect(foreign).toEqual([]);
});

test('nothing of it was refused by its policy, and no token outlives the window', async () => {
  const { kept, session } = await page.evaluate(() => ({
    kept: JSON.stringify(localStorage),
    session: JSON.stringify(sessionStorage),
  }));
  expect(session).toContain('Bearer ');
  expect(kept).not.toMatch(/Bearer|eyJ/);
  expect(problems).toEqual([]);
});
