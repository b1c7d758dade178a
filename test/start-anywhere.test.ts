import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { STORE } from '../src/embedded-postgres/program-store.ts';
import { blocksOf, readPage } from './contract/readme/markdown.ts';
import { runAdmin } from './harness/admin.ts';
import { installInto } from './harness/installation.ts';
import { attemptNode, startNode, type TestNode } from './harness/node.ts';
import { signUp } from './harness/people.ts';

// A node on a new machine: root, in a folder that other users cannot enter. The package of this checkout is installed
// there without its tools, as by `npm ci --omit=dev`.

// Several cold starts each, on a machine that is busy with other tests.
const STARTS_MS = 180_000;
const DAEMON = { uid: 1, gid: 1 };
const isRoot = process.getuid?.() === 0;
const settings = { JWT_SECRET: '', NODE_ENV: 'development' };

let home: string;
let checkout: string;

beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'parley-home-'));
  checkout = path.join(home, 'parley');
  installInto(checkout);
  chmodSync(home, 0o700);
});

afterAll(() => {
  const data = path.join(checkout, 'data');
  if (existsSync(data)) rmSync(path.dirname(realpathSync(path.join(data, 'postgres'))), { recursive: true });
  rmSync(home, { recursive: true, force: true });
});

async function start(env: Record<string, string> = {}): Promise<TestNode> {
  const node = await startNode({
    ...installed(),
    env: { ...settings, NODE_ENV: 'test', HOME: home, ...env },
  });
  onTestFinished(() => node.kill());
  return node;
}

const installed = () => ({ main: path.join(checkout, 'dist/main.js'), cwd: checkout });

describe.runIf(isRoot)('root, in a folder that only root can enter', { timeout: STARTS_MS }, () => {
  test('starts a node without another step, and is told where the data is', async () => {
    const node = await start();
    const { data } = await node.logged(({ msg }) => msg === 'ready');
    const cluster = realpathSync(path.join(checkout, 'data/postgres'));
    expect(data).toBe(`${checkout}/data, its database in ${cluster}`);
    expect(cluster.startsWith(`${STORE}/`)).toBe(true);
    expect(statSync(cluster).mode & 0o777).toBe(0o700);
    expect(statSync(home).mode & 0o777, 'its permissions are as they were').toBe(0o700);
    expect(readFileSync(path.join(path.dirname(cluster), 'data-folder'), 'utf8')).toBe(`${checkout}/data\n`);
    await node.stop();
  });

  test('finds the same data at the next start, also after a crash', async () => {
    const first = await start();
    const ada = await signUp(first, 'ada');
    await first.kill();
    const second = await start();
    expect(second.output()).toContain('was still running');
    const known = () => ada.via(second).ask('{ viewer { user { username } } }');
    expect((await known()).data).toEqual({ viewer: { user: { username: ada.username } } });
    await second.stop();
  });

  test('reaches the database from the command line, with a node and without', async () => {
    const options = { main: path.join(checkout, 'dist/admin.js'), cwd: checkout, env: settings };
    const node = await start();
    expect(await runAdmin(['create-invite'], options)).toMatchObject({ code: 0, err: '' });
    await node.stop();
    expect(await runAdmin(['create-invite'], options)).toMatchObject({ code: 0, err: '' });
  });

  test('is refused where the database that the data folder leads to is in use', async () => {
    const node = await start();
    const copy = path.join(home, 'copy');
    execFileSync('cp', ['-a', path.join(checkout, 'data'), copy]);
    onTestFinished(() => rmSync(copy, { recursive: true }));
    const { code, output } = await attemptNode({
      ...installed(),
      env: { ...settings, DATA_DIR: copy, PORT: '0' },
    });
    expect([code, output]).toEqual([1, expect.stringContaining(`is in use by process ${node.pid}`)]);
    await signUp(node, 'grace');
    await node.stop();
  });

  test('restores the documented backup: it is moved to where PostgreSQL can reach it', async () => {
    const [backup = ''] = commandsOf('The embedded server').filter((line) => line.startsWith('cp '));
    const first = await start();
    const ada = await signUp(first, 'ada');
    await first.stop();
    run(backup);
    expect(lstatSync(path.join(checkout, 'data.backup/postgres')).isDirectory()).toBe(true);
    uninstall();
    run('mv data.backup data');
    const second = await start();
    const { data } = await ada.via(second).ask('{ viewer { user { username } } }');
    expect(data).toEqual({ viewer: { user: { username: ada.username } } });
    expect(lstatSync(path.join(checkout, 'data/postgres')).isSymbolicLink()).toBe(true);
    expect(readdirSync(path.join(checkout, 'data')).filter((name) => name.includes('moved'))).toEqual([]);
    await second.stop();
  });

  test('is told when the database that the data folder leads to is gone', async () => {
    const node = await start();
    await node.stop();
    rmSync(realpathSync(path.join(checkout, 'data/postgres')), { recursive: true });
    const { code, output } = await attemptNode({ ...installed(), env: settings });
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/^parley: .*where no database is. Restore it.*$/),
    ]);
    uninstall();
  });

  test('removes everything with the documented commands', async () => {
    const node = await start();
    const cluster = realpathSync(path.join(checkout, 'data/postgres'));
    await node.stop();
    uninstall();
    expect([existsSync(path.dirname(cluster)), existsSync(path.join(checkout, 'data'))]).toEqual([
      false,
      false,
    ]);
  });
});

describe.runIf(isRoot)('an ordinary user', { timeout: STARTS_MS }, () => {
  test('keeps everything in the data folder, as ever', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'parley-user-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    chownSync(folder, DAEMON.uid, DAEMON.gid);
    chmodSync(folder, 0o755);
    // Not from this checkout: it may be where only root can go.
    const main = path.join(folder, 'parley/dist/main.js');
    installInto(path.join(folder, 'parley'));
    const before = storeFolders();
    const node = await startNode({
      main,
      env: { ...settings, NODE_ENV: 'test', DATA_DIR: 'data' },
      cwd: folder,
      user: DAEMON,
    });
    onTestFinished(() => node.kill());
    const { data } = await node.logged(({ msg }) => msg === 'ready');
    expect(data).toBe(path.join(folder, 'data'));
    expect(lstatSync(path.join(folder, 'data/postgres'))).toMatchObject({ uid: DAEMON.uid });
    expect(lstatSync(path.join(folder, 'data/postgres')).isDirectory()).toBe(true);
    // Other runs on this machine may take theirs away meanwhile.
    expect(before).toEqual(expect.arrayContaining(storeFolders()));
    await node.stop();
  });
});

const storeFolders = () => readdirSync(STORE).sort();

const run = (command: string) => execFileSync('sh', ['-c', command], { cwd: checkout });

const uninstall = () => commandsOf('Removing it').forEach(run);

/** The lines of the shell blocks under a heading of docs/operations.md. */
function commandsOf(title: string): string[] {
  const blocks = blocksOf(readPage('docs/operations.md'), title).filter(({ language }) => language === 'sh');
  return blocks.flatMap(({ code }) => code.split('\n'));
}
