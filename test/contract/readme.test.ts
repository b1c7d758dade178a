import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../src/platform/ports.ts';
import { examples } from '../../src/server/pages/examples.ts';
import { createDatabase, execute, type TestDatabase } from '../harness/database.ts';
import { openFeed } from '../harness/feed.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { ask } from '../harness/people.ts';
import { type Block, blocksOf, readPage, spansOf } from './readme/markdown.ts';

// The tour of the README, word for word, by a user with an empty folder.

const readme = readPage('README.md');
const protocol = readPage('docs/protocol.md');
const part = (title: string) => blocksOf(readme, title);
const byHand = () => blocksOf(protocol, 'A client by hand');

let folder: string;
let database: TestDatabase;
let node: TestNode;
let port: number;
let roomId: string;
let adasToken: string;

/** Access tokens that end soon, so that a client has to renew them while it is watched. */
const env = () => ({ PORT: String(port), ACCESS_TOKEN_TTL_SECONDS: '63' });

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'parley-tour-'));
  symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'));
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  port = await freePort();
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url, env: env() });
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

test('the two commands are those of package.json', () => {
  const commands = part('Run it').map(({ code }) => code);
  expect(commands).toEqual(['npm ci && npm start', 'npm ci && npm test']);
  const { scripts } = JSON.parse(readPage('package.json').text);
  expect(scripts).toMatchObject({ start: expect.any(String), test: expect.any(String) });
});

// -- in the browser ----------------------------------------------------------------------------

test('what is to be tried in the browser works, step by step', async () => {
  const [register, createRoom, watch, send, rooms] = part('1. In the browser').filter(isGraphql) as Block[];

  const registered = await tell(register);
  expect(registered.register.__typename).toBe('RegisterSuccess');
  adasToken = registered.register.tokens.accessToken;
  const created = await tell(createRoom);
  expect(created.createRoom.__typename).toBe('CreateRoomSuccess');
  roomId = created.createRoom.room.id;
  const feed = await openFeed(node.wsUrl, adasToken, watch?.code ?? '', {}, 'inbox');
  await feed.next('StreamReady');

  const [headers, variables] = part('1. In the browser').filter(({ language }) => language === 'json');
  expect(JSON.parse(headers?.code ?? '')).toEqual({ authorization: 'Bearer <accessToken>' });
  const filledIn = JSON.parse((variables?.code ?? '').replace('<id of the room>', roomId));
  expect((await tell(send, filledIn)).sendMessage).toMatchObject({ replayed: false, message: { seq: 1 } });
  expect(await feed.next('MessageCreated')).toMatchObject({ message: { text: 'Hello, world' } });
  expect((await tell(send, filledIn)).sendMessage).toMatchObject({ replayed: true, message: { seq: 1 } });

  const { viewer } = await tell(rooms);
  expect(viewer.rooms.nodes[0].messages.nodes).toMatchObject([{ seq: 1, text: 'Hello, world' }]);
  expect(feed.items.filter(({ __typename }) => __typename === 'MessageCreated')).toHaveLength(1);
  feed.close();
});

test('GraphiQL opens with the same operations', () => {
  const names = part('1. In the browser').filter(isGraphql).map(nameOf);
  expect(names).toEqual(['Register', 'CreateRoom', 'Watch', 'Send', 'Rooms']);
  expect(examples.map(({ query }) => /(?:query|mutation|subscription) (\w+)/.exec(query)?.[1])).toEqual(
    expect.arrayContaining(names),
  );
});

const isGraphql = ({ language }: Block) => language === 'graphql';
const nameOf = ({ code }: Block) => /(?:query|mutation|subscription) (\w+)/.exec(code)?.[1] ?? '';

async function tell(block: Block | undefined, variables: object = {}): Promise<any> {
  const { data, errors } = await ask<any>(node.url, block?.code ?? '', variables, adasToken);
  expect(errors).toEqual([]);
  return data;
}

// -- with curl ---------------------------------------------------------------------------------

