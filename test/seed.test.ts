import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MessageInfo, until } from '../packages/client/src/index.ts';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { JWT_SECRET, startNode, type TestNode } from './harness/node.ts';
import { Device } from './harness/sdk.ts';

// `npm run seed`: what a visitor finds afterwards.

const DAY_MS = 86_400_000;
const PASSWORD = 'only for this test';

let database: TestDatabase;
let node: TestNode;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'parley-seed-'));
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url });
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function seed(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { PATH: process.env['PATH'], DATABASE_URL: database.url, JWT_SECRET, DATA_DIR: folder };
  const command = ['node_modules/tsx/dist/cli.mjs', 'scripts/seed.ts', '--password', PASSWORD, ...args];
  return promisify(execFile)(process.execPath, command, { env });
}

async function signIn(username: string): Promise<Device['client']> {
  const { client } = new Device(node.url);
  await client.login(username, PASSWORD);
  await until(client.connection, ({ status }) => status === 'live');
  return client;
}

test('weeks of conversations, in the order of their times, beside a running server', async () => {
  const { stdout, stderr } = await seed();
  expect(stdout).toContain(`Sign in as alma with the password ${PASSWORD}`);
  expect(stderr).toContain('100% of');
  const client = await signIn('alma');
  const rooms = client.rooms.getSnapshot();
  expect(rooms.map(({ name }) => name)).toContain('Engineering');
  for (const { id } of rooms) {
    const room = client.room(id);
    while (room.history.getSnapshot().hasOlder) await room.loadOlder(100);
    expectBelievable(room.messages.getSnapshot());
  }
  const engineering = client.room(rooms.find(({ name }) => name === 'Engineering')?.id ?? '');
  const messages = engineering.messages.getSnapshot();
  expect(messages.some(({ replyTo }) => replyTo !== null)).toBe(true);
  expect(messages.some(({ reactions }) => reactions.length > 0)).toBe(true);
  await engineering.send('hello');
  await until(engineering.messages, (all) => all.at(-1)?.status === 'stored');
  await client.close();
});

function expectBelievable(messages: readonly MessageInfo[]): void {
  const times = messages.map(({ sentAt }) => Date.parse(sentAt));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(20 * DAY_MS);
  expect(times.at(-1)).toBeLessThan(Date.now());
  expect(new Set(messages.map(({ author }) => author.username)).size).toBeGreaterThan(5);
}

test('a second run says so, and writes nothing', async () => {
  const { stdout } = await seed();
  expect(stdout).toContain('Nothing was written: the user alma exists,');
  expect(stdout).not.toContain('Sign in');
});

test('conversations of a log', async () => {
  const file = path.join(folder, 'log.jsonl');
  const lines = [
    { at: '2026-10-02T08:00:00Z', room: 'Observatory', author: 'Émilie du Châtelet', text: 'first' },
    { at: '2026-10-02T08:05:00Z', room: 'Observatory', author: 'Caroline', text: 'second' },
  ];
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));
  expect((await seed('--log', file)).stdout).toContain('Wrote 2 messages by 2 users in 1 rooms.');
  const client = await signIn('emilie-du-chatelet');
  const [room] = client.rooms.getSnapshot();
  expect(room?.name).toBe('Observatory');
  const shown = client.room(room?.id ?? '').messages.getSnapshot();
  expect(shown.map(({ text, sentAt }) => `${sentAt} ${text}`)).toEqual([
    '2026-10-02T08:00:00.000Z first',
    '2026-10-02T08:05:00.000Z second',
  ]);
  await client.close();
  writeFileSync(file, '{"at": "yesterday"}');
  await expect(seed('--log', file)).rejects.toMatchObject({
    stderr: expect.stringContaining('line 1 must have the form'),
  });
});
