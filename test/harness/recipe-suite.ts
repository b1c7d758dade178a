import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import WebSocket from 'ws';
import { blocksOf, readPage } from '../contract/readme/markdown.ts';
import { runAdmin } from './admin.ts';
import { createDatabase, type TestDatabase } from './database.ts';
import { type Link, openLink } from './link.ts';
import { startNode, type TestNode } from './node.ts';
import { type Person, signUp } from './people.ts';
import { PASSWORD } from './sdk.ts';
import { trimRoom } from './trim.ts';

const run = promisify(execFile);

interface Item {
  readonly __typename: string;
  readonly message?: { readonly text: string };
}

interface Options {
  readonly url: string;
  readonly token: () => Promise<string>;
  readonly saved: string | null;
  readonly save: (text: string) => void;
  readonly onItem: (item: Item) => void;
  readonly onEnd: (problem: unknown) => void;
  readonly webSocketImpl: unknown;
}

/** What chat.ts of a recipe exports. */
interface Recipe<Chat> {
  readonly openChat: (options: Options) => Chat;
  readonly BOOTSTRAP: unknown;
}

interface Adapter<Chat> {
  /** What the compiler of the library makes of the code. */
  readonly compiled?: (code: string) => string;
  /** The answer to the bootstrap query, as the cache has it. */
  readonly read: (chat: Chat, bootstrap: any) => Shown | null | undefined;
}

interface Shown {
  readonly viewer: {
    readonly rooms: {
      readonly nodes: readonly {
        readonly id: string;
        readonly messages: { readonly nodes: readonly { readonly text: string | null }[] };
      }[];
    };
  } | null;
}

/** The code of a recipe in a folder of its own, as a team would have it. */
function unpack(name: string): { folder: string; code: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-recipe-'));
  const [block] = blocksOf(readPage(`docs/recipes/${name}.md`)).filter(({ language }) => language === 'ts');
  const code = block?.code ?? '';
  symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'));
  copyFileSync('packages/client/possibleTypes.json', path.join(folder, 'possibleTypes.json'));
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(path.join(folder, 'chat.ts'), code);
  return { folder, code };
}

async function load<Chat>(folder: string, code: string): Promise<Recipe<Chat>> {
  const stdin = { contents: code, resolveDir: folder, loader: 'ts' as const };
  const outfile = path.join(folder, 'chat.mjs');
  await build({ stdin, bundle: true, packages: 'external', format: 'esm', platform: 'node', outfile });
  return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Recipe<Chat>;
}

const compilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: true,
  target: 'ES2022',
  lib: ['ES2022', 'DOM'],
  module: 'ESNext',
  moduleResolution: 'bundler',
  resolveJsonModule: true,
  types: [],
};