test('what is to be typed into a shell works, typed into one shell', async () => {
  const [setUp, watching, speaking, comingBack] = part('2. With curl').map(shellCode);
  const shell = start('bash', ['--noprofile', '--norc']);
  const type = (code: string | undefined) => shell.child.stdin?.write(`${code}\n`);
  try {
    type('set -m'); // as in every interactive shell
    type(setUp);
    type(watching);
    await shell.says('StreamReady');
    type(speaking);
    await shell.says('"text":"one"');
    shell.forget();
    type(comingBack);
    await shell.says('StreamReady');
    const lines = shell.said().filter((line) => line.startsWith('data: '));
    const items = lines.map((line) => JSON.parse(line.slice('data: '.length)).data.room);
    // Heartbeats come by the clock.
    const events = items.filter(({ __typename }) => __typename !== 'Heartbeat');
    expect(events.map(({ message }) => message?.text)).toEqual(['two', 'three', undefined]);
    // There is no Ctrl-C here: the server ends what still runs.
    await execute(database.url, 'UPDATE sessions SET revoked_at = clock_timestamp()');
    type('exit');
    await shell.ended;
  } finally {
    await shell.kill();
  }
});

/** A block for a shell, with our node in the place of the reader's. */
const shellCode = ({ code }: Block) => code.replaceAll('http://localhost:4000', new URL(node.url).origin);

// -- with the client package -------------------------------------------------------------------

test('the code compiles', async () => {
  const [shown] = blocksOf(readme, 'Parley').filter(({ language }) => language === 'ts');
  const [watching] = part('3. With the client package');
  expect(shown?.code.split('\n')).toHaveLength(10);
  mkdirSync(path.join(folder, 'tour'), { recursive: true });
  writeFileSync(path.join(folder, 'tour/shown.ts'), `${shown?.code}\n`);
  writeFileSync(path.join(folder, 'tour/watch.ts'), `${watching?.code}\n`);
  const settings = { extends: path.resolve('tsconfig.json'), include: ['tour'] };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(settings));
  expect(await finished('npx tsc --noEmit -p tsconfig.json')).toBe(0);
  rmSync(path.join(folder, 'tour/shown.ts'));
});

test('the program prints every message once, whatever ends or restarts', async () => {
  const [run = ''] = part('3. With the client package').flatMap(({ language, code }) =>
    language === 'sh' ? [code] : [],
  );
  const lines: string[] = [];
  let app = start('bash', ['-c', run]);
  const stored = () => readFileSync(path.join(folder, 'tour/saved.log'), 'utf8');
  try {
    await app.says('-- live');
    await say('sdk one');
    await app.says('ada: sdk one');
    // It prints an item before it is stored: killed in between, it would rightly print it again.
    await expect.poll(stored).toContain('sdk one');
    await app.kill();
    lines.push(...app.said());
    await say('sdk two');
    app = start('bash', ['-c', run]);
    await app.says('ada: sdk two');
    await node.kill();
    node = await startNode({ databaseUrl: database.url, env: env() });
    await say('sdk three');
    await app.says('ada: sdk three');
  } finally {
    await app.kill();
    lines.push(...app.said());
  }
  expect(lines.flatMap((line) => /ada: (.*)/.exec(line)?.[1] ?? [])).toEqual([
    'sdk one',
    'sdk two',
    'sdk three',
  ]);
  rmSync(path.join(folder, 'tour'), { recursive: true });
}, 120_000);

// -- a client by hand ----------------------------------------------------------------------------

test('the client by hand compiles, and misses and repeats nothing, whatever ends or restarts', async () => {
  for (const { language, code, above } of byHand()) {
    const file = spansOf(above).find((span) => span.startsWith('tour/') && span.includes('.'));
    if (language === 'sh' || !file) continue;
    mkdirSync(path.join(folder, 'tour'), { recursive: true });
    writeFileSync(path.join(folder, file), `${code}\n`);
  }
  const commands = byHand().find(({ language }) => language === 'sh')?.code ?? '';
  const [generate = '', run = ''] = commands.split('\n');
  expect(await finished(generate)).toBe(0);
  const settings = { extends: path.resolve('tsconfig.json'), include: ['tour'] };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(settings));
  expect(await finished('npx tsc --noEmit -p tsconfig.json')).toBe(0);

  const lines: string[] = [];
  let app = start('bash', ['-c', run]);
  const restartApp = async () => {
    await app.kill();
    lines.push(...app.said());
    app = start('bash', ['-c', run]);
  };
  try {
    await app.says('engine room: 4 messages');
    await app.says('-- up to date; events missed: 0');
    const before = savedCursor();
    await say('two');
    await app.says('engine room #5 ada: two');
    // It prints an item before it stores the position: killed in between, it rightly prints it again.
    await expect.poll(savedCursor).not.toBe(before);

    // The client is gone for a while.
    await restartApp();
    await app.says('-- up to date');
    await app.kill();
    await say('three');
    await say('four');
    await restartApp();
    await app.says('-- up to date; events missed: 2');

    // The server is gone for a while.
    await node.kill();
    node = await startNode({ databaseUrl: database.url, env: env() });
    await say('five');
    await app.says('engine room #8 ada: five');

    // The access token would end within a minute: the open socket gets others.
    const streams = await node.metrics();
    await expect.poll(() => swaps()).toBeGreaterThan(0);
    expect(streams['parley_stream_ends_total{reason="AUTH_EXPIRED"}'] ?? 0).toBe(0);

    // The data are other data.
    await execute(database.url, 'UPDATE incarnation SET epoch = gen_random_uuid()');
    await app.says('engine room: 8 messages');
    await say('six');
    await app.says('engine room #9 ada: six');
  } finally {
    await app.kill();
    lines.push(...app.said());
  }
  expect(lines.filter((line) => line.includes('ada: '))).toEqual(
    ['two', 'three', 'four', 'five', 'six'].map((text, i) => `engine room #${i + 5} ada: ${text}`),
  );
}, 120_000);

