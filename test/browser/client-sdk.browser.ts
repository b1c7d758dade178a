import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Documents } from '../../packages/client/src/document-client.ts';
import type { Client } from '../../packages/client/src/index.ts';
import { launchProfile } from '../harness/browser.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { type Link, openLink } from '../harness/link.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUp } from '../harness/people.ts';
import { PASSWORD } from '../harness/sdk.ts';

// The client in a browser: its database, and several tabs with one connection.

declare const client: Client;
declare const documents: Documents;
declare const acknowledge: () => void;
/** What `follow` was told. */
declare const followed: string[];
/** The state of the outbox whenever it changed, since the page was opened. */
declare const waited: string[];

/** Any page of the node: the client is put into it. */
const PAGE = '/health/live';
/** In an address: the tab has no Web Locks, as on a page over HTTP. */
const WITHOUT_LOCKS = '?without-locks';

let database: TestDatabase;
let node: TestNode;
let script: string;
let link: Link;
let context: BrowserContext;
let folder: string;
let ann: Person;
let ben: Person;
let roomId: string;
const problems: string[] = [];

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url, env: { HEARTBEAT_SECONDS: '1' } });
  script = await bundle();
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

beforeEach(async () => {
  [ann, ben] = await Promise.all([signUp(node, 'ann'), signUp(node, 'ben')]);
  roomId = await ann.createRoom(`tabs ${randomUUID()}`);
  await ben.join(roomId);
  link = await openLink(node.url);
  folder = mkdtempSync(path.join(tmpdir(), 'parley-browser-'));
  problems.length = 0;
  context = await openProfile();
});

afterEach(async () => {
  await context.close();
  link.close();
  rmSync(folder, { recursive: true, force: true });
  expect(problems).toEqual([]);
});

async function bundle(): Promise<string> {
  const contents = `import { createDocuments } from './document-client.ts';
    import { createClient } from './index.ts';
    import { indexedDBStorage } from './indexeddb-storage.ts';
    import { acknowledgeDeliveries } from './live.ts';
    if (location.search === '${WITHOUT_LOCKS}') delete Navigator.prototype.locks;
    globalThis.client = createClient({ url: new URL('/graphql', location.href).href, storage: indexedDBStorage('chat') });
    globalThis.documents = createDocuments(client);
    globalThis.acknowledge = () => void acknowledgeDeliveries(client);
    globalThis.followed = [];
    globalThis.waited = [];
    client.outbox.subscribe(() => {
      waited.push(client.outbox.getSnapshot().map(({ text, status }) => text + ' ' + status).join());
    });`;
  const stdin = { contents, resolveDir: 'packages/client/src', loader: 'ts' as const };
  const { outputFiles } = await build({ stdin, bundle: true, format: 'iife', write: false });
  return outputFiles[0]?.text ?? '';
}

async function openProfile(): Promise<BrowserContext> {
  const opened = await launchProfile(folder);
  await opened.addInitScript(script);
  return opened;
}

/** A tab, and the connections that it opened. */
async function openTab(search = ''): Promise<{ page: Page; sockets: string[] }> {
  const page = await context.newPage();
  const sockets: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(new URL(PAGE + search, link.url).href);
  return { page, sockets };
}

const statusIn = (page: Page) => page.evaluate(() => client.connection.getSnapshot().status);
const send = (page: Page, text: string) =>
  page.evaluate(([id, said]) => client.room(id as string).send(said as string), [roomId, text]);
const textsIn = (page: Page) =>
  page.evaluate(
    (id) =>
      client
        .room(id)
        .messages.getSnapshot()
        .map(({ text, status }) => `${text} ${status}`),
    roomId,
  );
const shows = (page: Page, ...texts: string[]) =>
  expect.poll(() => textsIn(page)).toEqual(texts.map((text) => `${text} stored`));

async function signIn(page: Page): Promise<void> {
  await page.evaluate(
    ([name, password]) => client.login(name as string, password as string),
    [ann.username, PASSWORD],
  );
  await expect.poll(() => statusIn(page)).toBe('live');
}

/** A tab that is signed in, and another one beside it. */
async function openTwo() {
  const first = await openTab();
  await signIn(first.page);
  const second = await openTab();
  await expect.poll(() => statusIn(second.page)).toBe('live');
  return { first, second };
}

test('two tabs share one connection, and each can do everything', async () => {
  const { first, second } = await openTwo();
  await send(first.page, 'from the first');
  await shows(second.page, 'from the first');
  await send(second.page, 'from the second');
  await shows(first.page, 'from the first', 'from the second');
  await ben.say(roomId, 'from ben');
  for (const { page } of [first, second]) await shows(page, 'from the first', 'from the second', 'from ben');
  const refusal = second.page.evaluate(() =>
    client.joinRoom('nowhere').catch(({ name, code }: { name: string; code: string }) => ({ name, code })),
  );
  expect(await refusal).toEqual({ name: 'ParleyError', code: 'NOT_FOUND' });
  expect([first.sockets.length, second.sockets.length]).toEqual([1, 0]);
  await second.page.evaluate(() => client.logout());
  await expect.poll(() => statusIn(first.page)).toBe('signed-out');
});

