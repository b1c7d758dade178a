import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { launchBrowser } from '../harness/browser.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUp } from '../harness/people.ts';
import { PASSWORD } from '../harness/sdk.ts';

// Pinned messages, saved messages and polls in the demo, on two devices; and links that bring others there.

const ROOM = 'A place to keep things';

let database: TestDatabase;
let node: TestNode;
let browser: Browser;
let ada: Person;
let bob: Person;
let roomId: string;
let adas: Page;
let bobs: Page;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url, env: { DEMO: 'true' } });
  [ada, bob] = [await signUp(node, 'ada'), await signUp(node, 'bob')];
  roomId = await ada.createRoom(ROOM);
  await bob.join(roomId);
  for (const text of ['worth keeping', 'and another']) await ada.say(roomId, text);
  browser = await launchBrowser();
  [adas, bobs] = [await openAs(ada), await openAs(bob)];
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
  await database?.drop();
});

async function openAs({ username }: Person): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1360, height: 820 } })).newPage();
  await page.goto(new URL('/', node.url).href);
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
  await page.getByLabel('Username or e-mail address').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: new RegExp(ROOM) }).click();
  await page.locator('.message', { hasText: 'worth keeping' }).waitFor();
  return page;
}

const messageIn = (page: Page, text: string) => page.locator('.messages .message', { hasText: text });

async function act(page: Page, text: string, action: string): Promise<void> {
  await messageIn(page, text).focus();
  await messageIn(page, text).getByRole('button', { name: action }).click();
}

test('a pinned message is marked and listed for all members, and the list leads to it', async () => {
  await act(adas, 'worth keeping', 'Pin message');
  for (const page of [adas, bobs])
    await expect.poll(() => messageIn(page, 'worth keeping').locator('.pinned-mark').count()).toBe(1);
  expect(await messageIn(bobs, 'and another').getByRole('button', { name: 'Pin message' }).count()).toBe(0);
  await bobs.getByRole('button', { name: 'Pinned messages' }).click();
  const dialog = bobs.getByRole('dialog');
  await dialog.getByRole('button', { name: /worth keeping/ }).click();
  await expect.poll(() => messageIn(bobs, 'worth keeping').getAttribute('class')).toContain('marked');
  await act(adas, 'worth keeping', 'Unpin message');
  await expect.poll(() => messageIn(bobs, 'worth keeping').locator('.pinned-mark').count()).toBe(0);
});

test('a saved message is listed for its user only, and shows that it was deleted', async () => {
  await act(bobs, 'and another', 'Save message');
  await bobs.getByRole('button', { name: 'Saved messages' }).click();
  const dialog = bobs.getByRole('dialog');
  await dialog.getByText('and another').waitFor();
  await ada.change('deleteMessage', { messageId: await idOf('and another') });
  await bobs.keyboard.press('Escape');
  await bobs.reload();
  await bobs.getByRole('button', { name: 'Saved messages' }).click();
  await dialog.getByText('This message was deleted.').waitFor();
  await dialog.getByRole('button', { name: 'Remove from saved messages' }).click();
  await dialog.getByText('You have not saved any messages.').waitFor();
});