/** Runs the very code of docs/recipes: stopped, crashed, cut off, and after its position has become useless. */
export function testRecipe<Chat extends { stop(): void }>(
  name: string,
  { compiled = (code) => code, read }: Adapter<Chat>,
): void {
  const { folder, code } = unpack(name);
  let recipe: Recipe<Chat>;
  let database: TestDatabase;
  let node: TestNode;
  let link: Link;
  let ann: Person;
  let ben: Person;
  let roomId: string;
  /** What is stored, as it was after each save. */
  const saves: string[] = [];
  const chats: Chat[] = [];
  const problems: unknown[] = [];

  const env = {
    HEARTBEAT_SECONDS: '1',
    POSTS_PER_SECOND: '10000',
    POSTS_BURST: '10000',
    LOGINS_PER_MINUTE: '100000',
  };

  beforeAll(async () => {
    recipe = await load(folder, compiled(code));
    database = await createDatabase();
    node = await startNode({ databaseUrl: database.url, env });
  });

  afterAll(async () => {
    await node?.stop();
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    [ann, ben] = await Promise.all([signUp(node, 'ann'), signUp(node, 'ben')]);
    roomId = await ann.createRoom(`recipe ${randomUUID()}`);
    await ben.join(roomId);
    link = await openLink(node.url);
    saves.length = 0;
    problems.length = 0;
  });

  afterEach(() => {
    for (const chat of chats.splice(0)) chat.stop();
    link.close();
    expect(problems).toEqual([]);
  });

  /** Opens the chat of Ann, and writes down the messages that it is told of. */
  async function open(saved: string | null, token = async () => ann.token) {
    const told: string[] = [];
    const kinds: string[] = [];
    const chat = recipe.openChat({
      url: link.url,
      token,
      saved,
      save: (text) => saves.push(text),
      onItem: ({ __typename, message }) => {
        kinds.push(__typename);
        if (__typename === 'MessageCreated') told.push(message?.text ?? '');
      },
      onEnd: (problem) => problems.push(problem),
      webSocketImpl: WebSocket,
    });
    chats.push(chat);
    const rooms = () => read(chat, recipe.BOOTSTRAP)?.viewer?.rooms.nodes ?? [];
    const texts = () =>
      rooms()
        .find(({ id }) => id === roomId)
        ?.messages.nodes.map(({ text }) => text);
    await expect.poll(() => kinds).toContain('StreamReady');
    return { told, texts, stop: () => chat.stop() };
  }

  /** The first stored state that has this message. */
  async function savedWith(text: string): Promise<string> {
    await expect.poll(() => saves.some((saved) => saved.includes(text))).toBe(true);
    return saves.find((saved) => saved.includes(text)) as string;
  }

  const sayAll = async (...texts: readonly string[]) => {
    for (const text of texts) await ben.say(roomId, text);
  };
  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => `message-${from + i}!`);

  test('the code compiles with strict types', async () => {
    writeFileSync(
      path.join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['chat.ts'] }),
    );
    const tsc = path.resolve('node_modules/typescript-cli/bin/tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });

  test('a restart gets exactly what was missed, in order, once', async () => {
    const first = await open(null);
    await sayAll(...numbered(1, 3));
    await expect.poll(first.texts).toEqual(numbered(1, 3));
    expect(first.told).toEqual(numbered(1, 3));
    const saved = await savedWith('message-3!');
    first.stop();
    await sayAll(...numbered(4, 6));
    const second = await open(saved);
    await expect.poll(second.texts).toEqual(numbered(1, 6));
    expect(second.told).toEqual(numbered(4, 6));
    await sayAll(...numbered(7, 8));
    await expect.poll(second.texts).toEqual(numbered(1, 8));
    expect(second.told).toEqual(numbered(4, 8));
  });

  test('after a crash it goes on from the last save, and shows everything once', async () => {
    const first = await open(null);
    await sayAll(...numbered(1, 2));
    const saved = await savedWith('message-2!');
    await sayAll(...numbered(3, 5));
    await expect.poll(first.texts).toEqual(numbered(1, 5));
    first.stop();
    const second = await open(saved);
    await expect.poll(second.texts).toEqual(numbered(1, 5));
    expect(second.told).toEqual(numbered(3, 5));
  });

  test('connections that are cut: everything, in order, once', async () => {
    const { texts, told } = await open(null);
    for (let round = 0; round < 4; round++) {
      link.cut();
      await sayAll(...numbered(3 * round + 1, 3 * round + 3));
    }
    await expect.poll(texts).toEqual(numbered(1, 12));
    expect(told).toEqual(numbered(1, 12));
  });

  /** Resolves when the server does not continue from this cursor any more. */
  const isRefused = (cursor: string) =>
    expect
      .poll(async () => {
        const feed = await ann.watchInbox(cursor);
        const { __typename } = await feed.next();
        feed.close();
        return __typename;
      })
      .toBe('ResyncRequired');

  /** Away while something makes the position useless. */
  async function comeBackAfter(loss: () => Promise<unknown>): Promise<void> {
    const { viewer } = (await ann.ask('{ viewer { inboxCursor } }')).data;
    const first = await open(null);
    await sayAll(...numbered(1, 3));
    const saved = await savedWith('message-3!');
    first.stop();
    await sayAll(...numbered(4, 6));
    await loss();
    await isRefused(viewer.inboxCursor);
    const second = await open(saved);
    await expect.poll(second.texts).toEqual(numbered(1, 6));
    await sayAll(...numbered(7, 8));
    await expect.poll(second.texts).toEqual(numbered(1, 8));
    expect(second.told).toEqual(numbered(7, 8));
  }

  test('a new epoch: it takes a snapshot, and goes on from there', () =>
    comeBackAfter(() => runAdmin(['rotate-epoch'], { env: { DATABASE_URL: database.url } })));

  test('a log that no longer reaches back: the same', () =>
    comeBackAfter(() => trimRoom(database.url, roomId)));

  test('a token that ends soon: the next connection has a new one', async () => {
    const other = await createDatabase();
    const brief = await startNode({
      databaseUrl: other.url,
      env: { ...env, ACCESS_TOKEN_TTL_SECONDS: '63' },
    });
    link.lead(brief.url);
    const cara = await signUp(brief, 'cara');
    roomId = await cara.createRoom('brief');
    const signIn = `mutation { login(input: { usernameOrEmail: "${cara.username}", password: "${PASSWORD}" }) { ... on LoginSuccess { tokens { accessToken } } } }`;
    let tokens = 0;
    const { texts } = await open(null, async () => {
      tokens++;
      return (await cara.ask(signIn)).data.login.tokens.accessToken;
    });
    await expect.poll(() => tokens).toBeGreaterThan(1);
    await cara.say(roomId, 'with a new token');
    await expect.poll(texts).toEqual(['with a new token']);
    for (const chat of chats.splice(0)) chat.stop();
    await brief.stop();
    await other.drop();
  });
}