test('when the tab with the connection is closed, another one goes on', async () => {
  const { first, second } = await openTwo();
  await send(first.page, 'one');
  await shows(second.page, 'one');
  link.silence();
  link.cut();
  await expect.poll(() => statusIn(second.page)).toBe('offline');
  await send(second.page, 'two');
  expect(await textsIn(second.page)).toEqual(['one stored', 'two pending']);
  await first.page.close();
  await ben.say(roomId, 'meanwhile');
  link.restore();
  await shows(second.page, 'one', 'meanwhile', 'two');
  expect(second.sockets.length).toBeGreaterThan(0);
});

const invitesOf = async () => {
  const { data } = await ann.ask('query ($id: ID!) { room(id: $id) { invites { nodes { id } } } }', {
    id: roomId,
  });
  return data.room.invites.nodes.length;
};

test('where the tab with the connection is closed before it answers, a query is repeated, and a mutation fails', async () => {
  const { first, second } = await openTwo();
  const release = link.holdAnswers();
  const mutation = 'mutation ($input: CreateInviteInput!) { createInvite(input: $input) { __typename } }';
  const asked = Promise.all([
    second.page.evaluate(
      ([document, id]) =>
        documents
          .request(document as never, { input: { roomId: id, role: 'MEMBER' } })
          .catch(({ code }: { code: string }) => code),
      [mutation, roomId] as const,
    ),
    second.page.evaluate((id) => documents.request(`{ room(id: "${id}") { id } }` as never, {}), roomId),
  ]);
  await expect.poll(invitesOf).toBe(1);
  await first.page.close();
  expect(await asked).toEqual(['NETWORK', { room: { id: roomId } }]);
  expect(await invitesOf()).toBe(1);
  release();
});

/** Subscribes with a document of an application. */
const follow = (page: Page) =>
  page.evaluate((id) => {
    const document = `subscription ($id: ID!) { room(id: $id) { ... on MessageCreated { message { text } } } }`;
    type Item = {
      readonly room: { readonly message?: { readonly text: string }; readonly __typename: string };
    };
    const note = (said: string) => void followed.push(said);
    documents.subscribe<Item, { id: string }>(
      document as never,
      { id },
      {
        next: ({ room }) => note(room.message?.text ?? room.__typename),
        error: ({ code }) => note(code),
      },
    );
  }, roomId);
const followedIn = (page: Page) =>
  page.evaluate(() => followed.filter((said) => said !== 'Heartbeat' && said !== 'StreamReady'));

test('documents of an application run in the tab with the connection, for every tab', async () => {
  const { first, second } = await openTwo();
  await follow(second.page);
  await expect.poll(() => second.page.evaluate(() => followed)).toContain('StreamReady');
  await ben.say(roomId, 'one');
  await expect.poll(() => followedIn(second.page)).toEqual(['one']);
  expect([first.sockets.length, second.sockets.length]).toEqual([1, 0]);
  await first.page.close();
  for (const text of ['two', 'three']) await ben.say(roomId, text);
  await expect.poll(() => followedIn(second.page)).toEqual(['one', 'two', 'three']);
  const asked = second.page.evaluate(
    (id) => documents.request(`{ room(id: "${id}") { id } }` as never, {}),
    roomId,
  );
  expect(await asked).toEqual({ room: { id: roomId } });
  await second.page.evaluate(() => client.logout());
  await expect.poll(() => followedIn(second.page)).toEqual(['one', 'two', 'three', 'SIGNED_OUT']);
});

const acknowledgements = (asked: readonly string[]) => asked.filter((name) => name === 'AckDelivered').length;

async function deliveredToAnn(): Promise<number> {
  const query = 'query ($id: ID!) { room(id: $id) { viewerMembership { deliveredSeq } } }';
  const { data } = await ann.ask(query, { id: roomId });
  return data.room.viewerMembership.deliveredSeq;
}

test('only the tab with the connection acknowledges messages, and the next one goes on with it', async () => {
  const { first, second } = await openTwo();
  const asked = [first, second].map(({ page }) => operationsOf(page));
  for (const { page } of [first, second]) await page.evaluate(() => acknowledge());
  await ben.say(roomId, 'one');
  await expect.poll(() => asked.map(acknowledgements)).toEqual([1, 0]);
  await first.page.close();
  await ben.say(roomId, 'two');
  await expect.poll(() => asked.map(acknowledgements)).toEqual([1, 1]);
  await expect.poll(deliveredToAnn).toBe(2);
});