test('whenever the client by hand dies, what it saved is whole', async () => {
  const client = byHand().find(({ above }) => spansOf(above).includes('tour/client.ts'));
  const [imports = ''] = client?.code.split('\n') ?? [];
  const [saving] = /^interface Saved [\s\S]*?(?=^\/\*\* One operation)/m.exec(client?.code ?? '') ?? [];
  const forever = "for (let i = 0; ; i++) save({ cursor: String(i).padEnd(2_000_000, '.') });";
  writeFileSync(path.join(folder, 'saving.ts'), [imports, saving, forever].join('\n'));
  mkdirSync(path.join(folder, 'tour'), { recursive: true });
  const file = path.join(folder, 'tour/saved.json');
  rmSync(file, { force: true });
  const app = start('npx', ['tsx', 'saving.ts']);
  try {
    await expect.poll(() => existsSync(file), { timeout: PATIENCE_MS }).toBe(true);
    // What a reader sees at any moment is what a crash at that moment would leave.
    const cursors = new Set<string>();
    while (cursors.size < 50) cursors.add(JSON.parse(readFileSync(file, 'utf8')).cursor);
  } finally {
    await app.kill();
    rmSync(file);
  }
}, 120_000);

const savedCursor = () =>
  (JSON.parse(readFileSync(path.join(folder, 'tour/saved.json'), 'utf8')) as { cursor?: string }).cursor;

async function say(text: string): Promise<void> {
  const login =
    'mutation { login(input: { usernameOrEmail: "ada", password: "correct horse battery staple" }) { ... on LoginSuccess { tokens { accessToken } } } }';
  const { data } = await ask<any>(node.url, login);
  const send = part('1. In the browser').find((block) => nameOf(block) === 'Send')?.code ?? '';
  const sent = await ask<any>(node.url, send, { roomId, text, key: text }, data.login.tokens.accessToken);
  expect(sent.data.sendMessage.__typename).toBe('SendMessageSuccess');
}

/** How often a token of an open socket was swapped on this node. */
async function swaps(): Promise<number> {
  const samples = await node.metrics();
  return samples['parley_operation_seconds_count{type="mutation",transport="ws",outcome="ok"}'] ?? 0;
}

// -- programs ----------------------------------------------------------------------------------

// A client that finds no server waits longer before each attempt.
const PATIENCE_MS = 60_000;

/** A program that runs in the folder of the tour. */
function start(command: string, args: string[]) {
  const child: ChildProcess = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, PARLEY_URL: node.url },
    detached: true, // a separate process group, so that all its children end with it
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let text = '';
  let problems = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    problems += chunk;
  });
  return {
    child,
    ended,
    said: () => text.split('\n').filter(Boolean),
    forget: () => {
      text = '';
    },
    /** Resolves when it has printed that; fails with its whole output. */
    async says(what: string) {
      await expect
        .poll(() => text.includes(what), { timeout: PATIENCE_MS })
        .toBe(true)
        .catch(() => {
          throw new Error(`It did not say "${what}" but\n${text}\n${problems}`);
        });
    },
    problems: () => problems,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function finished(command: string): Promise<number | null> {
  const program = start('bash', ['-c', command]);
  const [code] = await program.ended;
  if (code !== 0) console.error(program.said().join('\n'), program.problems());
  return code as number | null;
}
