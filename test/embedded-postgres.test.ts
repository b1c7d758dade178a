import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { restoreSymlinks } from '../src/embedded-postgres/binaries.ts';
import {
  type EmbeddedPostgres,
  findRunning,
  startEmbeddedPostgres,
} from '../src/embedded-postgres/embedded-postgres.ts';
import { processStamp } from '../src/platform/processes.ts';

// initdb wants its user to have a name; these have one everywhere.
const NOBODY = 65_534;
const DAEMON = 1;
const isRoot = process.getuid?.() === 0;
// Not where Node.js or this checkout lies in root's own home.
const canTryOthers =
  isRoot && spawnSync(process.execPath, ['--import', 'tsx', '-e', ''], asUser(DAEMON)).status === 0;
const owner = fileURLToPath(new URL('harness/postgres-owner.ts', import.meta.url));

// Made once; tests that need a database from before start from a copy of it.
let made: string;
beforeAll(async () => {
  made = makeFolder();
  await (await startEmbeddedPostgres({ dataDir: made })).stop();
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

describe('a data folder', () => {
  test('is made by the first start and keeps what is in it', async () => {
    const folder = dataFolder();
    const first = await start(folder);
    expect(first).toMatchObject({ cold: true, adopted: false });
    expect(new URL(first.url).pathname).toBe('/parley');
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();

    const second = await start(folder);
    expect(second).toMatchObject({ cold: false, adopted: false });
    expect(await ask(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  test('may be named relative to the working directory', async () => {
    const server = await start(path.relative(process.cwd(), path.join(dataFolder(), 'deep', 'data')));
    expect(server.cold).toBe(true);
  });

  test('that another version of PostgreSQL wrote is refused, with what to do', async () => {
    const folder = madeFolder();
    await (await start(folder)).stop();
    writeFileSync(path.join(folder, 'postgres', 'PG_VERSION'), '13\n');
    await expect(start(folder)).rejects.toThrow(
      /is from PostgreSQL 13, but .* PostgreSQL 18\. .*docs\/operations\.md/,
    );
  });

  test('without its password is refused by name', async () => {
    const folder = madeFolder();
    await (await start(folder)).stop();
    rmSync(path.join(folder, 'postgres-password'));
    await expect(start(folder)).rejects.toThrow('postgres-password is missing');
  });

  test('whose making was interrupted is made anew', async () => {
    const folder = dataFolder();
    mkdirSync(path.join(folder, 'postgres.new', 'cluster'), { recursive: true });
    writeFileSync(path.join(folder, 'postgres.new', 'cluster', 'PG_VERSION'), '18\n');
    expect((await start(folder)).cold).toBe(true);
    expect(existsSync(path.join(folder, 'postgres.new'))).toBe(false);
  });

  test.each([
    ['before the link was made', (entry: string) => renameSync(entry, `${entry}.moved-by-parley`)],
    ['after the link was made', (entry: string) => mkdirSync(`${entry}.moved-by-parley`)],
  ])('whose move was interrupted %s is whole', async (_, interrupt) => {
    const folder = madeFolder();
    await (await start(folder)).stop();
    interrupt(path.join(folder, 'postgres'));
    expect((await start(folder)).cold).toBe(false);
    expect(existsSync(path.join(folder, 'postgres.moved-by-parley'))).toBe(false);
  });

  test('whose server is stopped has none, and may be stopped twice', async () => {
    const server = await start(madeFolder());
    const client = new pg.Client(server.url);
    client.on('error', () => {});
    await client.connect(); // a client that stays does not keep it from stopping
    await Promise.all([server.stop(), server.stop()]);
    expect(processStamp(server.pid)).toBeUndefined();
  });

  test.runIf(canTryOthers)('that an ordinary user has made stays his, also when root starts it', async () => {
    const folder = dataFolder();
    chmodSync(folder, 0o777);
    const data = path.join(folder, 'data');
    const first = await spawnOwner(data, asUser(DAEMON));
    expect(first.said).toMatchObject({ cold: true });
    await first.end('SIGTERM');

    const second = await start(data);
    expect(second.cold).toBe(false);
    expect(statSync(path.join(data, 'postgres', 'postmaster.pid')).uid).toBe(DAEMON);
  });

  test('does not let its log grow for ever', async () => {
    const folder = madeFolder();
    const log = path.join(folder, 'postgres.log');
    writeFileSync(log, 'x'.repeat(11 * 1024 * 1024));
    await start(folder);
    expect(statSync(log).size).toBeLessThan(100_000);
  });
});

describe('the server', () => {
  let folder: string;
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    folder = makeFolder();
    server = await startEmbeddedPostgres({ dataDir: folder });
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is durable, and in the encoding and order that we count on', async () => {
    const settings = `SELECT current_setting('fsync') || current_setting('synchronous_commit') AS durable,
      current_setting('server_encoding') AS encoding, current_setting('timezone') AS timezone,
      datcollate AS collate
      FROM pg_database WHERE datname = current_database()`;
    const expected = { durable: 'onon', encoding: 'UTF8', timezone: 'UTC', collate: 'C' };
    expect(await ask(server.url, settings)).toEqual([expected]);
  });

  test('listens on loopback only, and on no socket in a folder', async () => {
    const settings = `SELECT current_setting('listen_addresses') AS tcp,
      current_setting('unix_socket_directories') AS unix`;
    expect(await ask(server.superuserUrl, settings)).toEqual([{ tcp: '127.0.0.1', unix: '' }]);
    const others = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .filter(({ internal }) => !internal);
    for (const { address } of others.filter(({ family }) => family === 'IPv4')) {
      await expect(ask(server.url.replace('127.0.0.1', address), 'SELECT')).rejects.toThrow('ECONNREFUSED');
    }
  });

  test('wants the password, which only the owner of the folder can read', async () => {
    const wrong = new URL(server.url);
    wrong.password = 'postgres';
    await expect(ask(wrong.href, 'SELECT')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(path.join(folder, 'postgres-password')).mode & 0o777).toBe(0o600);
    expect(statSync(path.join(folder, 'postgres')).mode & 0o777).toBe(0o700);
  });

  test('is out of reach of signals from the terminal', async () => {
    expect(() => process.kill(-server.pid, 0), 'it leads a process group of its own').not.toThrow();
  });

  test.runIf(isRoot)('runs as an ordinary user, also when root starts it', () => {
    expect(statSync(path.join(folder, 'postgres')).uid).toBe(NOBODY);
  });
});

describe('after a crash', () => {
  test('the server that a killed process left is adopted', async () => {
    const folder = madeFolder();
    const killed = await spawnOwner(folder);
    await ask(killed.said.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await killed.end('SIGKILL');

    const server = await start(folder);
    expect(server).toMatchObject({
      adopted: true,
      cold: false,
      pid: killed.said.pid,
      port: killed.said.port,
    });
    expect(await ask(server.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await server.stop();
    expect(processStamp(server.pid)).toBeUndefined();
  });

  test('a server that died with its process is replaced and has lost nothing', async () => {
    const folder = madeFolder();
    const killed = await spawnOwner(folder);
    await ask(killed.said.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await killed.end('SIGKILL');
    await endPostmaster(killed.said.pid);

    const server = await start(folder);
    expect(server).toMatchObject({ adopted: false, cold: false });
    expect(await ask(server.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  test('another program that got the pid of the server is left alone', async () => {
    const folder = madeFolder();
    const killed = await spawnOwner(folder);
    await killed.end('SIGKILL');
    await endPostmaster(killed.said.pid);
    const stranger = await spawnStranger();
    const pidFile = path.join(folder, 'postgres', 'postmaster.pid');
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(stranger.pid)));

    const server = await start(folder);
    expect(server.adopted).toBe(false);
    expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(stranger.exitCode).toBeNull();
  });
});

describe('a server that dies while its process goes on', () => {
  test('is started again on the same port, and again', async () => {
    const lines: string[] = [];
    const server = await start(madeFolder(), (line) => lines.push(line));
    await ask(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    for (let times = 0; times < 2; times++) {
      const { pid } = server;
      await endPostmaster(pid);
      await expect.poll(() => server.pid).not.toBe(pid);
      expect(await ask(server.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    }
    expect(lines.filter((line) => line.includes('ended by itself'))).toHaveLength(2);
  });

  test('is started again also where it was adopted', async () => {
    const folder = madeFolder();
    await (await spawnOwner(folder)).end('SIGKILL');
    const server = await start(folder);
    expect(server.adopted).toBe(true);
    const { pid } = server;
    await endPostmaster(pid);
    await expect.poll(() => server.pid).not.toBe(pid);
    expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('is given up in one line where it cannot be started', async () => {
    const folder = madeFolder();
    const lines: string[] = [];
    const server = await start(folder, (line) => lines.push(line));
    writeFileSync(path.join(folder, 'postgres', 'postgresql.auto.conf'), 'no_such_setting = 1\n');
    await endPostmaster(server.pid);
    const given = () => lines.filter((line) => line.includes('could not be started again'));
    await expect.poll(given, { timeout: 120_000 }).toEqual([expect.stringContaining('contains errors')]);
  });

  test('is not started again by one that stops', async () => {
    const lines: string[] = [];
    const server = await start(madeFolder(), (line) => lines.push(line));
    await endPostmaster(server.pid);
    await server.stop();
    expect(lines.filter((line) => line.includes('runs again'))).toEqual([]);
    expect(processStamp(server.pid)).toBeUndefined();
  });
});

test('a running server is found by its data folder, and only while it runs', async () => {
  const folder = madeFolder();
  expect(await findRunning(folder)).toBeUndefined();
  const server = await start(folder);
  expect(await findRunning(folder)).toBe(server.url);
  await server.stop();
  expect(await findRunning(folder)).toBeUndefined();
});

describe('two processes on one data folder', () => {
  test('the second is told who the first is', async () => {
    const folder = madeFolder();
    const first = await spawnOwner(folder);
    await expect(start(folder)).rejects.toThrow(
      `The data folder ${folder} is in use by process ${first.pid}.`,
    );
    expect(await ask(first.said.url, 'SELECT 1 AS one'), 'the first goes on').toEqual([{ one: 1 }]);
  });

  test('one process cannot start it twice either', async () => {
    const folder = madeFolder();
    await start(folder);
    await expect(start(folder)).rejects.toThrow(`in use by process ${process.pid}.`);
  });

  test('a lock whose pid is by now another process is taken over', async () => {
    const folder = madeFolder();
    writeFileSync(
      path.join(folder, 'parley.lock'),
      JSON.stringify({ pid: process.ppid, stamp: 'before', token: 't' }),
    );
    await start(folder);
  });

  test('of several that find the lock of a dead one, exactly one gets it', async () => {
    const folder = dataFolder();
    writeFileSync(
      path.join(folder, 'parley.lock'),
      JSON.stringify({ pid: process.ppid, stamp: 'before', token: 't' }),
    );
    const all = await Promise.all([1, 2, 3, 4].map(() => spawnOwner(folder)));
    const winners = all.filter(({ said }) => said.error === undefined);
    expect(winners).toHaveLength(1);
    for (const { said } of all.filter((each) => !winners.includes(each)))
      expect(said.error).toContain('is in use by');
  });

  test('a start that fails gives the folder free again', async () => {
    const folder = dataFolder();
    mkdirSync(path.join(folder, 'postgres'));
    writeFileSync(path.join(folder, 'postgres', 'not-a-database'), '');
    await expect(start(folder)).rejects.toThrow('A database could not be made');
    expect(existsSync(path.join(folder, 'parley.lock'))).toBe(false);
  });
});

test('libraries whose symbolic links were not made at the installation get them', () => {
  const root = dataFolder();
  mkdirSync(path.join(root, 'native', 'lib'), { recursive: true });
  writeFileSync(path.join(root, 'native', 'lib', 'libpq.so.5.18'), 'library');
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  writeFileSync(path.join(root, 'native', 'pg-symlinks.json'), JSON.stringify(links));
  for (let times = 0; times < 2; times++) restoreSymlinks(root, 'a package');
  expect(readlinkSync(path.join(root, 'native', 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
});

// ---- Helpers ------------------------------------------------------------------------------------

interface Said {
  url: string;
  port: number;
  pid: number;
  cold: boolean;
  adopted: boolean;
  error?: string;
}

/** Removed after the test, when everything that was started since has been stopped. */
function dataFolder(): string {
  const folder = makeFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The same, with the database of a server that was stopped. */
function madeFolder(): string {
  const folder = dataFolder();
  const { status, stderr } = spawnSync('cp', ['-a', `${made}/.`, folder], { encoding: 'utf8' }); // keeps the owners
  if (status !== 0) throw new Error(stderr);
  return folder;
}

function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-postgres-'));
  chmodSync(folder, 0o711);
  return folder;
}

function asUser(id: number) {
  return { uid: id, gid: id };
}

async function start(dataDir: string, log: (line: string) => void = () => {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, log });
  onTestFinished(() => server.stop());
  return server;
}

/** Another process that starts the server of `folder`, or reports why it cannot. */
async function spawnOwner(folder: string, user: { uid?: number; gid?: number } = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', owner, folder], {
    ...user,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const end = (signal: NodeJS.Signals) => endProcess(child, signal);
  onTestFinished(() => end('SIGTERM'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { pid: child.pid, said: JSON.parse(line) as Said, end };
}

/** A program that has nothing to do with us, run by the user that the server runs as. */
async function spawnStranger(): Promise<ChildProcess> {
  const stranger = spawn('sleep', ['600'], isRoot ? asUser(NOBODY) : {});
  onTestFinished(() => endProcess(stranger, 'SIGKILL'));
  await once(stranger, 'spawn');
  return stranger;
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

async function endPostmaster(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  while (processStamp(pid) !== undefined) await delay(5);
}

async function ask(url: string, question: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query(question)).rows;
  } finally {
    await client.end();
  }
}