test('what was written offline survives a reload, and is sent once', async () => {
  const { page } = await openTab();
  await signIn(page);
  link.silence();
  link.cut();
  for (const text of ['one', 'two', 'three']) await send(page, text);
  await page.close();
  link.restore();
  const again = await openTab();
  await shows(again.page, 'one', 'two', 'three');
  expect(await again.page.evaluate(() => waited[0])).toBe('one pending,two pending,three pending');
});

test('a browser that is killed comes back with what it had, and gets what it missed', async () => {
  const { page } = await openTab();
  await signIn(page);
  await ben.say(roomId, 'before');
  await shows(page, 'before');
  await page.evaluate(() => client.flush());
  link.silence();
  link.cut();
  await send(page, 'kept');
  const gone = context.waitForEvent('close');
  killProfile();
  await gone;
  await ben.say(roomId, 'missed');
  link.restore();
  context = await openProfile();
  const asked: string[] = [];
  context.on('request', (request) =>
    asked.push(/(?:query|mutation) (\w+)/.exec(request.postData() ?? '')?.[1] ?? ''),
  );
  const again = await openTab();
  await shows(again.page, 'before', 'missed', 'kept');
  expect(asked).not.toContain('InboxSnapshot');
});

test('without Web Locks each tab has a connection of its own, and data that survive its reload', async () => {
  const [first, second] = [await openTab(WITHOUT_LOCKS), await openTab(WITHOUT_LOCKS)];
  for (const { page } of [first, second]) await signIn(page);
  await send(first.page, 'from the first');
  await shows(second.page, 'from the first');
  expect([first.sockets.length, second.sockets.length]).toEqual([1, 1]);
  await first.page.evaluate(() => client.flush());
  const asked = operationsOf(first.page);
  await first.page.reload();
  await expect.poll(() => statusIn(first.page)).toBe('live');
  await ben.say(roomId, 'after the reload');
  await shows(first.page, 'from the first', 'after the reload');
  expect(asked).not.toContain('Login');
  expect(asked).not.toContain('InboxSnapshot');
});

test('a tab that slept for a day renews its token, and gets what it missed', async () => {
  const { page } = await openTab();
  await page.clock.install();
  await page.reload();
  await signIn(page);
  await ben.say(roomId, 'before');
  await shows(page, 'before');
  link.silence();
  for (let i = 0; i < 25; i++) await ben.say(roomId, `missed ${i}`);
  const asked = operationsOf(page);
  // What its timers see when the lid is opened again: each that is due fires once.
  await page.clock.fastForward('24:00:00');
  link.restore();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await shows(page, 'before', ...Array.from({ length: 25 }, (_, i) => `missed ${i}`));
  expect(asked).toContain('RefreshSession');
  expect(asked).not.toContain('InboxSnapshot');
  await send(page, 'awake');
  await expect.poll(async () => (await textsIn(page)).at(-1)).toBe('awake stored');
});

test('where the browser has cleared its storage, one signs in again and has everything', async () => {
  const { page } = await openTab();
  await signIn(page);
  await send(page, 'one');
  await shows(page, 'one');
  await page.close();
  const session = await context.newCDPSession(await context.newPage());
  await session.send('Storage.clearDataForOrigin', { origin: new URL(link.url).origin, storageTypes: 'all' });
  await ben.say(roomId, 'two');
  const again = await openTab();
  await expect.poll(() => statusIn(again.page)).toBe('signed-out');
  await signIn(again.page);
  await shows(again.page, 'one', 'two');
  await send(again.page, 'three');
  await shows(again.page, 'one', 'two', 'three');
});

test('where the storage is cleared while the page is open, the page stores everything again', async () => {
  const { first, second } = await openTwo();
  await send(first.page, 'one');
  await shows(second.page, 'one');
  const session = await context.newCDPSession(first.page);
  await session.send('Storage.clearDataForOrigin', {
    origin: new URL(link.url).origin,
    storageTypes: 'indexeddb',
  });
  await send(first.page, 'two');
  await shows(second.page, 'one', 'two');
  await Promise.all([first, second].map(({ page }) => page.close()));
  const again = await openTab();
  const asked = operationsOf(again.page);
  await shows(again.page, 'one', 'two');
  await expect.poll(() => statusIn(again.page)).toBe('live');
  expect(asked).not.toContain('InboxSnapshot');
});

/** The names of the operations that a page sends over HTTP from now on. */
function operationsOf(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) =>
    asked.push(/(?:query|mutation) (\w+)/.exec(request.postData() ?? '')?.[1] ?? ''),
  );
  return asked;
}

/** All processes of this browser, at once. */
function killProfile(): void {
  const pids = readdirSync('/proc').filter((name) => commandOf(name).includes(`--user-data-dir=${folder}`));
  expect(pids.length).toBeGreaterThan(0);
  for (const pid of pids) if (commandOf(pid) !== '') process.kill(Number(pid), 'SIGKILL');
}

function commandOf(pid: string): string {
  const file = `/proc/${pid}/cmdline`;
  return /^\d+$/.test(pid) && existsSync(file) ? readFileSync(file, 'utf8') : '';
}