test('a poll with hidden results is created, voted in, and shows them when it is closed', async () => {
  await bobs.keyboard.press('Escape');
  await adas.getByRole('button', { name: 'New poll' }).click();
  const dialog = adas.getByRole('dialog');
  await dialog.getByLabel('Question').fill('Where shall we meet?');
  await dialog.getByLabel('Option 1').fill('Here');
  await dialog.getByLabel('Option 2').fill('There');
  await dialog.getByRole('button', { name: 'Add an option' }).click();
  await dialog.getByLabel('Option 3').fill('Nowhere');
  await dialog.getByLabel('Hide the results until the poll is closed').check();
  await dialog.getByRole('button', { name: 'Create poll' }).click();
  await dialog.waitFor({ state: 'detached' });
  const pollOn = (page: Page) => messageIn(page, 'Where shall we meet?').getByRole('group', { name: 'Poll' });
  await pollOn(bobs)
    .getByRole('button', { name: /^There/ })
    .click();
  const isChosen = (page: Page, name: RegExp) =>
    pollOn(page).getByRole('button', { name }).getAttribute('aria-pressed');
  await expect.poll(() => isChosen(bobs, /^There/)).toBe('true');
  await pollOn(adas).getByText('1 person has voted').waitFor();
  expect(await pollOn(adas).locator('.poll-count').count()).toBe(0);
  await pollOn(adas).getByRole('button', { name: /^Here/ }).click();
  await pollOn(bobs).getByText('2 people have voted').waitFor();
  expect(await isChosen(bobs, /^Here/)).toBe('false');
  expect(await pollOn(bobs).getByRole('button', { name: 'Close poll' }).count()).toBe(0);
  await pollOn(adas).getByRole('button', { name: 'Close poll' }).click();
  await adas.getByRole('dialog').getByRole('button', { name: 'Close poll' }).click();
  for (const page of [adas, bobs]) {
    await pollOn(page).getByText('Closed').waitFor();
    await expect
      .poll(() => pollOn(page).locator('.poll-count').allTextContents())
      .toEqual(['1 vote', '1 vote', '0 votes']);
    expect(await pollOn(page).getByRole('button', { name: /^Here/ }).isDisabled()).toBe(true);
  }
  await expectAccessible(adas);
});

async function idOf(text: string): Promise<string> {
  const query = 'query ($id: ID!) { room(id: $id) { messages { nodes { id text } } } }';
  const { data } = await ada.ask(query, { id: roomId });
  return data.room.messages.nodes.find((message: { text: string }) => message.text === text).id;
}

test('two strangers talk by a link: a name is enough, and the account of a guest can become permanent', async () => {
  await adas.getByRole('button', { name: 'Room settings' }).click();
  const settings = adas.getByRole('dialog');
  await settings.getByRole('button', { name: 'Create link' }).click();
  const link = await settings.getByLabel('Link', { exact: true }).inputValue();
  await settings.getByText(/used 0 times/).waitFor();
  await adas.keyboard.press('Escape');

  const guests = await (await browser.newContext({ viewport: { width: 390, height: 780 } })).newPage();
  const requests: string[] = [];
  guests.on('request', (request) => requests.push(request.url()));
  await guests.goto(link);
  await guests.getByText(`Join “${ROOM}”`).waitFor();
  await guests.getByText(/ada invites you\. 2 people are there\./).waitFor();
  await guests.getByLabel('Your name').fill('Gus');
  await guests.getByRole('button', { name: 'Join room' }).click();
  await guests.getByLabel('Write a message').fill('hello from nowhere');
  await guests.getByLabel('Write a message').press('Enter');
  await messageIn(adas, 'hello from nowhere').getByText('Gus').waitFor();
  const code = link.slice(link.indexOf('#join=') + 6);
  expect(requests.filter((url) => url.includes(code))).toEqual([]);

  await guests.getByRole('link', { name: 'Back to rooms' }).click();
  expect(await guests.getByRole('link', { name: 'Directory' }).count()).toBe(0);
  await guests.getByRole('button', { name: 'Make this account permanent' }).click();
  await guests.getByLabel('Username').fill('gustav');
  await guests.getByLabel('E-mail address').fill('gustav@example.org');
  await guests.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await guests.getByRole('dialog').getByRole('button', { name: 'Make this account permanent' }).click();
  await guests.getByRole('link', { name: 'Directory' }).click();
  await guests.getByRole('heading', { name: 'Directory' }).waitFor();

  // A user with an account needs one click.
  await bobs.goto(link);
  await bobs.getByText('You join as bob.').waitFor();
  await bobs.getByRole('button', { name: 'Join room' }).click();
  await messageIn(bobs, 'hello from nowhere').waitFor();

  await adas.getByRole('button', { name: 'Room settings' }).click();
  await settings.getByText(/used once/).waitFor();
  await settings.getByRole('button', { name: 'Revoke' }).click();
  await expect.poll(() => settings.getByRole('button', { name: 'Revoke' }).count()).toBe(0);
  await guests.goto('about:blank');
  await guests.goto(link);
  await guests.getByText('This link does not work any more. Ask for a new one.').waitFor();
});
